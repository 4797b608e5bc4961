package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/test/bench/farm"
	"crofthci.io/croft/test/controlplane"
)

// TestAPIServerAway kills the hub's own API server amid a bulk operation of two replicas, and then takes it away for longer
// than a lease lasts. Lists are served on, nothing is done twice, all of it is done, and subscriptions that were open
// before hear of what comes after.
func TestAPIServerAway(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	words := listenToLog(t)
	var programs controlplane.Programs
	p := newPlane(t, controlplane.WithPrograms(&programs))
	p.define(t)
	p.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "croft-system"}})
	p.operate(t)
	w, site := heldSite(t, p)
	p.config = as(p.config, fleetAccount)
	p.create(t, cluster(near, "Near"))
	p.create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "croft-system", Name: "croft-aggregation"},
		Data:       map[string][]byte{"url": []byte(p.rancher.URL + "/v3/connect"), "token": []byte(tunnelToken)},
	})
	p.startIn(t, t.TempDir())
	p.startIn(t, t.TempDir())
	eventually(t, "both hubs have dialled", func() bool { return p.rancher.dialled.Load() >= 2 })
	admin := caller{p.rancher, "admin", []string{"system:masters", "system:authenticated"}}
	shows := func() bool {
		var a answer
		return admin.get(t, vms+"?pagesize=1", &a) == http.StatusOK && a.Count == len(w.machines)
	}
	eventually(t, "the rows are there", shows)
	rows, operations := admin.subscribe(t, `{"resourceType":"virtualmachine"}`), admin.subscribe(t, `{"resourceType":"bulkoperation","cursor":""}`)
	hears(t, rows, "resource.start", "")
	hears(t, operations, "resource.start", "")
	var made told
	order := map[string]any{"spec": map[string]any{"type": "virtualmachine", "action": "stop", "mode": "Run", "waveSize": 3, "selector": map[string]any{"all": true}}}
	eventually(t, "the operation is made", func() bool { return admin.send(t, "POST", bulks, order, &made) == http.StatusCreated })

	begun := func(count int) {
		t.Helper()
		eventually(t, fmt.Sprintf("%d were told to stop", count), func() bool { return len(site.done()) == count })
	}
	begun(3)
	site.let(3)
	begun(6)
	// A wave is at the site: its answers come while nobody can write them down.
	if err := programs.Kill(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	site.let(3)
	begun(9)
	if err := programs.Stop(controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	site.let(3)
	eventually(t, "who did the work has lost the lease", func() bool { return words.has("work was interrupted and is taken up again") })
	if !shows() {
		t.Error("without the hub's API server the rows are not served")
	}
	if now := len(site.done()); now != 9 {
		t.Errorf("without the hub's API server %d were told to stop, want the 9 of before", now)
	}
	if err := programs.Start(t.Context(), controlplane.APIServer); err != nil {
		t.Fatal(err)
	}
	close(site.hold)
	op := hearsOfEnd(t, operations, hubSite+"/"+made.ID)
	if op["phase"] != string(fleetv1.BulkCompleted) {
		t.Errorf("the operation is %v: %v", op["phase"], op["message"])
	}
	items, _ := op["items"].([]any)
	for _, each := range items {
		if item, _ := each.(map[string]any); item["state"] != string(fleetv1.BulkItemSucceeded) {
			t.Errorf("%v", item)
		}
	}
	if len(items) != len(w.machines) {
		t.Errorf("%d items, want %d", len(items), len(w.machines))
	}
	for name, times := range site.done() {
		if times != 1 {
			t.Errorf("%s was told %d times", name, times)
		}
	}
	id, vm := w.machine(0, 7)
	if err := w.write(0, id, vm); err != nil {
		t.Fatal(err)
	}
	hears(t, rows, "resource.change", near+id[len(farmed(0)):])
}

// heldSite makes a site near of a farm's machines, of which each that is told to stop waits until it is let.
func heldSite(t *testing.T, p *plane) (*world, *deedSite) {
	t.Helper()
	spec := farm.Spec{Sites: 1, Machines: 30}
	sites, err := farm.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sites.Stop(); err != nil {
			t.Error(err)
		}
	})
	site := newDeedSite(t, sites.Config(0))
	site.hold = make(chan struct{})
	p.rancher.set(near, site)
	return newWorld(t, spec, sites), site
}

// let lets some of those who wait go on.
func (d *deedSite) let(count int) {
	for range count {
		d.hold <- struct{}{}
	}
}

// hearsOfEnd waits until an operation is told to have ended, and gives its status.
func hearsOfEnd(t *testing.T, events <-chan map[string]any, id string) map[string]any {
	t.Helper()
	ends := []any{string(fleetv1.BulkCompleted), string(fleetv1.BulkFailed), string(fleetv1.BulkCancelled), string(fleetv1.BulkPaused)}
	for {
		status, _ := hearsOf(t, events, id)["status"].(map[string]any)
		if slices.Contains(ends, status["phase"]) {
			return status
		}
	}
}

// logged is a log that is read by a test.
type logged struct {
	slog.Handler

	lock sync.Mutex
	said map[string]bool
}

// listenToLog has a test know what is logged.
func listenToLog(t *testing.T) *logged {
	t.Helper()
	l := &logged{Handler: slog.NewTextHandler(os.Stderr, nil), said: map[string]bool{}}
	before := slog.Default()
	slog.SetDefault(slog.New(l))
	t.Cleanup(func() { slog.SetDefault(before) })
	return l
}

// Handle takes a line.
func (l *logged) Handle(ctx context.Context, line slog.Record) error {
	l.lock.Lock()
	l.said[line.Message] = true
	l.lock.Unlock()
	return l.Handler.Handle(ctx, line)
}

func (l *logged) has(message string) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.said[message]
}
