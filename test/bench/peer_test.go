package bench

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"golang.org/x/sync/errgroup"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/site"
	"crofthci.io/croft/fleet/standalone/steve"
	"crofthci.io/croft/fleet/virtualmachine"
	"crofthci.io/croft/test/controlplane"
)

// BenchmarkPeer reads the same machines of one real API server through Steve with its SQL cache and through the hub's
// index, in one run: go test ./test/bench -run '^$' -bench Peer -benchtime 1x. CROFT_BENCH_PEER says how many machines.
//
// Both answer in this process, without a network, to somebody who may see all. Steve gives out whole objects and the index
// rows; the size of an answer is in the table for that reason.
func BenchmarkPeer(b *testing.B) {
	logrus.SetLevel(logrus.PanicLevel)
	machines := size("CROFT_BENCH_PEER", 2000)
	for b.Loop() {
		comparePeers(b, machines)
	}
}

// peer is one of the two.
type peer struct {
	// fill is what it took until the first page was there.
	fill figures
	// handler answers.
	handler http.Handler
}

// figures are what an operation costs, in this process, and how large its answer is.
type figures struct {
	cpu, p50, p99 time.Duration
	bytes         int
}

// operations are the same questions in the words of either.
var operations = []struct{ name, steve, index string }{
	{"page of 100 by name", "sort=metadata.name", "sort=name"},
	{"the newest 100", "sort=-metadata.creationTimestamp,metadata.name", "sort=-created,name"},
	{"the last page by name", "sort=-metadata.name", "sort=-name"},
	{"name~77, with hits", "filter=metadata.name~77&sort=metadata.name", "filter=name~77&sort=name"},
	{"name~nothing, without", "filter=metadata.name~nothing&sort=metadata.name", "filter=name~nothing&sort=name"},
}

// longestWait is how long is waited for anything. Steve takes minutes for 100,000 machines.
const longestWait = 8 * time.Minute

const (
	stevePath = "/v1/kubevirt.io.virtualmachines"
	indexPath = "/v1/croft/virtualmachines"
)

func comparePeers(b *testing.B, machines int) {
	config := controlplane.ForTest(b)
	live := defineMachines(b, config)
	bytes := createMachines(b, live, machines)
	ctx, cancel := context.WithCancel(b.Context())
	ours, done := startIndex(ctx, b, config, machines)
	defer func() { cancel(); done() }()
	theirs := startSteve(ctx, b, config, live, machines)

	fmt.Printf("\n%d machines of %d B each, one real API server, answers of 100 rows at most; CPU of the process that answers\n\n", machines, bytes)
	fmt.Println("| | Steve CPU | p50 | p99 | KB | index CPU | p50 | p99 | KB |\n|---|---|---|---|---|---|---|---|---|")
	fmt.Printf("| list all and give a first page of one | %s | %s |\n", theirs.fill, ours.fill)
	for _, each := range operations {
		a := ask(b, theirs.handler, stevePath+"?page=1&pagesize=100&"+each.steve)
		c := ask(b, ours.handler, indexPath+"?page=1&pagesize=100&"+each.index)
		fmt.Printf("| %s | %s | %s |\n", each.name, a, c)
	}
}

// String is four cells of the table.
func (f figures) String() string {
	return fmt.Sprintf("%.2f ms | %.2f ms | %.2f ms | %d", ms(f.cpu), ms(f.p50), ms(f.p99), f.bytes>>10)
}

