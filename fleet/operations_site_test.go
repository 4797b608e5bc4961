package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// deedSite is the Steve server of a site as far as bulk work sees it, and fails as names say: "no-…" refuses, "cut-…" does
// it and breaks off, "off-…" is stopped already. Everything else is the real API server's. Real sites are in test/e2e.
type deedSite struct {
	next http.Handler

	lock sync.Mutex
	// stopped are those that are off.
	stopped map[string]bool
	// deeds are how often each was told to stop, and by whom.
	deeds map[string]int
	users map[string]string
	// most is how many were told at the same time.
	under, most int
	// hold is waited for before anything is answered.
	hold chan struct{}
}

func newDeedSite(t *testing.T, config *rest.Config) *deedSite {
	t.Helper()
	return &deedSite{next: apiServer(t, config), stopped: map[string]bool{}, deeds: map[string]int{}, users: map[string]string{}}
}

const steveMachines = "/v1/harvester/kubevirt.io.virtualmachines/"

func (d *deedSite) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	name, ours := strings.CutPrefix(req.URL.Path, steveMachines)
	switch {
	case !ours:
		d.next.ServeHTTP(w, req)
	case req.Method == http.MethodGet:
		d.show(w, name)
	case req.URL.Query().Get("action") != "stop":
		say(w, http.StatusNotFound, "There is no such action.")
	default:
		d.stop(w, req, name)
	}
}

func (d *deedSite) show(w http.ResponseWriter, name string) {
	d.lock.Lock()
	defer d.lock.Unlock()
	object := map[string]any{"id": name, "metadata": map[string]any{"uid": "uid-" + name, "resourceVersion": fmt.Sprint(100 + d.deeds[name])}}
	if d.stopped[name] || strings.Contains(name, "/off-") {
		object["actions"], object["unavailable"] = map[string]any{"start": "…"}, map[string]any{"stop": "The machine is stopped already."}
	} else {
		object["actions"] = map[string]any{"stop": "…"}
	}
	_ = json.NewEncoder(w).Encode(object)
}

func (d *deedSite) stop(w http.ResponseWriter, req *http.Request, name string) {
	d.lock.Lock()
	d.deeds[name]++
	d.users[name] = req.Header.Get("Impersonate-User") + " of " + strings.Join(req.Header.Values("Impersonate-Group"), ",")
	d.under++
	d.most = max(d.most, d.under)
	hold := d.hold
	d.lock.Unlock()
	if hold != nil {
		<-hold
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	d.under--
	if strings.Contains(name, "/no-") {
		say(w, http.StatusConflict, "The machine "+name+" cannot be stopped: somebody holds it.")
		return
	}
	d.stopped[name] = true
	if strings.Contains(name, "/cut-") {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusNoContent)
}

func say(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"type": "error", "status": status, "code": "Conflict", "message": message})
}

// done is how often each machine was told to stop.
func (d *deedSite) done() map[string]int {
	d.lock.Lock()
	defer d.lock.Unlock()
	all := map[string]int{}
	for name, times := range d.deeds {
		all[name] = times
	}
	return all
}
