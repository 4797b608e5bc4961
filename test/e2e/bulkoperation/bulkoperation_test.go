// Package bulkoperation does bulk work over the machines of two sites, and kills the hub and cuts a site in the middle.
package bulkoperation

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// machine is one that the tests work on: its site's name and id.
type machine struct{ siteName, site, name string }

// few is how many machines a test has at each site, unless machinesEach says more: a test, or somebody who looks by hand.
const (
	few          = 3
	machinesEach = "CROFT_BULK_MACHINES"
)

// many is how many machines a test has at each site.
func many(t *testing.T) int {
	t.Helper()
	return said(t, machinesEach, few)
}

// said is a number that the environment says, or another.
func said(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return number
}

// stock makes machines at both sites whose names sort by site: those of near first.
func stock(t *testing.T, s *stage.Stage, prefix, near, far string) []machine {
	t.Helper()
	var all []machine
	for order, site := range []string{near, far} {
		id := s.Site(t, site)
		for i := range many(t) {
			m := machine{site, id, fmt.Sprintf("%s-%d-%03d", prefix, order, i)}
			s.Admin.MakeMachine(t, id, stage.Diskless("default", m.name))
			all = append(all, m)
		}
	}
	for _, m := range all {
		s.WaitState(t, m.site, "default", m.name, "Running", 2*time.Minute)
		t.Cleanup(func() { s.Remove(t, m.site, "default", m.name) })
	}
	return all
}

// TestStopAndStart stops machines of both sites after a dry run, and starts them again while the hub is killed: each is
// begun once.
func TestStopAndStart(t *testing.T) {
	s, each := stage.Open(t), many(t)
	all := stock(t, s, "bulk-both", "site-1", "site-2")
	s.Do(t, all[0].site, "default", all[0].name, "stop", nil)
	s.WaitState(t, all[0].site, "default", all[0].name, "Stopped", 2*time.Minute)

	op := order(t, s, "stop", "bulk-both", map[string]any{"waveSize": 2})
	op = until(t, s, op.ID, "a dry run", time.Minute, phase("Checked"))
	if op.Status.Counts.Total != 2*each || op.Status.Counts.Allowed != 2*each-1 {
		t.Errorf("the dry run says %+v", op.Status)
	}
	if first := op.Status.Items[0]; first.Check != "Refused" || first.Message == "" {
		t.Errorf("of a machine that is stopped it says %+v", first)
	}
	for _, m := range all[1:] {
		s.WaitState(t, m.site, "default", m.name, "Running", time.Minute)
	}
	s.Admin.Must(t, "POST", operations+"/"+op.ID+"?action=run", map[string]any{}, nil)
	op = until(t, s, op.ID, "all stopped", 2*time.Minute, phase("Completed"))
	if op.Status.Counts.Succeeded != 2*each-1 || op.Status.Counts.Skipped != 1 {
		t.Errorf("%+v", op.Status)
	}
	for _, m := range all {
		s.WaitState(t, m.site, "default", m.name, "Stopped", 2*time.Minute)
	}

	begun := map[string]*lives{"site-1": watchLives(t, s, "site-1"), "site-2": watchLives(t, s, "site-2")}
	op = order(t, s, "start", "bulk-both", map[string]any{"mode": "Run", "waveSize": 1, "failures": map[string]any{"max": "100%"}})
	until(t, s, op.ID, "one of them started", time.Minute, func(op operation) bool { return op.Status.Counts.Succeeded > 0 })
	s.Kill(t, "hub/croft-fleet")
	op = until(t, s, op.ID, "the rest started after the hub was killed", 4*time.Minute, phase("Completed"))
	if op.Status.Counts.Succeeded+op.Status.Counts.Unknown != 2*each {
		t.Errorf("%+v", op.Status)
	}
	for i, m := range all {
		if op.Status.Items[i].State == "Unknown" && begun[m.siteName].of(m.name) == 0 {
			continue // it was not done, and is not called done
		}
		s.WaitState(t, m.site, "default", m.name, "Running", 2*time.Minute)
		if times := begun[m.siteName].of(m.name); times != 1 {
			t.Errorf("%s was begun %d times: %+v", m.name, times, op.Status.Items[i])
		}
	}
}

// TestASiteIsCut restarts machines of both sites, and cuts one of the sites in the middle. The other's are restarted, once
// each; of the cut one's it is said that nothing was sent, or that it is not known. See crowd for how to have it done among
// thousands.
func TestASiteIsCut(t *testing.T) {
	s := stage.Open(t)
	crowd(t, s, "site-2", "site-1")
	all := stock(t, s, "bulk-cut", "site-2", "site-1")
	begun := map[string]*lives{"site-1": watchLives(t, s, "site-1"), "site-2": watchLives(t, s, "site-2")}
	stage.Eventually(t, "each is known to have been begun", time.Minute, func() error {
		for _, m := range all {
			if begun[m.siteName].of(m.name) != 1 {
				return fmt.Errorf("%s was not", m.name)
			}
		}
		return nil
	})
	op := order(t, s, "restart", "bulk-cut", map[string]any{"mode": "Run", "waveSize": max(1, len(all)/20), "failures": map[string]any{"max": 1}})
	// Shortly before the other site's turn: the sandbox sees to it that nothing stays frozen for long.
	until(t, s, op.ID, "most of the near ones restarted", 4*time.Minute, func(op operation) bool { return op.Status.Counts.Succeeded > len(all)/2-few })
	thaw := s.Freeze(t, "site-1/cattle-cluster-agent", "site-1/croft-serve")
	cut := time.Now()
	op = until(t, s, op.ID, "too many failed", 4*time.Minute, phase("Paused"))
	t.Logf("%.0f s after the cut: %s %+v", time.Since(cut).Seconds(), op.Status.Message, op.Status.Counts)
	thaw()
	for i, m := range all {
		item := op.Status.Items[i]
		if m.siteName == "site-2" && item.State != "Succeeded" {
			t.Errorf("%s of the site that was there: %+v", m.name, item)
		}
		if (item.State == "Failed" || item.State == "Unknown") && item.Message == "" {
			t.Errorf("%s has no sentence: %+v", m.name, item)
		}
	}
	if !strings.Contains(op.Status.Message, "spec.failures.max") {
		t.Errorf("the operation says %q", op.Status.Message)
	}
	s.Site(t, "site-1")
	s.Admin.Must(t, "POST", operations+"/"+op.ID+"?action=run", map[string]any{"failures": map[string]any{"max": "100%"}}, nil)
	op = until(t, s, op.ID, "the rest restarted", 3*time.Minute, phase("Completed"))
	t.Logf("%.0f s after the cut: %s %+v", time.Since(cut).Seconds(), op.Status.Message, op.Status.Counts)
	for i, m := range all {
		s.WaitState(t, m.site, "default", m.name, "Running", 2*time.Minute)
		item, most := op.Status.Items[i], 1
		if item.State == "Succeeded" || item.State == "Unknown" {
			most = 2
		}
		stage.Eventually(t, m.name+" begun as often as is said", time.Minute, func() error {
			if times := begun[m.siteName].of(m.name); times > most || item.State == "Succeeded" && times != 2 {
				return fmt.Errorf("%d times: %+v", times, item)
			}
			return nil
		})
	}
}
