package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/test/bench/farm"
)

const (
	// kills is how often the hub is killed. Of as many starts the fastest counts: a machine on which other tests run too
	// gives a program what is left.
	kills = 3
	// warm is in how much time a hub that was killed shows its rows again, however many of a hundred thousand there are.
	warm = 5 * time.Second
	// before is how many machines are changed before each kill, and away how many while there is no hub.
	before, away = 600, 300
)

// TestKilled kills croft-fleet, the whole process, again and again while the machines of its sites change. Each time its
// rows are back soon, and once the sites have told what happened meanwhile they are what the sites have, one by one; and no
// site was asked to list its machines anew.
//
// CROFT_BENCH_SITES and CROFT_BENCH_MACHINES change how many there are. With a hundred thousand:
//
//	CROFT_BENCH_SITES=100 CROFT_BENCH_MACHINES=1000 go test ./fleet -run TestKilled -v
func TestKilled(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	spec := farm.Spec{Sites: size(t, "CROFT_BENCH_SITES", 20), Machines: size(t, "CROFT_BENCH_MACHINES", 500)}
	sites, err := farm.Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sites.Stop(); err != nil {
			t.Error(err)
		}
	})
	p := newPlane(t)
	p.define(t)
	p.create(t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "croft-system"}},
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "croft-system", Name: "croft-aggregation"},
			Data:       map[string][]byte{"url": []byte(p.rancher.URL + "/v3/connect"), "token": []byte(tunnelToken)},
		})
	var lists atomic.Int64
	for number := range spec.Sites {
		p.rancher.set(farmed(number), listCounter{apiServer(t, sites.Config(number)), &lists})
		p.create(t, cluster(farmed(number), fmt.Sprintf("Site %03d", number)))
	}
	arguments := []string{"serve", "--kubeconfig=" + p.kubeconfig(t), "--data-dir=" + p.data, "--rancher-url=" + p.rancher.URL, "--rancher-token-file=" + p.token}
	admin := caller{p.rancher, "admin", []string{"system:masters", "system:authenticated"}}

	hub := program(t, arguments...)
	w := newWorld(t, spec, sites)
	begun := time.Now()
	follows(t, admin, spec)
	w.holds(t, admin)
	t.Logf("%d machines of %d sites were there after %.1f s", len(w.machines), spec.Sites, time.Since(begun).Seconds())
	listed, least := lists.Load(), time.Hour
	if listed < int64(2*spec.Sites) {
		t.Errorf("%d lists of machines and instances were asked for at first, at %d sites", listed, spec.Sites)
	}
	for kill := range kills {
		stop := w.change(t)
		eventually(t, "some machines have changed", func() bool { return w.changes.Load() >= before })
		if err := hub.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = hub.Wait() // it was killed
		eventually(t, "more have changed without a hub", func() bool { return w.changes.Load() >= before+away })
		begun = time.Now()
		hub = program(t, arguments...)
		var first answer
		eventually(t, "the hub answers", func() bool { return admin.get(t, vms+"?pagesize=100", &first) == http.StatusOK })
		took := time.Since(begun)
		stop()
		least = min(least, took)
		if missing := len(w.machines) - first.Count; missing > int(w.changes.Load()) {
			t.Errorf("the first answer after kill %d has %d machines, of %d", kill+1, first.Count, len(w.machines))
		}
		follows(t, admin, spec)
		w.holds(t, admin)
		t.Logf("kill %d: %d machines were back after %.2f s, and as the sites have them after %.1f s", kill+1, first.Count, took.Seconds(), time.Since(begun).Seconds())
	}
	if least > warm {
		t.Errorf("the fastest of %d starts took %v until there were rows, want %v at most", kills, least, warm)
	}
	if again := lists.Load() - listed; again != 0 {
		t.Errorf("%d lists of machines or instances were asked for again", again)
	}
}

// size is how many there are, unless the environment says otherwise.
func size(t *testing.T, name string, otherwise int) int {
	t.Helper()
	said := os.Getenv(name)
	if said == "" {
		return otherwise
	}
	number, err := strconv.Atoi(said)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return number
}

// farmed is the id of a site of a farm.
func farmed(number int) string { return fmt.Sprintf("c-m-%08d", number) }

// kubeconfig is a file that leads to the plane.
func (p *plane) kubeconfig(t *testing.T) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["hub"] = &clientcmdapi.Cluster{Server: p.config.Host, CertificateAuthorityData: p.config.CAData}
	config.AuthInfos["hub"] = &clientcmdapi.AuthInfo{Token: p.config.BearerToken}
	config.Contexts["hub"] = &clientcmdapi.Context{Cluster: "hub", AuthInfo: "hub"}
	config.CurrentContext = "hub"
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// listCounter counts the lists of machines and instances that a site is asked for.
type listCounter struct {
	http.Handler

	lists *atomic.Int64
}

func (c listCounter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ofMachines := strings.HasSuffix(r.URL.Path, "/virtualmachines") || strings.HasSuffix(r.URL.Path, "/virtualmachineinstances")
	if ofMachines && r.URL.Query().Get("watch") == "" {
		c.lists.Add(1)
	}
	c.Handler.ServeHTTP(w, r)
}

