package peer

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// world is what all steps of the test share: the real Rancher with site-1, and our
// own hub with site-2.
type world struct {
	dir           string // of the sandbox
	rancher, ours *hub
	// site and oursite are the ids of the two sites in their hubs.
	site, oursite string
	supervisor    *process.Supervisor
	taken         []controlplane.Ports
}

// startTimeout is how long both hubs and the joining of both sites may take.
const startTimeout = 10 * time.Minute

// TestPeer starts the world and asks it everything, in this order: a site is away
// only at the end.
func TestPeer(t *testing.T) {
	w := &world{dir: os.Getenv("CROFT_SANDBOX"), supervisor: process.New(nil)}
	if w.dir == "" {
		t.Fatal("CROFT_SANDBOX is not set: run `make test-rancher`, which starts the sandbox of the sites")
	}
	t.Cleanup(w.supervisor.Stop)
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	began := time.Now()
	if err := w.start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("both hubs have their sites after %.0f s", time.Since(began).Seconds())
	t.Run("SiteIsConnected", w.siteIsConnected)
	t.Run("Page", w.page)
	t.Run("Machine", w.machine)
	t.Run("BackendComesBack", w.backendComesBack)
	t.Run("Member", w.member)
	t.Run("SameQuestions", w.sameQuestions)
	t.Run("SiteAway", w.siteAway)
}

// start runs both hubs side by side and joins a site of the sandbox to each.
func (w *world) start(ctx context.Context) error {
	sandbox, err := state.Read(w.dir)
	if err != nil {
		return err
	}
	for _, ports := range sandbox.Ports {
		w.taken = append(w.taken, ports)
	}
	rancher, err := w.bare("rancher", "extension")
	if err != nil {
		return err
	}
	ours, err := w.bare("ours", "croft-fleet")
	if err != nil {
		return err
	}
	site, err := w.plane("site-1", sandbox.Ports["site-1"])
	if err != nil {
		return err
	}
	oursite, err := w.plane("site-2", sandbox.Ports["site-2"])
	if err != nil {
		return err
	}
	return all(ctx,
		func(ctx context.Context) (err error) {
			if w.rancher, err = startRancher(ctx, rancher); err != nil {
				return err
			}
			if err := w.rancher.besideRancher(ctx); err != nil {
				return err
			}
			w.site, err = w.rancher.join(ctx, site)
			return err
		},
		func(ctx context.Context) (err error) {
			if w.ours, err = startStandalone(ctx, ours); err != nil {
				return err
			}
			w.oursite, err = w.ours.join(ctx, oursite)
			return err
		},
	)
}

// bare is a cluster for a hub, with ports that nothing else has.
func (w *world) bare(name string, more ...string) (*plane, error) {
	ports := controlplane.Ports{}
	listeners := append([]string{"etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager"}, more...)
	if err := ports.Choose(controlplane.AllPorts, state.Seed(w.dir+name), w.taken, listeners...); err != nil {
		return nil, err
	}
	w.taken = append(w.taken, ports)
	return w.plane(name, ports)
}

func (w *world) plane(name string, ports controlplane.Ports) (*plane, error) {
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	return newPlane(root, name, filepath.Join(w.dir, name), ports, w.supervisor)
}

// seen is a hub as the end-to-end tests see one.
func seen(h *hub) *stage.Stage { return &stage.Stage{Admin: h.admin} }
