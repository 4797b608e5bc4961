package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/test/controlplane"
)

// plane is the real API server of the test. It is the hub and, behind the proxy, the first site; the second site is down
// from the beginning.
type plane struct {
	config  *rest.Config
	client  client.Client
	rancher *rancherStandIn
	data    string
	token   string
}

const (
	near = "c-m-near0001"
	far  = "c-m-far00001"
	// third joins late.
	third = "c-m-third001"
	// plain is a Harvester that Croft has not touched.
	plain = "c-m-plain001"
)

func newPlane(t *testing.T, options ...controlplane.Option) *plane {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, management.AddToScheme, fleetv1.AddToScheme, kubevirt.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	p := &plane{config: controlplane.ForTest(t, options...), rancher: newRancher(t), data: t.TempDir(), token: filepath.Join(t.TempDir(), "token")}
	p.write(t, systemToken)
	var err error
	if p.client, err = client.New(p.config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	p.rancher.set(near, apiServer(t, p.config))
	return p
}

// define makes the definitions of kinds that the hub and the site have.
func (p *plane) define(t *testing.T) {
	t.Helper()
	definitions, err := rancher.CRDs()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "charts", "croft-fleet", "templates", "crd-site.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	site := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(text, site); err != nil {
		t.Fatal(err)
	}
	definitions = append(definitions, site,
		loose("kubevirt.io", "v1", "VirtualMachine", "virtualmachines", apiextensionsv1.NamespaceScoped),
		loose("kubevirt.io", "v1", "VirtualMachineInstance", "virtualmachineinstances", apiextensionsv1.NamespaceScoped),
		loose("harvesterhci.io", "v1beta1", "Setting", "settings", apiextensionsv1.ClusterScoped),
		loose("harvesterhci.io", "v1beta1", "VirtualMachineBackup", "virtualmachinebackups", apiextensionsv1.NamespaceScoped),
		loose("management.cattle.io", "v3", "UserAttribute", "userattributes", apiextensionsv1.ClusterScoped))
	for _, definition := range definitions {
		if err := p.client.Create(t.Context(), definition); err != nil {
			t.Fatalf("%s: %v", definition.Name, err)
		}
	}
	for _, definition := range definitions {
		eventually(t, definition.Name+" is served", func() bool {
			if err := p.client.Get(t.Context(), client.ObjectKeyFromObject(definition), definition); err != nil {
				t.Fatal(err)
			}
			for _, condition := range definition.Status.Conditions {
				if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
					return true
				}
			}
			return false
		})
	}
}

// loose is a definition that lets every field in.
func loose(group, version, kind, plural string, scope apiextensionsv1.ResourceScope) *apiextensionsv1.CustomResourceDefinition {
	keep := true
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: plural + "." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: scope,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Kind: kind, Plural: plural, Singular: strings.ToLower(kind), ListKind: kind + "List"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: version, Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &keep}},
			}},
		},
	}
}

// write puts a token of Rancher where the fleet reads it.
func (p *plane) write(t *testing.T, token string) {
	t.Helper()
	if err := os.WriteFile(p.token, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *plane) create(t *testing.T, objects ...client.Object) {
	t.Helper()
	for _, object := range objects {
		if err := p.client.Create(t.Context(), object); err != nil {
			t.Fatalf("create %s: %v", object.GetName(), err)
		}
	}
}

// start runs the fleet until the test ends or stop is called.
func (p *plane) start(t *testing.T) (stop func()) {
	t.Helper()
	return p.startIn(t, p.data)
}

// startIn runs a replica of the fleet with an index of its own.
func (p *plane) startIn(t *testing.T, folder string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- serveFleet(ctx, fleetOptions{HubConfig: p.config, RancherURL: p.rancher.URL, TokenFile: p.token, DataDir: folder})
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the fleet ended with %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func cluster(id, name string) *management.Cluster {
	return &management.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: id, Labels: map[string]string{management.LabelProvider: management.ProviderHarvester}},
		Spec:       management.ClusterSpec{DisplayName: name},
	}
}

