package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/test/bench/farm"
)

// measured is what was seen of one hub.
type measured struct {
	spec farm.Spec
	// rows is how many the index has, of all types.
	rows int
	// fill is the time from the first question to a site until everything is known and followed.
	fill, fillCPU time.Duration
	// memory and disk are of all rows together; disk is what lies there when the hub has ended.
	memory, disk int64
	// warm is the time from the start of a hub with all rows to its first page.
	warm, warmCPU time.Duration
	pages         []outcome
	// broken are pages while half of the sites are dead or slow; before are the same ones.
	before, broken []outcome
}

// machines is how many there are in all.
func (m measured) machines() int { return m.spec.Sites * m.spec.Machines }

// measureHub has a hub follow a farm, and asks it.
func measureHub(b testing.TB, spec farm.Spec, e effort, faults bool) measured {
	b.Helper()
	f, err := farm.Start(spec)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := f.Stop(); err != nil {
			b.Error(err)
		}
	}()
	m := measured{spec: spec}
	folder := b.TempDir()
	m.fillFrom(b, f, folder, e, faults)
	m.disk = folderSize(b, folder)
	m.again(b, folder)
	return m
}

// fillFrom follows the farm and asks.
func (m *measured) fillFrom(b testing.TB, f *farm.Farm, folder string, e effort, faults bool) {
	b.Helper()
	empty := memory(b)
	h, err := openHub(b.Context(), folder)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close(b)
	begun, spent := time.Now(), cpu(b)
	h.follow(b.Context(), b, f, m.spec, budgetFor(m.spec))
	until(b, "every site is followed", func() bool { return h.fresh() == m.spec.Sites })
	m.fill, m.fillCPU = time.Since(begun), cpu(b)-spent
	m.rows = h.count(b)
	m.memory = memory(b) - empty
	for _, q := range questions {
		m.pages = append(m.pages, e.run(b, h.served, q.who, indexPath+"?"+q.index))
	}
	if faults {
		m.breakHalf(b, f, h, e)
	}
}

// budgetFor lets a site have as many objects as it has; one site with 10,000 is within what is usual.
func budgetFor(spec farm.Spec) collect.Budget {
	budget := collect.DefaultBudget
	budget.Bytes = max(budget.Bytes, int64(spec.Machines)<<12)
	return budget
}

// count is how many rows there are of all types, those too that are kept for the hub's own use.
func (h *hub) count(b testing.TB) int {
	b.Helper()
	all := 0
	var sites []string
	for _, s := range h.rows.Sites() {
		sites = append(sites, s.ID)
	}
	for _, t := range h.rows.Types() {
		if t.Hidden {
			if err := h.rows.Parts(b.Context(), t, func(index.Key, []byte) error { all++; return nil }); err != nil {
				b.Fatal(err)
			}
			continue
		}
		tallies, err := h.rows.Count(b.Context(), index.Query{Type: t, Scope: index.Scope{Sites: sites}}, nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, tally := range tallies {
			all += tally.Count
		}
	}
	return all
}

// breakHalf has every second site dead or slow, and asks as before: the questions of which the answers come from all sites.
func (m *measured) breakHalf(b testing.TB, f *farm.Farm, h *hub, e effort) {
	b.Helper()
	ask := func() []outcome {
		var all []outcome
		for _, q := range questions[:4] {
			all = append(all, e.run(b, h.served, q.who, indexPath+"?"+q.index))
		}
		return all
	}
	m.before = ask()
	for number := 0; number < m.spec.Sites; number += 2 {
		fault := farm.Dead
		if number%4 == 0 {
			fault = farm.Slow
		}
		if err := f.Break(number, fault); err != nil {
			b.Fatal(err)
		}
	}
	m.broken = ask()
}

// again starts a hub where there is one's data, and waits for its first page.
func (m *measured) again(b testing.TB, folder string) {
	b.Helper()
	begun, spent := time.Now(), cpu(b)
	h, err := openHub(b.Context(), folder)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close(b)
	status, text := get(b, h.served, indexPath+"?pagesize=100")
	m.warm, m.warmCPU = time.Since(begun), cpu(b)-spent
	if status != 200 || countOf(b, text) != m.machines() {
		b.Fatalf("after a restart the first page was %d and had %d machines", status, countOf(b, text))
	}
}

// countOf is how many machines an answer speaks of.
func countOf(b testing.TB, text []byte) int {
	b.Helper()
	var answer struct{ Count int }
	if err := json.Unmarshal(text, &answer); err != nil {
		b.Error(err)
	}
	return answer.Count
}

// memory is what the process holds that is not of a file, after everything unused has been let go.
func memory(b testing.TB) int64 {
	b.Helper()
	for range 2 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kilobytes int64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "RssAnon: %d kB", &kilobytes); err == nil {
			return kilobytes << 10
		}
	}
	b.Fatal("the kernel does not say RssAnon")
	return 0
}
