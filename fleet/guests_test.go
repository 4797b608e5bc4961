package main

import (
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// guest is a guest cluster with one pool, as Rancher has it.
func guest(name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "provisioning.cattle.io/v1", "kind": "Cluster",
		"metadata": map[string]any{"namespace": "fleet-default", "name": name},
		"spec": map[string]any{"kubernetesVersion": "v1.34.2+rke2r1", "rkeConfig": map[string]any{"machinePools": []any{
			map[string]any{"name": "workers", "quantity": int64(2), "workerRole": true, "machineConfigRef": map[string]any{"kind": "CroftConfig", "name": "nc-" + name}},
		}}},
	}}
}

// guestNode is a node of a guest cluster, with the machine that Rancher calls the same.
func guestNode(cluster, name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Machine",
		"metadata": map[string]any{"namespace": "fleet-default", "name": name, "labels": map[string]any{"rke.cattle.io/rke-machine-pool-name": "workers"}},
		"spec":     map[string]any{"clusterName": cluster, "infrastructureRef": map[string]any{"kind": "CroftMachine", "name": name}},
		"status":   map[string]any{"phase": "Running", "nodeRef": map[string]any{"name": name}},
	}}
}

// guestMachine is a machine at a site that says whose node it is, as the node driver writes it.
func guestMachine(cluster, name string) client.Object {
	vm := machine("guests", name)
	vm.Labels = map[string]string{"guestcluster.harvesterhci.io/name": cluster, "nodepool.harvesterhci.io/name": "workers"}
	return vm
}

// guestView is as much of a guest cluster's machines as the tests look at.
type guestView struct {
	Type    string
	Message string
	Sites   []map[string]any
	Counts  map[string]int
	Pools   []struct {
		Name  string
		Nodes []struct {
			Name, State string
			At          *struct{ ID, SiteName string }
		}
		Strays []struct{ ID string }
	}
}

