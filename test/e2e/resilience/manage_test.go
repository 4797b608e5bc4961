package resilience

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// operations is how many things are made, changed and deleted at least while the controllers die, each kind of deed among
// them; CROFT_KILL_OPERATIONS changes it.
const operations = 200

// longer is how much longer each life of the controllers may last than the one before.
const longer = 100 * time.Millisecond

// TestKillManage does many things at a site while its controllers are killed at random points. All end as if nothing had
// happened, and nothing is left over.
func TestKillManage(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const namespace = "killed"
	s.InstallLonghorn(t, "site-1")
	nodes := strings.Fields(s.Kubectl(t, "site-1", "", "get", "nodes", "-o", "jsonpath={.items[*].metadata.name}"))
	d := doer{
		Client: s.Admin, site: id, namespace: namespace, image: s.TinyImage(t, id), files: serveDisk(t), node: nodes[len(nodes)-1], operations: &atomic.Int64{},
	}
	if err := d.ask(http.MethodPost, stage.OfSite(id, "namespaces"), map[string]any{
		"type": "namespace", "metadata": map[string]any{"name": namespace},
	}, http.StatusCreated, http.StatusConflict); err != nil {
		t.Fatal(err)
	}

	stop, killed := make(chan struct{}), make(chan int)
	go func() { killed <- killAtRandom(s.Dir, "site-1/croft-manage", stop) }()
	var group errgroup.Group
	group.SetLimit(8)
	number := 0
	for ; number < len(deeds) || d.operations.Load() < count(); number++ {
		deed, name := deeds[number%len(deeds)], fmt.Sprintf("deed-%d", number)
		group.Go(func() error {
			if err := deed.do(d, name); err != nil {
				return fmt.Errorf("%s, %s: %w", name, deed.name, err)
			}
			return nil
		})
	}
	err := group.Wait()
	close(stop)
	t.Logf("%d operations in %d deeds, the controllers killed %d times", d.operations.Load(), number, <-killed)
	if err != nil {
		t.Fatal(err)
	}
	stage.Eventually(t, "nothing is left", patient, func() error { return left(t, s, namespace) })
}

// count is how many operations to do.
func count() int64 {
	if n, err := strconv.ParseInt(os.Getenv("CROFT_KILL_OPERATIONS"), 10, 64); err == nil && n > 0 {
		return n
	}
	return operations
}

// killAtRandom kills a process of the sandbox again and again, each time at a random moment of its life, and says how often.
// A life begins when the process does, which a busy machine lets wait; and each may be a little longer than the last, so that
// such a machine comes to an end as well.
func killAtRandom(dir, name string, stop <-chan struct{}) (times int) {
	for killed := 0; ; {
		pid, pause := lives(dir, name), 200*time.Millisecond
		begun := pid != 0 && pid != killed
		if begun {
			pause = 500*time.Millisecond + rand.N(8*time.Second+time.Duration(times)*longer) //nolint:gosec // any moment will do
		}
		select {
		case <-stop:
			return times
		case <-time.After(pause):
		}
		if begun {
			if killed = pid; syscall.Kill(pid, syscall.SIGKILL) == nil {
				times++
			}
		}
	}
}

// lives is the id of a process of the sandbox, 0 while it does not run.
func lives(dir, name string) int {
	now, err := state.Read(dir)
	if err != nil {
		return 0
	}
	for _, p := range now.Processes {
		if p.Name == name && p.State == process.Running {
			return p.PID
		}
	}
	return 0
}