func machine(namespace, name string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	strategy := kubevirt.RunStrategyRerunOnFailure
	vm.Spec.RunStrategy = &strategy
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	vm.Spec.Template.Spec.Domain.CPU = &kubevirt.CPU{Cores: 2}
	vm.Status.PrintableStatus = kubevirt.StatusStarting
	return vm
}

// claim is a volume of the machine web.
func claim(namespace, name string) *corev1.PersistentVolumeClaim {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	claim.Annotations = map[string]string{"harvesterhci.io/owned-by": `[{"schema":"kubevirt.io.virtualmachine","refs":["` + namespace + `/web"]}]`}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	return claim
}

func instance(namespace, name, address string) *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	vmi.Status.Phase = kubevirt.PhaseRunning
	vmi.Status.NodeName = "node-1"
	vmi.Status.Interfaces = []kubevirt.VirtualMachineInstanceNetworkInterface{{IP: address}}
	return vmi
}

func allow(name, namespace, user string, rules ...rbacv1.PolicyRule) []client.Object {
	who := []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: user}}
	if namespace == "" {
		return []client.Object{
			&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules},
			&rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: who, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name}},
		}
	}
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	return []client.Object{
		&rbacv1.Role{ObjectMeta: meta, Rules: rules},
		&rbacv1.RoleBinding{ObjectMeta: meta, Subjects: who, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name}},
	}
}

var (
	seeMachines = rbacv1.PolicyRule{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}}
	knowNear    = rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}, ResourceNames: []string{near}}
)

// answer is as much of a list as the tests look at.
type answer struct {
	Type      string           `json:"type"`
	Status    int              `json:"status"`
	FieldName string           `json:"fieldName"`
	Message   string           `json:"message"`
	Count     int              `json:"count"`
	Revision  string           `json:"revision"`
	Data      []map[string]any `json:"data"`
	Sites     []map[string]any `json:"sites"`
	Summary   []map[string]any `json:"summary"`
}

func (a answer) ids() []string {
	all := []string{}
	for _, row := range a.Data {
		all = append(all, fmt.Sprint(row["id"]))
	}
	return all
}