// TestGuests follows guest clusters over a real API server, which is the hub and a site: they are listed to those who may
// see them in the hub, with the machines that these may see at the site.
func TestGuests(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	p := newPlane(t)
	p.define(t)
	machines := loose("cluster.x-k8s.io", "v1beta1", "Machine", "machines", apiextensionsv1.NamespaceScoped)
	p.create(t, machines, namespaceOf("croft-system"), namespaceOf("fleet-default"), namespaceOf("guests"))
	eventually(t, "nodes can be made", func() bool {
		return p.client.Create(t.Context(), guestNode("prod", "prod-workers-a")) == nil
	})
	p.create(t, guest("prod"), guest("test"), guestMachine("prod", "prod-workers-a"), guestMachine("prod", "prod-workers-b"),
		&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "provisioning.cattle.io/v1", "kind": "Cluster", "metadata": map[string]any{"namespace": "fleet-default", "name": "near"}, "spec": map[string]any{},
		}})
	seeGuest := rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"provisioning.cattle.io"}, Resources: []string{"clusters"}, ResourceNames: []string{"prod"}}
	seeNodes := rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"cluster.x-k8s.io"}, Resources: []string{"machines"}}
	p.create(t, allow("ann-guest", "fleet-default", "u-ann", seeGuest, seeNodes)...)
	p.create(t, allow("ann-machines", "guests", "u-ann", seeMachines)...)
	p.create(t, allow("ann-knows", "", "u-ann", knowNear)...)
	p.create(t, allow("bob-guest", "fleet-default", "u-bob", seeGuest)...)
	guestRule := func(verb string, names ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: seeGuest.APIGroups, Resources: seeGuest.Resources, ResourceNames: names}
	}
	p.create(t, allow("bob-makes", "fleet-default", "u-bob", guestRule("create"), guestRule("get", "later"))...)
	p.create(t, allow("ann-makes", "fleet-default", "u-ann", guestRule("update", "prod"), guestRule("create"), guestRule("get", "lost", "short"))...)
	p.create(t, allow("ann-accounts", "guests", "u-ann", rbacv1.PolicyRule{Verbs: []string{"get", "create"}, APIGroups: []string{""}, Resources: []string{"serviceaccounts"}})...)
	p.chartCredentials(t)
	site := &credentialSite{next: apiServer(t, p.config), client: p.client, users: map[string]string{}, roles: map[string][]string{}, times: map[string]int{}, away: map[string]bool{}}
	p.rancher.set(near, site)
	fleet := *p
	fleet.config = as(p.config, fleetAccount)
	fleet.start(t)
	p.create(t, cluster(near, "Near"), p.tunnelSecret())
	eventually(t, "the tunnel is open", func() bool { return p.rancher.tunnels.HasSession("stv-croft") })
	admin := caller{p.rancher, "admin", []string{"system:masters", "system:authenticated"}}
	ann := caller{p.rancher, "u-ann", []string{"system:authenticated"}}
	bob := caller{p.rancher, "u-bob", []string{"system:authenticated"}}
	eve := caller{p.rancher, "u-eve", []string{"system:authenticated"}}
	const guests, prod = "/v1/croft/guestclusters", hubSite + "/fleet-default/prod"

	t.Run("List", func(t *testing.T) {
		lists(t, admin, guests+"?sort=name", prod, hubSite+"/fleet-default/test")
		lists(t, admin, "/v1/croft/guestnodes?filter=guestCluster=prod", hubSite+"/fleet-default/prod-workers-a")
		lists(t, admin, vms+"?filter=guestCluster=prod&filter=guestPool=workers&sort=name", near+"/guests/prod-workers-a", near+"/guests/prod-workers-b")
		row := lists(t, ann, guests, prod).Data[0]
		got := map[string]any{"pools": row["pools"], "nodesWanted": row["nodesWanted"], "state": row["state"], "drivers": row["drivers"]}
		want := map[string]any{"pools": []any{"workers"}, "nodesWanted": 2.0, "state": "Provisioning", "drivers": []any{"croft"}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		links, _ := row["links"].(map[string]any)
		if links["hub"] != "/v1/provisioning.cattle.io.clusters/fleet-default/prod" || links["machines"] != guests+"/"+prod+"/machines" {
			t.Errorf("the links are %v", links)
		}
		lists(t, eve, guests)
		var refused answer
		if status := eve.get(t, guests+"/"+prod, &refused); status != 404 {
			t.Errorf("by its address, who may not see it: %d %+v", status, refused)
		}
	})
	t.Run("Machines", func(t *testing.T) {
		lists(t, ann, vms+"?sort=name", near+"/guests/prod-workers-a", near+"/guests/prod-workers-b")
		lists(t, ann, "/v1/croft/guestnodes", hubSite+"/fleet-default/prod-workers-a")
		var view guestView
		if status := ann.get(t, guests+"/"+prod+"/machines", &view); status != 200 || len(view.Pools) != 1 || len(view.Pools[0].Nodes) != 1 || len(view.Pools[0].Strays) != 1 {
			t.Fatalf("got %d %+v", status, view)
		}
		node := view.Pools[0].Nodes[0]
		if node.At == nil || node.At.ID != near+"/guests/prod-workers-a" || node.At.SiteName != "Near" || node.State != "Running" {
			t.Errorf("the node is %+v", node)
		}
		if diff := cmp.Diff(map[string]int{"wanted": 2, "nodes": 1, "ready": 1, "machines": 2, "running": 0}, view.Counts); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if len(view.Sites) != 1 || view.Sites[0]["id"] != near {
			t.Errorf("its sites are %v", view.Sites)
		}
	})
	t.Run("MachinesOfOthers", func(t *testing.T) {
		lists(t, bob, guests, prod)
		var view guestView
		if status := bob.get(t, guests+"/"+prod+"/machines", &view); status != 200 || view.Counts["machines"] != 0 || view.Counts["nodes"] != 0 || len(view.Sites) != 0 {
			t.Errorf("who may see the cluster and no machine is shown %d %+v", status, view)
		}
		if status := eve.get(t, guests+"/"+prod+"/machines", &view); status != 404 {
			t.Errorf("who may not see the cluster: %d %+v", status, view)
		}
	})
	t.Run("Follow", func(t *testing.T) {
		events := ann.subscribe(t, `{"resourceType":"guestcluster"}`)
		hears(t, events, "resource.start", "")
		changed := guest("prod")
		if err := p.client.Get(t.Context(), client.ObjectKeyFromObject(changed), changed); err != nil {
			t.Fatal(err)
		}
		if err := unstructured.SetNestedField(changed.Object, true, "status", "ready"); err != nil {
			t.Fatal(err)
		}
		if err := p.client.Status().Update(t.Context(), changed); err != nil {
			t.Fatal(err)
		}
		hears(t, events, "resource.change", prod)
		lists(t, ann, guests+"?filter=state=Active", prod)
		testCredentials(t, p, site, ann, bob, eve)
		hears(t, events, "resource.remove", prod)
		lists(t, ann, guests)
	})
}

func namespaceOf(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// tunnelSecret is what Rancher writes for the fleet to dial it.
func (p *plane) tunnelSecret() *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "croft-system", Name: "croft-aggregation"},
		Data:       map[string][]byte{"url": []byte(p.rancher.URL + "/v3/connect"), "token": []byte(tunnelToken)},
	}
}
