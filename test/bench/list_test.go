package bench

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/steve"
	"crofthci.io/croft/backend/virtualmachine"
	"crofthci.io/croft/test/controlplane"
)

// BenchmarkList reads pages of a site's machines from Steve as it is, and from the same Steve with what Croft adds to
// every row: the state, the actions as links, and why not the rest. Both answer in this process, one after the other,
// without a network, to somebody who may do all: go test ./test/bench -run '^$' -bench List -benchtime 1x.
// CROFT_BENCH_LIST says how many machines; four of five run, each with its instance.
func BenchmarkList(b *testing.B) {
	logrus.SetLevel(logrus.PanicLevel)
	logrus.SetOutput(io.Discard)
	machines := size("CROFT_BENCH_LIST", 5000)
	for b.Loop() {
		config := controlplane.ForTest(b)
		live := defineMachines(b, config)
		createMachines(b, live, machines)
		createInstances(b, live, machines)
		var bare, ours []cost
		for range rounds {
			bare = least(bare, pages(b, config, nil, machines))
			ours = least(ours, pages(b, config, []capability.Capability{virtualmachine.Capability}, machines))
		}
		fmt.Printf("\n%d machines, pages of 100, one reader, the least of %d rounds\n\n", machines, rounds)
		fmt.Println("| page | Steve CPU | allocations | KB | with Croft CPU | allocations | KB | more CPU |\n|---|---|---|---|---|---|---|---|")
		for i, each := range listed {
			fmt.Printf("| %s | %s | %s | %+.0f %% |\n", each.name, bare[i], ours[i], 100*(float64(ours[i].cpu)/float64(bare[i].cpu)-1))
		}
	}
}

// rounds is how often each server is asked, in turn: two servers that are the same differ by a quarter in one round, for
// what else the machine does and when memory is collected, and these only ever add.
const rounds = 2

// least has of each question the cheaper round.
func least(known, fresh []cost) []cost {
	for i := range known {
		if known[i].cpu < fresh[i].cpu {
			fresh[i] = known[i]
		}
	}
	return fresh
}

// listed are the questions.
var listed = []struct{ name, query string }{
	{"by name", "page=1&pagesize=100&sort=metadata.name"},
	{"the newest", "page=1&pagesize=100&sort=-metadata.creationTimestamp,metadata.name"},
	{"page 40 by name", "page=40&pagesize=100&sort=metadata.name"},
	{"name~77", "page=1&pagesize=100&filter=metadata.name~77&sort=metadata.name"},
	{"label app=app-7", "page=1&pagesize=100&filter=metadata.labels[app]=app-7&sort=metadata.name"},
}

// cost is what a page costs.
type cost struct {
	figures
	allocations uint64
}

// String is three cells of the table.
func (p cost) String() string {
	return fmt.Sprintf("%.1f ms | %d | %d", ms(p.cpu), p.allocations, p.bytes>>10)
}

// pages starts a server of some capabilities in a folder of its own, where Steve puts its cache, and asks it.
func pages(b *testing.B, config *rest.Config, capabilities []capability.Capability, machines int) []cost {
	b.Helper()
	b.Chdir(b.TempDir())
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	server, err := steve.New(ctx, steve.Options{
		Config: config, Capabilities: capabilities, Version: "bench", Log: slog.New(slog.DiscardHandler),
		Authenticator: func(req *http.Request) (user.Info, error) {
			caller, _ := request.UserFrom(req.Context())
			return caller, nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := server.Start(ctx); err != nil {
		b.Fatal(err)
	}
	until(b, "the server is ready", func() bool {
		ready, _ := server.Ready()
		return ready
	})
	handler := server.Handler()
	first(b, handler, stevePath, machines, time.Now(), cpu(b))
	costs := make([]cost, 0, len(listed))
	for _, each := range listed {
		costs = append(costs, costOf(b, handler, stevePath+"?"+each.query))
	}
	return costs
}

// costOf is what one page costs.
func costOf(b *testing.B, handler http.Handler, path string) cost {
	b.Helper()
	p := cost{figures: ask(b, handler, path)}
	const times = 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		get(b, handler, path)
	}
	runtime.ReadMemStats(&after)
	p.allocations = (after.Mallocs - before.Mallocs) / times
	return p
}

// createInstances makes the nodes, and the instances of the machines that run.
func createInstances(b *testing.B, live client.Client, machines int) {
	b.Helper()
	const nodes = 8
	for i := range nodes {
		name := fmt.Sprintf("node-%d", i)
		node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelHostname: name, "kubevirt.io/schedulable": "true",
		}}}
		if err := live.Create(b.Context(), node); err != nil {
			b.Fatal(err)
		}
	}
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(8)
	for i := range machines {
		if i%5 == 3 {
			continue // that one is stopped
		}
		group.Go(func() error { return live.Create(ctx, instance(i, fmt.Sprintf("node-%d", i%nodes))) })
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
}

// instance is the run of a machine.
func instance(i int, node string) *unstructured.Unstructured {
	vm := machine(i, "Running")
	spec, _, _ := unstructured.NestedMap(vm.Object, "spec", "template", "spec")
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachineInstance",
		"metadata": map[string]any{"namespace": vm.GetNamespace(), "name": vm.GetName(), "labels": map[string]any{"harvesterhci.io/vmName": vm.GetName()}},
		"spec":     spec,
		"status": map[string]any{
			"phase": "Running", "nodeName": node,
			"interfaces": []any{map[string]any{"name": "default", "ipAddress": fmt.Sprintf("10.0.%d.%d", i/250, i%250)}},
			"conditions": []any{
				map[string]any{"type": "Ready", "status": "True", "lastProbeTime": nil, "lastTransitionTime": nil},
				map[string]any{"type": "LiveMigratable", "status": "True", "lastProbeTime": nil, "lastTransitionTime": nil},
				map[string]any{"type": "AgentConnected", "status": "True", "lastProbeTime": nil, "lastTransitionTime": nil},
			},
		},
	}}
}