// follows waits until every site is followed.
func follows(t *testing.T, who caller, spec farm.Spec) {
	t.Helper()
	eventually(t, "every site is followed", func() bool {
		var a answer
		if who.get(t, vms+"?pagesize=1", &a) != http.StatusOK || len(a.Sites) != spec.Sites {
			return false
		}
		for _, site := range a.Sites {
			if site["synced"] != true || site["complete"] != true {
				return false
			}
		}
		return true
	})
}

// world is what the sites have: each machine by its id, and the step at which it was last written.
type world struct {
	spec    farm.Spec
	clients []*http.Client
	hosts   []string
	random  *rand.Rand

	machines map[string]string
	steps    int
	// changes are how many there were since they last began.
	changes atomic.Int64
}

// newWorld is the sites as the farm has filled them.
func newWorld(t *testing.T, spec farm.Spec, sites *farm.Farm) *world {
	t.Helper()
	w := &world{spec: spec, random: rand.New(rand.NewPCG(1, 2)), machines: map[string]string{}}
	for site := range spec.Sites {
		config := sites.Config(site)
		client, err := rest.HTTPClientFor(config)
		if err != nil {
			t.Fatal(err)
		}
		w.clients, w.hosts = append(w.clients, client), append(w.hosts, config.Host)
		for machine := range spec.Machines {
			id, _ := w.machine(site, machine)
			w.machines[id] = ""
		}
	}
	return w
}

// machine is the id of one of the farm's machines in the hub, and the machine.
func (w *world) machine(site, number int) (string, map[string]any) {
	vm, _ := farm.Machine(w.spec.Namespace(site, number%farm.Namespaces), site*w.spec.Machines+number)
	metadata := vm["metadata"].(map[string]any)
	return fmt.Sprintf("%s/%s/%s", farmed(site), metadata["namespace"], metadata["name"]), vm
}

// rate is how many changes there are in a second at most.
const rate = 500

// change changes machines until it is stopped: most are written, some removed, and those that were removed made anew.
func (w *world) change(t *testing.T) (stop func()) {
	t.Helper()
	w.changes.Store(0)
	over := make(chan struct{})
	var changing sync.WaitGroup
	changing.Go(func() {
		ticker := time.NewTicker(time.Second / rate)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
			if err := w.step(); err != nil {
				t.Error(err)
				return
			}
			w.changes.Add(1)
		}
	})
	return sync.OnceFunc(func() {
		close(over)
		changing.Wait()
	})
}

// step changes one machine.
func (w *world) step() error {
	site, number := w.random.IntN(w.spec.Sites), w.random.IntN(w.spec.Machines)
	id, vm := w.machine(site, number)
	if _, there := w.machines[id]; there && w.random.IntN(4) == 0 {
		delete(w.machines, id)
		all, one := w.place(site, vm)
		return w.ask(site, http.MethodDelete, all+"/"+one, nil)
	}
	return w.write(site, id, vm)
}

// place is where a machine is written: the address of all in its namespace, and its name.
func (w *world) place(site int, vm map[string]any) (all, one string) {
	metadata := vm["metadata"].(map[string]any)
	return fmt.Sprintf("%s/apis/kubevirt.io/v1/namespaces/%s/virtualmachines", w.hosts[site], metadata["namespace"]), metadata["name"].(string)
}

// write writes a machine at the next step, anew where it is not there.
func (w *world) write(site int, id string, vm map[string]any) error {
	_, there := w.machines[id]
	w.steps++
	step := strconv.Itoa(w.steps)
	w.machines[id], vm["metadata"].(map[string]any)["labels"].(map[string]any)["step"] = step, step
	all, one := w.place(site, vm)
	if !there {
		return w.ask(site, http.MethodPost, all, vm)
	}
	return w.ask(site, http.MethodPut, all+"/"+one, vm)
}

func (w *world) ask(site int, method, url string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	response, err := w.clients[site].Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s", method, url, response.Status)
	}
	return nil
}

// holds waits until the hub shows what the sites have, each machine as it was last written.
func (w *world) holds(t *testing.T, who caller) {
	t.Helper()
	var got map[string]string
	deadline := time.Now().Add(2 * time.Minute)
	for {
		got = w.shown(t, who)
		if maps.Equal(w.machines, got) {
			return
		}
		if time.Now().After(deadline) {
			break
		}
	}
	differing := 0
	for id, step := range w.machines {
		if shown, there := got[id]; !there || shown != step {
			if differing++; differing <= 10 {
				t.Errorf("%s is at step %q; shown is %q, %v", id, step, shown, there)
			}
		}
	}
	t.Fatalf("%d of %d machines are not as the sites have them, and %d are shown", differing, len(w.machines), len(got))
}

// shown are all machines as the hub shows them, by pages.
func (w *world) shown(t *testing.T, who caller) map[string]string {
	t.Helper()
	got := make(map[string]string, len(w.machines))
	for next := ""; ; {
		var page struct {
			Continue string
			Data     []struct {
				ID       string
				Metadata struct{ Labels map[string]string }
			}
		}
		if status := who.get(t, vms+"?pagesize=1000&include=metadata.labels&continue="+next, &page); status != http.StatusOK {
			t.Fatalf("a page was answered with %d", status)
		}
		for _, row := range page.Data {
			got[row.ID] = row.Metadata.Labels["step"]
		}
		if next = page.Continue; next == "" {
			return got
		}
	}
}