// defineMachines makes the kinds of KubeVirt, with the columns that its own have.
func defineMachines(b *testing.B, config *rest.Config) client.Client {
	b.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			b.Fatal(err)
		}
	}
	live, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		b.Fatal(err)
	}
	keep := true
	for kind, plural := range map[string]string{"VirtualMachine": "virtualmachines", "VirtualMachineInstance": "virtualmachineinstances", "VirtualMachineInstanceMigration": "virtualmachineinstancemigrations"} {
		definition := &apiextensionsv1.CustomResourceDefinition{
			ObjectMeta: metav1.ObjectMeta{Name: plural + ".kubevirt.io"},
			Spec: apiextensionsv1.CustomResourceDefinitionSpec{
				Group: "kubevirt.io", Scope: apiextensionsv1.NamespaceScoped,
				Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: kind, Plural: plural, Singular: strings.ToLower(kind), ListKind: kind + "List"},
				Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
					Name: "v1", Served: true, Storage: true,
					Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &keep}},
					AdditionalPrinterColumns: []apiextensionsv1.CustomResourceColumnDefinition{
						{Name: "Age", Type: "date", JSONPath: ".metadata.creationTimestamp"},
						{Name: "Status", Type: "string", JSONPath: ".status.printableStatus"},
					},
				}},
			},
		}
		if err := live.Create(b.Context(), definition); err != nil {
			b.Fatal(err)
		}
		until(b, plural+" are served", func() bool {
			list := &unstructured.UnstructuredList{}
			list.SetAPIVersion("kubevirt.io/v1")
			list.SetKind(kind + "List")
			return live.List(b.Context(), list) == nil
		})
	}
	return live
}

// createMachines makes machines that look as Harvester's do, and says how large one is.
func createMachines(b *testing.B, live client.Client, machines int) int {
	b.Helper()
	states := []string{"Running", "Running", "Running", "Stopped", "Paused"}
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(8)
	for i := range machines {
		group.Go(func() error {
			return live.Create(ctx, machine(i, states[i%len(states)]))
		})
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	one := machine(0, states[0])
	if err := live.Get(b.Context(), client.ObjectKeyFromObject(one), one); err != nil {
		b.Fatal(err)
	}
	text, err := json.Marshal(one)
	if err != nil {
		b.Fatal(err)
	}
	return len(text)
}

func machine(i int, state string) *unstructured.Unstructured {
	name := fmt.Sprintf("machine-%05d", i)
	claims := `[{"metadata":{"name":"` + name + `-disk-0","annotations":{"harvesterhci.io/imageId":"default/image-7"}},"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"20Gi"}},"volumeMode":"Block","storageClassName":"longhorn-image-7"}}]`
	cloudInit := "#cloud-config\n" + strings.Repeat("ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI]\n", 12)
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
		"metadata": map[string]any{
			"namespace": "default", "name": name,
			"labels":      map[string]any{"harvesterhci.io/creator": "harvester", "harvesterhci.io/os": "linux", "app": fmt.Sprintf("app-%d", i%50)},
			"annotations": map[string]any{"harvesterhci.io/volumeClaimTemplates": claims, "network.harvesterhci.io/ips": "[]"},
		},
		"spec": map[string]any{"runStrategy": "RerunOnFailure", "template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"harvesterhci.io/vmName": name}},
			"spec": map[string]any{
				"hostname": name, "evictionStrategy": "LiveMigrateIfPossible", "terminationGracePeriodSeconds": int64(120),
				"domain": map[string]any{
					"cpu": map[string]any{"cores": int64(i%8 + 1), "sockets": int64(1), "threads": int64(1)}, "memory": map[string]any{"guest": fmt.Sprintf("%dGi", i%64+1)},
					"devices": map[string]any{
						"disks":      []any{map[string]any{"name": "disk-0", "bootOrder": int64(1), "disk": map[string]any{"bus": "virtio"}}, map[string]any{"name": "cloudinit", "disk": map[string]any{"bus": "virtio"}}},
						"interfaces": []any{map[string]any{"name": "default", "model": "virtio", "bridge": map[string]any{}, "macAddress": fmt.Sprintf("52:54:00:00:%02x:%02x", i/256, i%256)}},
					},
					"machine": map[string]any{"type": "q35"}, "resources": map[string]any{"limits": map[string]any{"cpu": fmt.Sprint(i%8 + 1), "memory": fmt.Sprintf("%dGi", i%64+1)}},
				},
				"networks": []any{map[string]any{"name": "default", "multus": map[string]any{"networkName": "default/vlan-7"}}},
				"volumes": []any{
					map[string]any{"name": "disk-0", "persistentVolumeClaim": map[string]any{"claimName": name + "-disk-0"}},
					map[string]any{"name": "cloudinit", "cloudInitNoCloud": map[string]any{"userData": cloudInit}},
				},
			},
		}},
		"status": map[string]any{"printableStatus": state, "created": true, "ready": state == "Running", "conditions": []any{
			map[string]any{"type": "Ready", "status": "True", "lastProbeTime": nil, "lastTransitionTime": "2026-01-01T00:00:00Z"},
			map[string]any{"type": "LiveMigratable", "status": "True", "lastProbeTime": nil, "lastTransitionTime": nil},
		}},
	}}
}