// holdsAny says whether a row has one of some fields.
func holdsAny(row map[string]any, fields ...string) bool {
	for _, field := range fields {
		if _, ok := row[field]; ok {
			return true
		}
	}
	return false
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("in two minutes it did not happen that %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// lists waits until somebody's list has these rows.
func lists(t *testing.T, who caller, path string, want ...string) answer {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		var a answer
		status := who.get(t, path, &a)
		diff := cmp.Diff(want, a.ids())
		if status == 200 && diff == "" {
			return a
		}
		if time.Now().After(deadline) {
			t.Fatalf("GET %s as %s answered %d %s: (-want +got)\n%s", path, who.user, status, a.Message, diff)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

const vms = "/v1/croft/virtualmachines"

// explained is as much of an explanation as the tests look at.
type explained struct {
	Message string
	Data    []struct {
		Allowed bool
		Message string
		InHub   struct{ Allowed bool }
	}
}

// TestFleet goes through the life of a fleet over a real API server: sites join, machines come and go, users see what is
// theirs, the hub restarts, a site fails, a site leaves.
func TestFleet(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	p := newPlane(t)
	p.define(t)
	admin := caller{p.rancher, "admin", []string{"system:masters", "system:authenticated"}}
	ann := caller{p.rancher, "u-ann", []string{"system:authenticated"}}
	bob := caller{p.rancher, "u-bob", []string{"system:authenticated"}}
	web, db := near+"/one/web", near+"/two/db"

	p.create(t,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "croft-system"}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "one", Labels: map[string]string{"field.cattle.io/projectId": "p-shop"}}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "two"}},
		&unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "harvesterhci.io/v1beta1", "kind": "Setting", "metadata": map[string]any{"name": "server-version"}, "value": "v1.9.0",
		}},
		&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}},
		machine("one", "web"), machine("two", "db"),
	)
	p.create(t, allow("ann-sees", "one", "u-ann", seeMachines)...)
	p.create(t, allow("ann-knows", "", "u-ann", knowNear)...)
	p.create(t, allow("bob-sees", "", "u-bob", seeMachines)...)
	stop := p.start(t)
	labelled := cluster(near, "Near")
	labelled.Labels["region"], labelled.Labels["env"] = "eu", "prod"
	labelled.Annotations = map[string]string{fleetv1.AnnotationLatitude: "52.52", fleetv1.AnnotationLongitude: "13.405", fleetv1.AnnotationLocation: "Berlin"}
	p.create(t, labelled, cluster(far, "Far"))
	p.create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "croft-system", Name: "croft-aggregation"},
		Data:       map[string][]byte{"url": []byte(p.rancher.URL + "/v3/connect"), "token": []byte(tunnelToken)},
	})
	eventually(t, "the tunnel is open", func() bool { return p.rancher.tunnels.HasSession("stv-croft") })

	t.Run("Nobody", func(t *testing.T) {
		var a answer
		if status := (caller{rancher: p.rancher}).get(t, vms, &a); status != 401 || a.Type != "error" {
			t.Errorf("without a user the answer is %d %+v, want 401", status, a)
		}
	})
	t.Run("Rows", func(t *testing.T) {
		p.create(t, instance("one", "web", "10.1.0.7"))
		running := machine("one", "web")
		if err := p.client.Get(t.Context(), client.ObjectKeyFromObject(running), running); err != nil {
			t.Fatal(err)
		}
		running.Status.PrintableStatus = kubevirt.StatusRunning
		if err := p.client.Update(t.Context(), running); err != nil {
			t.Fatal(err)
		}
		lists(t, admin, vms+"?sort=name", db, web)
		lists(t, admin, vms+"?filter=state=Running&filter=addresses=10.1.0.7", web)
		var row map[string]any
		eventually(t, "the row is fresh", func() bool {
			return admin.get(t, vms+"/"+web, &row) == 200 && row["stale"] == false
		})
		if status := admin.get(t, vms+"/"+web, &row); status != 200 {
			t.Fatalf("got %d %v", status, row)
		}
		want := map[string]any{
			"id": web, "type": "virtualmachine", "site": near, "siteName": "Near", "namespace": "one", "name": "web", "state": "Running",
			"node": "node-1", "cpu": 2.0, "addresses": []any{"10.1.0.7"}, "stale": false,
		}
		got := map[string]any{}
		for key := range want {
			got[key] = row[key]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		links, _ := row["links"].(map[string]any)
		if diff := cmp.Diff("/k8s/clusters/"+near+"/v1/harvester/kubevirt.io.virtualmachines/one/web", links["site"]); diff != "" {
			t.Errorf("the link to the site's object: (-want +got)\n%s", diff)
		}
	})
	t.Run("Rights", func(t *testing.T) {
		a := lists(t, ann, vms, web)
		if len(a.Sites) != 1 || a.Sites[0]["id"] != near {
			t.Errorf("a user is told of sites %v, want the one that he may know of", a.Sites)
		}
		if got := lists(t, bob, vms); len(got.Sites) != 0 {
			t.Errorf("who may not know of the cluster is told of %v", got.Sites)
		}
		var refused answer
		if status := ann.get(t, vms+"/"+db, &refused); status != 404 {
			t.Errorf("a row elsewhere, by its address: got %d %+v, want 404 as for a row that is not there", status, refused)
		}
		if status := ann.get(t, vms+"/"+web, &refused); status != 200 {
			t.Errorf("the own row: got %d %+v", status, refused)
		}
		lists(t, ann, vms+"?filter=name=db,name~d&site="+near)
		numbers := []string{"machines", "machinesRunning", "cpu", "memory", "storage", "cpuCapacity"}
		if row := lists(t, ann, "/v1/croft/sites?sort=-machines", near).Data[0]; holdsAny(row, numbers...) || row["nodes"] == nil {
			t.Errorf("who sees one namespace is told of the whole site's machines: %v", row)
		}
		lists(t, ann, "/v1/croft/sites?filter=machines>0")
		var own map[string]any
		if ann.get(t, "/v1/croft/sites/"+near, &own); own["id"] != near || holdsAny(own, numbers...) {
			t.Errorf("nor may he read it from the row by its address: %v", own)
		}
		if row := lists(t, admin, "/v1/croft/sites?filter=machines=2", near).Data[0]; row["machinesRunning"] != 1.0 || row["cpu"] == nil {
			t.Errorf("who may list all machines sees %v", row)
		}
		guarded := []string{"node", "addresses", "guestOS", "reason"}
		if holdsAny(a.Data[0], guarded...) || a.Data[0]["cpu"] != 2.0 {
			t.Errorf("who may see machines and no instances is shown %v", a.Data[0])
		}
		lists(t, ann, vms+"?filter=addresses=10.1.0.7")
		lists(t, ann, vms+"?search=10.1.0")
		lists(t, bob, vms)
		lists(t, ann, "/v1/croft/nodes")
		var counts struct {
			Data []struct {
				Counts map[string]struct {
					Summary struct {
						Count  int
						States map[string]int
					}
				}
			}
		}
		if status := ann.get(t, "/v1/croft/counts", &counts); status != 200 || counts.Data[0].Counts["virtualmachine"].Summary.Count != 1 {
			t.Errorf("counts: got %d %+v, want the one machine that may be seen", status, counts)
		}
	})
	t.Run("Kinds", func(t *testing.T) {
		data, fast := claim("one", "data"), &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}, Provisioner: "driver.longhorn.io"}
		p.create(t, data, fast)
		if row := lists(t, admin, "/v1/croft/volumes?search=one/web", near+"/one/data").Data[0]; row["size"] != float64(1<<30) || row["state"] != "Pending" {
			t.Errorf("the volume is %v", row)
		}
		lists(t, ann, "/v1/croft/volumes")
		lists(t, admin, "/v1/croft/storageclasses?filter=provisioner~longhorn", near+"/fast")
		p.create(t, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineBackup", "metadata": map[string]any{"namespace": "one", "name": "nightly"},
			"spec":   map[string]any{"type": "backup", "source": map[string]any{"kind": "VirtualMachine", "name": "web"}},
			"status": map[string]any{"readyToUse": true},
		}})
		lists(t, admin, "/v1/croft/backups?filter=machine=web", near+"/one/nightly")
		if row := lists(t, admin, vms+"?filter=backups=1&filter=lastBackup>2020-01-01T00:00:00Z", web).Data[0]; row["snapshots"] != 0.0 {
			t.Errorf("of a machine with one backup it is said %v", row)
		}
		lists(t, ann, vms+"?filter=backups=1")
		if row := lists(t, ann, vms, web).Data[0]; holdsAny(row, "backups", "lastBackup", "snapshots", "lastSnapshot") {
			t.Errorf("who may not list backups is told how many there are: %v", row)
		}
		// The site serves two kinds of harvesterhci.io, and no image; that is nothing to wait for.
		images := lists(t, admin, "/v1/croft/images")
		if here := images.Sites[1]; here["synced"] != true || here["complete"] != true {
			t.Errorf("the site that serves no images is %v", here)
		}
	})
	t.Run("Asked", func(t *testing.T) {
		a := lists(t, admin, vms+"?sort=name&pagesize=1&include=state&include=metadata.name&summary=state,namespace", db)
		row := a.Data[0]
		delete(row, "links")
		if diff := cmp.Diff(map[string]any{"id": db, "type": "virtualmachine", "state": "Starting", "metadata": map[string]any{"name": "db"}}, row); diff != "" {
			t.Errorf("two fields were asked for: (-want +got)\n%s", diff)
		}
		total := func(n float64) any { return map[string]any{"total": n} }
		want := []map[string]any{
			{"property": "state", "counts": map[string]any{"Running": total(1), "Starting": total(1)}},
			{"property": "namespace", "counts": map[string]any{"one": total(1), "two": total(1)}},
		}
		if diff := cmp.Diff(want, a.Summary); diff != "" {
			t.Errorf("the sums of all pages: (-want +got)\n%s", diff)
		}
		if own := lists(t, ann, vms+"?summary=node&exclude=metadata&summaryonly=true"); own.Count != 1 || cmp.Diff([]map[string]any{{"property": "node", "counts": map[string]any{"": total(1)}}}, own.Summary) != "" {
			t.Errorf("who may see one machine and no instance is told of %d, %v", own.Count, own.Summary)
		}
	})
	t.Run("BadQueries", func(t *testing.T) {
		for query, field := range map[string]string{"sort=colour": "colour", "filter=colour=red": "colour", "page=x": "page", "sort=name%3BDROP%20TABLE%20row_virtualmachine": "name;DROP TABLE row_virtualmachine"} {
			var a answer
			if status := admin.get(t, vms+"?"+query, &a); status != 422 || a.FieldName != field {
				t.Errorf("%s: got %d %+v, want 422 on %s", query, status, a, field)
			}
		}
		var a answer
		if status := admin.get(t, "/v1/croft/unicorns", &a); status != 404 || a.Type != "error" {
			t.Errorf("an unknown type: got %d %+v", status, a)
		}
	})
	t.Run("Projects", func(t *testing.T) {
		lists(t, admin, vms+"?projectsornamespaces=p-shop", web)
		lists(t, admin, vms+"?projectsornamespaces=two", db)
	})
	t.Run("Sites", func(t *testing.T) {
		eventually(t, "the sites are told as they are", func() bool {
			a := lists(t, admin, "/v1/croft/sites", far, near)
			away, here := a.Data[0], a.Data[1]
			return away["state"] == "Unavailable" && away["stale"] == true && here["state"] == "Active" && here["name"] == "Near" &&
				here["version"] == "v1.9.0" && here["nodes"] == 1.0 && here["machines"] == 2.0 && here["machinesRunning"] == 1.0
		})
		site := &fleetv1.Site{}
		if err := p.client.Get(t.Context(), client.ObjectKey{Name: near}, site); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, condition := range site.Status.Conditions {
			got[condition.Type] = string(condition.Status) + " " + condition.Reason
		}
		want := map[string]string{
			"Connected": "True Reachable", "Synced": "True Watching", "VersionSupported": "True Supported",
			"Healthy": "False NodesNotReady", "CredentialsExpiring": "True Ended",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("conditions: (-want +got)\n%s", diff)
		}
		row := lists(t, admin, "/v1/croft/sites?filter=metadata.labels[region]=eu&filter=environment=prod&filter=healthy=False&search=berlin&sort=region", near).Data[0]
		if diff := cmp.Diff(map[string]any{"name": "Berlin", "latitude": 52.52, "longitude": 13.405}, row["location"]); diff != "" {
			t.Errorf("where the site is: (-want +got)\n%s", diff)
		}
		lists(t, admin, "/v1/croft/sites?filter=metadata.labels[region]=us")
	})
	t.Run("Schemas", func(t *testing.T) {
		var a answer
		if status := admin.get(t, "/v1/croft/schemas", &a); status != 200 {
			t.Fatalf("got %d %s", status, a.Message)
		}
		got := a.ids()
		slices.Sort(got)
		if diff := cmp.Diff([]string{
			"access", "backup", "bulkoperation", "count", "guestcluster", "guestnode", "image", "loadbalancer", "namespace", "network", "node", "schema", "site", "snapshot",
			"storageclass", "subscribe", "template", "virtualmachine", "volume",
		}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	t.Run("Live", func(t *testing.T) {
		all, own := admin.subscribe(t, `{"resourceType":"virtualmachine"}`), ann.subscribe(t, `{"resourceType":"virtualmachine"}`)
		notices := ann.subscribe(t, `{"resourceType":"virtualmachines","mode":"resource.changes","debounceMs":50}`)
		hears(t, all, "resource.start", "")
		hears(t, own, "resource.start", "")
		hears(t, notices, "resource.start", "")
		p.create(t, machine("two", "secret"), machine("one", "public"))
		hears(t, all, "resource.create", near+"/two/secret")
		hears(t, all, "resource.create", near+"/one/public")
		for {
			event := hears(t, own, "resource.create", "")
			data, _ := event["data"].(map[string]any)
			if data["id"] == near+"/two/secret" {
				t.Error("a change was told to somebody who may not see the row")
			}
			if data["id"] == near+"/one/public" {
				break
			}
		}
		hears(t, notices, "resource.changes", "")
		for _, each := range []*kubevirt.VirtualMachine{machine("two", "secret"), machine("one", "public")} {
			if err := p.client.Delete(t.Context(), each); err != nil {
				t.Fatal(err)
			}
		}
		hears(t, all, "resource.remove", near+"/two/secret")
		hears(t, own, "resource.remove", near+"/one/public")
		lists(t, admin, vms, db, web)
	})
	t.Run("Access", func(t *testing.T) {
		p.create(t,
			&unstructured.Unstructured{Object: map[string]any{"apiVersion": "management.cattle.io/v3", "kind": "User", "metadata": map[string]any{"name": "u-cat"}}},
			&unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "management.cattle.io/v3", "kind": "UserAttribute", "metadata": map[string]any{"name": "u-cat"},
				"GroupPrincipals": map[string]any{"github": map[string]any{"Items": []any{map[string]any{"metadata": map[string]any{"name": "github_team://42"}}}}},
			}})
		team := allow("team-sees", "two", "nobody", seeMachines)
		team[1].(*rbacv1.RoleBinding).Subjects = []rbacv1.Subject{{Kind: "Group", APIGroup: rbacv1.GroupName, Name: "github_team://42"}}
		p.create(t, team...)
		const ask = "/v1/croft/access?verb=list&resource=virtualmachines&site=Near&namespace=two&user="
		var got explained
		eventually(t, "the team's member is allowed", func() bool {
			return admin.get(t, ask+"u-cat", &got) == 200 && got.Data[0].Allowed
		})
		if !strings.Contains(got.Data[0].Message, "RoleBinding two/team-sees gives Role two/team-sees to group github_team://42") {
			t.Errorf("got %q", got.Data[0].Message)
		}
		if status := admin.get(t, ask+"u-ann", &got); status != 200 || got.Data[0].Allowed || !got.Data[0].InHub.Allowed || !strings.Contains(got.Data[0].Message, "It is in one and not in two.") {
			t.Errorf("got %d %+v", status, got)
		}
		if status := ann.get(t, ask+"u-cat", &got); status != 403 {
			t.Errorf("who may not ask about others: got %d %+v", status, got)
		}
	})
	t.Run("Revoked", func(t *testing.T) {
		live, narrow := ann.subscribe(t, `{"resourceType":"virtualmachine"}`), ann.subscribe(t, `{"resourceType":"virtualmachine","filter":["name~b"]}`)
		hears(t, live, "resource.start", "")
		hears(t, narrow, "resource.start", "")
		all := admin.subscribe(t, `{"resourceType":"virtualmachine"}`)
		hears(t, all, "resource.start", "")
		objects := allow("ann-sees", "one", "u-ann", seeMachines)
		begun := time.Now()
		if err := p.client.Delete(t.Context(), objects[1]); err != nil {
			t.Fatal(err)
		}
		lists(t, ann, vms)
		hears(t, live, "resource.remove", web)
		hears(t, narrow, "resource.remove", web)
		hears(t, live, "resource.changes", "")
		hears(t, narrow, "resource.changes", "")
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("a revoked right was gone after %s, want 5 s at most", took)
		}
		changed := machine("one", "web")
		if err := p.client.Get(t.Context(), client.ObjectKeyFromObject(changed), changed); err != nil {
			t.Fatal(err)
		}
		changed.Labels = map[string]string{"secret": "yes"}
		if err := p.client.Update(t.Context(), changed); err != nil {
			t.Fatal(err)
		}
		hears(t, all, "resource.change", web)
		p.create(t, allow("ann-two", "two", "u-ann", seeMachines)...)
		lists(t, ann, vms, db)
		p.create(t, machine("two", "barrier"))
		for _, events := range []<-chan map[string]any{live, narrow} {
			for {
				event := hears(t, events, "resource.create", "")
				data, _ := event["data"].(map[string]any)
				if data["id"] == near+"/two/barrier" {
					break
				}
				t.Errorf("heard %v after the right was gone", event)
			}
		}
		for _, each := range append(allow("ann-two", "two", "u-ann", seeMachines), machine("two", "barrier")) {
			if err := p.client.Delete(t.Context(), each); err != nil {
				t.Fatal(err)
			}
		}
		p.create(t, allow("ann-sees", "one", "u-ann", seeMachines)[1])
		lists(t, ann, vms, web)
	})
	t.Run("Restart", func(*testing.T) {
		stop()
		late := machine("two", "late")
		p.create(t, late)
		if err := p.client.Delete(t.Context(), machine("two", "db")); err != nil {
			t.Fatal(err)
		}
		stop = p.start(t)
		lists(t, admin, vms, near+"/two/late", web)
		lists(t, ann, vms, web)
	})
	t.Run("Down", func(t *testing.T) {
		p.rancher.set(near, nil)
		eventually(t, "the rows are there and stale", func() bool {
			a := answer{}
			admin.get(t, vms, &a)
			if len(a.Data) != 2 {
				return false
			}
			for _, row := range a.Data {
				if row["stale"] != true || row["lastHeard"] == nil {
					return false
				}
			}
			return a.Sites[1]["connected"] == false && a.Sites[1]["complete"] == true && a.Sites[1]["message"] != ""
		})
		lists(t, ann, vms, web)
		p.rancher.set(near, apiServer(t, p.config))
		eventually(t, "the rows are fresh again", func() bool {
			a := lists(t, admin, vms, near+"/two/late", web)
			return a.Data[0]["stale"] == false
		})
	})
	t.Run("NewToken", func(t *testing.T) {
		// Sites that are followed read the file within a minute; one that joins reads it at once.
		p.rancher.renew(systemToken + "-new")
		p.write(t, systemToken+"-new")
		p.rancher.set(third, apiServer(t, p.config))
		p.create(t, cluster(third, "Third"))
		lists(t, admin, vms+"?sort=name&site=third", third+"/two/late", third+"/one/web")
		if err := p.client.Delete(t.Context(), cluster(third, "")); err != nil {
			t.Fatal(err)
		}
		lists(t, admin, vms+"?site=third")
	})
	t.Run("PlainHarvester", func(t *testing.T) {
		// Harvester 1.3 knows nothing of Croft, and of no kind that came later.
		p.rancher.set(plain, answering(apiServer(t, p.config), map[string]string{
			"/apis/harvesterhci.io/v1beta1/settings/server-version": `{"value":"v1.3.0"}`,
		}))
		p.create(t, cluster(plain, "Plain"))
		lists(t, admin, vms+"?sort=name&site=plain", plain+"/two/late", plain+"/one/web")
		eventually(t, "it is a site like others", func() bool {
			a := lists(t, admin, "/v1/croft/sites?filter=name=Plain", plain)
			return a.Data[0]["state"] == "Active" && a.Data[0]["version"] == "v1.3.0"
		})
		if err := p.client.Delete(t.Context(), cluster(plain, "")); err != nil {
			t.Fatal(err)
		}
		lists(t, admin, vms+"?site=plain")
		lists(t, admin, "/v1/croft/sites?filter=name=Plain")
	})
	t.Run("Leave", func(t *testing.T) {
		if err := p.client.Delete(t.Context(), cluster(near, "")); err != nil {
			t.Fatal(err)
		}
		a := lists(t, admin, vms)
		eventually(t, "the site is told no more", func() bool {
			admin.get(t, vms, &a)
			return len(a.Sites) == 1
		})
		lists(t, admin, "/v1/croft/sites", far)
		eventually(t, "the Site object is gone", func() bool {
			return apierrors.IsNotFound(p.client.Get(t.Context(), client.ObjectKey{Name: near}, &fleetv1.Site{}))
		})
	})
}
