package resilience

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// operations is how many deeds are done while the controllers die; CROFT_KILL_OPERATIONS changes it.
const operations = 200

// TestKillManage does many things at a site while its controllers are killed at random points. All end as if nothing had
// happened, and nothing is left over.
func TestKillManage(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const namespace = "killed"
	d := doer{Client: s.Admin, site: id, namespace: namespace, image: s.TinyImage(t, id)}
	if err := d.ask(http.MethodPost, stage.OfSite(id, "namespaces"), map[string]any{
		"type": "namespace", "metadata": map[string]any{"name": namespace},
	}, http.StatusCreated, http.StatusConflict); err != nil {
		t.Fatal(err)
	}

	stop, killed := make(chan struct{}), make(chan int)
	go func() { killed <- killAtRandom(s.Dir, "site-1/croft-manage", stop) }()
	var group errgroup.Group
	group.SetLimit(8)
	for i := range count() {
		deed := deeds[i%len(deeds)]
		group.Go(func() error {
			if err := deed.do(d, fmt.Sprintf("deed-%d", i)); err != nil {
				return fmt.Errorf("deed %d, %s: %w", i, deed.name, err)
			}
			return nil
		})
	}
	err := group.Wait()
	close(stop)
	t.Logf("%d deeds, the controllers killed %d times", count(), <-killed)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{machineKind, claimKind, imageKind, keyKind, "cdi.kubevirt.io.datavolumes", "pods", "snapshot.storage.k8s.io.volumesnapshots"} {
		stage.Eventually(t, "nothing is left of "+kind, patient, func() error { return nothing(d, kind) })
	}
}

// count is how many deeds to do.
func count() int {
	if n, err := strconv.Atoi(os.Getenv("CROFT_KILL_OPERATIONS")); err == nil && n > 0 {
		return n
	}
	return operations
}

// killAtRandom kills a process of the sandbox again and again, each time at a random moment of its next life, and says how
// often.
func killAtRandom(dir, name string, stop <-chan struct{}) (times int) {
	for {
		select {
		case <-stop:
			return times
		case <-time.After(500*time.Millisecond + rand.N(5*time.Second)): //nolint:gosec // any moment will do
		}
		now, err := state.Read(dir)
		if err != nil {
			continue
		}
		for _, p := range now.Processes {
			if p.Name == name && p.State == process.Running && syscall.Kill(p.PID, syscall.SIGKILL) == nil {
				times++
			}
		}
	}
}

// nothing says what is left of a kind.
func nothing(d doer, kind string) error {
	code, answer, err := d.Try(http.MethodGet, stage.OfSite(d.site, kind+"/"+d.namespace), nil)
	if err != nil {
		return err
	}
	var list struct {
		Data []struct{ ID string }
	}
	if err := json.Unmarshal(answer, &list); code != http.StatusOK || err != nil {
		return fmt.Errorf("%d %s", code, answer)
	}
	if len(list.Data) > 0 {
		return fmt.Errorf("%d are left, such as %s", len(list.Data), list.Data[0].ID)
	}
	return nil
}