// startIndex fills an index by a collector, as the hub does, and serves it.
func startIndex(ctx context.Context, b *testing.B, config *rest.Config, machines int) (peer, func()) {
	b.Helper()
	const id = "c-m-peer0001"
	followed := []*index.Type{virtualmachine.Type, namespace.Type}
	rows, err := index.Open(ctx, filepath.Join(b.TempDir(), "index"), append([]*index.Type{site.Type}, followed...))
	if err != nil {
		b.Fatal(err)
	}
	if err := rows.SetSite(ctx, index.Site{ID: id, Name: "peer", Connected: true, Synced: true, Complete: true}); err != nil {
		b.Fatal(err)
	}
	handler := serve.New(&serve.Access{Hub: "_hub", Book: rights.NewBook(), Index: rows, Sites: site.Type}, "")
	begun, spent := time.Now(), cpu(b)
	c := &collect.Collector{ID: id, Config: config, Types: followed, Index: rows, Budget: collect.DefaultBudget}
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	fill := first(b, handler, indexPath, machines, begun, spent)
	return peer{fill: fill, handler: handler}, func() {
		if err := <-done; err != nil {
			b.Error(err)
		}
		if err := rows.Close(); err != nil {
			b.Error(err)
		}
	}
}

// startSteve starts Steve as the hub without Rancher does.
func startSteve(ctx context.Context, b testing.TB, config *rest.Config, live client.Client, machines int) peer {
	b.Helper()
	handler, err := steve.New(ctx, config, steve.Options{Live: live, Version: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	until(b, "Steve knows the kind", func() bool {
		status, _ := get(b, handler, "/v1/schemas/kubevirt.io.virtualmachine")
		return status == http.StatusOK
	})
	return peer{handler: handler, fill: first(b, handler, stevePath, machines, time.Now(), cpu(b))}
}

// first asks for a page until all machines are counted, and says what that took.
func first(b testing.TB, handler http.Handler, path string, machines int, begun time.Time, spent time.Duration) figures {
	b.Helper()
	var got figures
	until(b, path+" has all machines", func() bool {
		status, text := get(b, handler, path+"?page=1&pagesize=1")
		var answer struct{ Count int }
		if status != http.StatusOK || json.Unmarshal(text, &answer) != nil || answer.Count != machines {
			return false
		}
		got = figures{cpu: cpu(b) - spent, p50: time.Since(begun), p99: time.Since(begun), bytes: len(text)}
		return true
	})
	return got
}

// ask asks again and again, for so many times or so long, and gives the CPU of one answer and the times.
func ask(b *testing.B, handler http.Handler, path string) figures {
	b.Helper()
	const times, longest = 50, 15 * time.Second
	for range 3 {
		get(b, handler, path)
	}
	begun, before := time.Now(), cpu(b)
	var took []time.Duration
	var got figures
	for range times {
		started := time.Now()
		status, text := get(b, handler, path)
		took = append(took, time.Since(started))
		if status != http.StatusOK {
			b.Fatalf("GET %s answered %d %s", path, status, text)
		}
		if got.bytes = len(text); time.Since(begun) > longest {
			break
		}
	}
	got.cpu = (cpu(b) - before) / time.Duration(len(took))
	slices.SortFunc(took, cmp.Compare)
	got.p50, got.p99 = took[len(took)/2], took[len(took)*99/100]
	return got
}

// get asks as somebody who may see everything.
func get(b testing.TB, handler http.Handler, path string) (int, []byte) {
	b.Helper()
	return getAs(b, handler, master, path)
}

func until(b testing.TB, what string, condition func() bool) {
	b.Helper()
	for deadline := time.Now().Add(longestWait); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatalf("in %s it did not happen that %s", longestWait, what)
		}
	}
}
