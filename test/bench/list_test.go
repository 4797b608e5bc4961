package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/bench/answerer"
	"crofthci.io/croft/test/controlplane"
)

// BenchmarkList reads pages of a site's machines from Steve as it is, and from the same Steve with what Croft adds to
// every row: the state, the actions as links, and why not the rest. Each is a process of its own, asked without a network by
// somebody who may do all, one page each in turn: go test ./test/bench -run '^$' -bench List -benchtime 1x.
// A second server without stands beside the first: what these two differ by, the measurement cannot tell.
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
		servers := []*answerer.Answerer{answering(b, config, false, machines), answering(b, config, false, machines), answering(b, config, true, machines)}
		fmt.Printf("\n%d machines, pages of 100, one reader, %d pages of each, asked in turn\n\n", machines, turns)
		fmt.Println("| page | Steve CPU, median (mean) | allocations | KB | with Croft | allocations | KB | more CPU, median (mean) | of two equal servers |\n|---|---|---|---|---|---|---|---|---|")
		for _, each := range listed {
			seen := inTurn(b, servers, answerer.Path+"?"+each.query)
			bare, again, ours := seen[0], seen[1], seen[2]
			fmt.Printf("| %s | %s | %s | %s | %s |\n", each.name, bare, ours, bare.more(ours), bare.more(again))
		}
	}
}

// turns is how many pages of a question each server gives.
const turns = 60

// listed are the questions.
var listed = []struct{ name, query string }{
	{"by name", "page=1&pagesize=100&sort=metadata.name"},
	{"the newest", "page=1&pagesize=100&sort=-metadata.creationTimestamp,metadata.name"},
	{"page 40 by name", "page=40&pagesize=100&sort=metadata.name"},
	{"name~77", "page=1&pagesize=100&filter=metadata.name~77&sort=metadata.name"},
	{"label app=app-7", "page=1&pagesize=100&filter=metadata.labels[app]=app-7&sort=metadata.name"},
}

// answering starts a server, which ends with the benchmark.
func answering(b *testing.B, config *rest.Config, formatted bool, machines int) *answerer.Answerer {
	b.Helper()
	server, err := answerer.Start(config, b.TempDir(), formatted, machines)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Stop(); err != nil {
			b.Error(err)
		}
	})
	return server
}

// pages are what the pages of one question cost a server.
type pages struct {
	median, mean       time.Duration
	allocations, bytes uint64
}

// inTurn asks every server for the page, again and again, each time beginning with another one.
func inTurn(b *testing.B, servers []*answerer.Answerer, path string) []pages {
	b.Helper()
	const warm = 3
	costs := make([][]answerer.Cost, len(servers))
	for turn := range warm + turns {
		for i := range servers {
			which := (turn + i) % len(servers)
			cost, err := servers[which].Ask(path)
			if err != nil {
				b.Fatal(err)
			}
			if turn >= warm {
				costs[which] = append(costs[which], cost)
			}
		}
	}
	seen := make([]pages, len(servers))
	for i, each := range costs {
		seen[i] = pagesOf(each)
	}
	return seen
}

// pagesOf is the middle and the mean of what pages cost.
func pagesOf(costs []answerer.Cost) (p pages) {
	slices.SortFunc(costs, func(a, b answerer.Cost) int { return cmp.Compare(a.CPU, b.CPU) })
	many := len(costs)
	for _, cost := range costs {
		p.mean += cost.CPU / time.Duration(many)
		p.allocations += cost.Allocations / uint64(many)
	}
	p.median, p.bytes = costs[many/2].CPU, costs[0].Bytes
	return p
}

// String is three cells of the table.
func (p pages) String() string {
	return fmt.Sprintf("%.1f (%.1f) ms | %d | %d", ms(p.median), ms(p.mean), p.allocations, p.bytes>>10)
}

// more is how much more another server uses.
func (p pages) more(other pages) string {
	return fmt.Sprintf("%+.0f %% (%+.0f %%)", 100*(float64(other.median)/float64(p.median)-1), 100*(float64(other.mean)/float64(p.mean)-1))
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
