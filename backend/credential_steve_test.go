package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// guestUser is the name by which these tests ask with a guest cluster's credential.
const guestUser = "guest"

// roots are the two paths that the same kinds are served under.
var roots = []string{"/v1/harvester/", "/v1/"}

// shared are the namespaces of which everybody who has logged in may see something: Croft's own, where bytes of images are
// sent, the one whose images and templates are everybody's, and KubeVirt's, which shows everybody its installation.
var shared = []string{croft, "harvester-public", "kubevirt"}

// credentialThroughSteve asks all of the backend with a credential of one namespace: nothing of another is shown, and
// nothing there can be done.
func credentialThroughSteve(t *testing.T) {
	inside, outside := vm("guest-node", kubevirt.RunStrategyHalted), vm("elsewhere", kubevirt.RunStrategyHalted)
	inside.Namespace = tenant
	for _, object := range []client.Object{
		inside, outside, guestClaim(tenant, "guest-disk"), guestClaim(home, "other-disk"),
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "hush"}},
	} {
		create(t, object)
	}
	left := guestClaim(tenant, "pvc-of-guest") // nobody here takes away what keeps a claim that is deleted
	note := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	if err := client.IgnoreNotFound(site.admin.Patch(t.Context(), left, note)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the backend knows all of them", func() bool {
		return strings.Contains(ask(t, admin, http.MethodGet, "/v1/persistentvolumeclaims", "").text, home+"/other-disk") &&
			slices.Equal(ids(t, ask(t, guestUser, http.MethodGet, "/v1/persistentvolumeclaims", "")), []string{tenant + "/guest-disk"}) &&
			strings.Contains(ask(t, guestUser, http.MethodGet, "/v1/kubevirt.io.virtualmachines", "").text, tenant+"/guest-node")
	})
	t.Run("Lists", guestLists)
	t.Run("Everything", guestSeesEverything)
	t.Run("Offered", guestIsOffered)
	t.Run("Refused", guestIsRefused)
	t.Run("Actions", guestActs)
	t.Run("Counts", guestCounts)
	t.Run("Subscribe", guestSubscribes)
	t.Run("Stays", func(t *testing.T) { read(t, outside) })
}

func guestClaim(namespace, name string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
}

// ids are those of the rows of a list.
func ids(t *testing.T, list answer) []string {
	t.Helper()
	var rows struct{ Data []struct{ ID string } }
	if err := json.Unmarshal([]byte(list.text), &rows); err != nil {
		t.Fatalf("%v: %s", err, list.text)
	}
	found := []string{}
	for _, row := range rows.Data {
		found = append(found, row.ID)
	}
	return found
}

// guestLists asks for lists, with every way to ask for other namespaces that there is.
func guestLists(t *testing.T) {
	cases := map[string]struct {
		reason, query string
		want          []string
	}{
		"Machines":      {"its nodes", "kubevirt.io.virtualmachines", []string{"tenant/guest-node"}},
		"Own":           {"of its namespace", "kubevirt.io.virtualmachines/tenant", []string{"tenant/guest-node"}},
		"Other":         {"not of another", "kubevirt.io.virtualmachines/default", nil},
		"Volumes":       {"its volumes", "persistentvolumeclaims", []string{"tenant/guest-disk"}},
		"OtherVolumes":  {"not another's", "persistentvolumeclaims/default", nil},
		"Pods":          {"not another's pods", "pods/kubevirt", nil},
		"Filter":        {"not by a filter", "persistentvolumeclaims?filter=metadata.namespace=default", nil},
		"FilterNot":     {"nor by what is not filtered", "persistentvolumeclaims?filter=metadata.namespace!=tenant", nil},
		"FilterName":    {"nor by a name", "persistentvolumeclaims?filter=metadata.name=other-disk", nil},
		"FilterID":      {"nor by an id", "persistentvolumeclaims?filter=id=default/other-disk", nil},
		"FilterEither":  {"nor by one thing or the other", "persistentvolumeclaims?filter=metadata.namespace=default,metadata.namespace=tenant", []string{"tenant/guest-disk"}},
		"Projects":      {"nor by what Rancher's pages ask for", "persistentvolumeclaims?projectsornamespaces=default", nil},
		"ProjectsBoth":  {"nor among others", "persistentvolumeclaims?projectsornamespaces=default,tenant", []string{"tenant/guest-disk"}},
		"ProjectsNot":   {"nor by what they leave out", "persistentvolumeclaims?projectsornamespaces!=tenant", nil},
		"ProjectsOther": {"nor in a list of another namespace", "persistentvolumeclaims/default?projectsornamespaces=default", nil},
		"Sort":          {"an order shows no more", "persistentvolumeclaims?sort=metadata.namespace&pagesize=1", []string{"tenant/guest-disk"}},
		"Page":          {"nor does the next page", "persistentvolumeclaims?sort=metadata.namespace&pagesize=1&page=2", nil},
	}
	for name, tc := range cases {
		for _, root := range roots {
			t.Run(name+root, func(t *testing.T) {
				got := ask(t, guestUser, http.MethodGet, root+tc.query, "")
				if got.status != http.StatusOK || !slices.Equal(ids(t, got), tc.want) {
					t.Errorf("%s: want %v, got %d %s", tc.reason, tc.want, got.status, got.text)
				}
			})
		}
	}
	t.Run("Summary", func(t *testing.T) {
		got := ask(t, guestUser, http.MethodGet, "/v1/persistentvolumeclaims?summary=metadata.namespace", "")
		if got.status != http.StatusOK || strings.Contains(got.text, `"`+home+`"`) {
			t.Errorf("nor are other namespaces summed up: %d %s", got.status, got.text)
		}
	})
}

// kind is what a schema offers.
type kind struct {
	ID                string
	CollectionMethods []string
	ResourceMethods   []string
	Attributes        struct{ Namespaced bool }
}

// kindsOf are the kinds that a user is offered.
func kindsOf(t *testing.T, user string) map[string]kind {
	t.Helper()
	var list struct{ Data []kind }
	if got := ask(t, user, http.MethodGet, "/v1/harvester/schemas", ""); json.Unmarshal([]byte(got.text), &list) != nil || got.status != http.StatusOK {
		t.Fatalf("no schemas: %d %s", got.status, got.text)
	}
	kinds := map[string]kind{}
	for _, k := range list.Data {
		kinds[k.ID] = k
	}
	return kinds
}

// guestSeesEverything lists all kinds that the credential is offered, whichever they are.
func guestSeesEverything(t *testing.T) {
	listed := 0
	for _, k := range kindsOf(t, guestUser) {
		if k.ID == "subscribe" || !slices.Contains(k.CollectionMethods, http.MethodGet) {
			continue
		}
		listed++
		for _, root := range roots {
			got := ask(t, guestUser, http.MethodGet, root+k.ID, "")
			if got.status != http.StatusOK {
				t.Errorf("what is offered can be listed: %s: %d %s", k.ID, got.status, got.text)
				continue
			}
			for _, id := range ids(t, got) {
				if !mayBeSeen(k, id) {
					t.Errorf("%s is another's: %s", k.ID, id)
				}
			}
		}
	}
	if listed < 5 {
		t.Errorf("only %d kinds were listed", listed)
	}
}

// everybodys are the settings that everybody who has logged in may read.
var everybodys = []string{
	"server-version", "default-storage-class", "harvester-csi-ccm-versions", "default-vm-termination-grace-period-seconds",
	"csi-online-expand-validation", "csi-driver-config",
}

// mayBeSeen says whether an object may be in a list for a credential.
func mayBeSeen(k kind, id string) bool {
	namespace, _, _ := strings.Cut(id, "/")
	switch {
	case k.ID == "harvesterhci.io.setting":
		return slices.Contains(everybodys, id)
	case k.ID == "namespace" || k.Attributes.Namespaced:
		return namespace == tenant || slices.Contains(shared, namespace)
	default:
		return true // classes, and what Steve makes itself
	}
}

// guestIsOffered looks at what the credential's schemas say can be done.
func guestIsOffered(t *testing.T) {
	kinds := kindsOf(t, guestUser)
	for _, none := range []string{"secret", "node", "persistentvolume", "rbac.authorization.k8s.io.rolebinding",
		"apiextensions.k8s.io.customresourcedefinition", "userpreference"} {
		if _, offered := kinds[none]; offered {
			t.Errorf("there is no %s for a guest", none)
		}
	}
	cases := map[string]struct {
		reason, kind         string
		collection, resource []string
	}{
		"Machines": {"a node is found and changed, not made, replaced or removed", "kubevirt.io.virtualmachine", []string{"GET"}, []string{"GET", "PATCH"}},
		"Volumes":  {"a volume is the guest's own", "persistentvolumeclaim", []string{"GET", "POST"}, []string{"DELETE", "GET", "PATCH", "PUT"}},
		"Classes":  {"a class is the site's", "storage.k8s.io.storageclass", []string{"GET"}, []string{"GET"}},
		"Settings": {"a setting, too", "harvesterhci.io.setting", []string{"GET"}, []string{"GET"}},
		"Spaces":   {"a namespace is not a guest's to make", "namespace", []string{"GET"}, []string{"GET"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			k := kinds[tc.kind]
			slices.Sort(k.CollectionMethods)
			slices.Sort(k.ResourceMethods)
			if !slices.Equal(k.CollectionMethods, tc.collection) || !slices.Equal(k.ResourceMethods, tc.resource) {
				t.Errorf("%s: %+v", tc.reason, k)
			}
		})
	}
}

// guestIsRefused asks for single things, and for deeds.
func guestIsRefused(t *testing.T) {
	const claims, home = "persistentvolumeclaims", "default"
	claim := func(namespace string) string {
		return fmt.Sprintf(`{"metadata":{"namespace":%q,"name":"made"},"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Gi"}}}}`, namespace)
	}
	get, post, put, patch, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	note := `{"metadata":{"annotations":{"guest":"was here"}}}`
	merge := map[string]string{"Content-Type": "application/merge-patch+json"}
	cases := map[string]badDay{
		"Machine":       {"another's machine by its name", guestUser, get, "kubevirt.io.virtualmachines/default/elsewhere", "", nil, keptOut},
		"Claim":         {"another's volume", guestUser, get, claims + "/default/other-disk", "", nil, keptOut},
		"Secret":        {"a secret", guestUser, get, "secrets/default/hush", "", nil, keptOut},
		"OwnSecret":     {"not even its own", guestUser, get, "secrets/tenant/guest-token", "", nil, keptOut},
		"Node":          {"a host", guestUser, get, "nodes/a", "", nil, keptOut},
		"Namespace":     {"another's namespace", guestUser, get, "namespaces/default", "", nil, keptOut},
		"Setting":       {"a setting that is not everybody's", guestUser, get, "harvesterhci.io.settings/backup-target", "", nil, keptOut},
		"Link":          {"what can be fetched of it", guestUser, get, "harvesterhci.io.virtualmachineimages/default/x/download", "", nil, keptOut},
		"LinkQuery":     {"in the other spelling", guestUser, get, "harvesterhci.io.virtualmachineimages/default/x?link=download", "", nil, keptOut},
		"LinkVersions":  {"versions of another's template", guestUser, get, "harvesterhci.io.virtualmachinetemplates/default/x/versions", "", nil, keptOut},
		"Makes":         {"a volume is made elsewhere", guestUser, post, claims, claim(home), nil, keptOut},
		"MakesAt":       {"at the address of another namespace", guestUser, post, claims + "/default", claim(home), nil, keptOut},
		"MakesThrough":  {"at its own address, for another", guestUser, post, claims + "/tenant", claim(home), nil, keptOut},
		"MakesMachine":  {"a machine in its own namespace", guestUser, post, "kubevirt.io.virtualmachines", machineText(tenant, "made"), nil, keptOut},
		"Replaces":      {"another's volume is replaced", guestUser, put, claims + "/default/other-disk", strings.Replace(claim(home), `"made"`, `"other-disk","resourceVersion":"1"`, 1), nil, keptOut},
		"ReplacesFrom":  {"by way of its own", guestUser, put, claims + "/tenant/guest-disk", strings.Replace(claim(home), `"made"`, `"guest-disk","resourceVersion":"1"`, 1), nil, keptOut},
		"Patches":       {"another's machine is changed", guestUser, patch, "kubevirt.io.virtualmachines/default/elsewhere", note, merge, keptOut},
		"PatchesClaim":  {"another's volume", guestUser, patch, claims + "/default/other-disk", note, merge, keptOut},
		"Deletes":       {"another's volume is removed", guestUser, del, claims + "/default/other-disk", "", nil, keptOut},
		"DeletesOwn":    {"its own machine is removed", guestUser, del, "kubevirt.io.virtualmachines/tenant/guest-node", "", nil, keptOut},
		"DeletesOther":  {"another's machine", guestUser, del, "kubevirt.io.virtualmachines/default/elsewhere?removedDisks=x", "", nil, keptOut},
		"Quota":         {"a namespace's quota", guestUser, post, "namespaces/default?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"1Gi"}`, nil, keptOut},
		"OwnQuota":      {"its own, neither", guestUser, post, "namespaces/tenant?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"1Gi"}`, nil, keptOut},
		"Keygen":        {"a key is made elsewhere", guestUser, post, "harvesterhci.io.keypairs?action=keygen", `{"name":"x","namespace":"default"}`, nil, keptOut},
		"Maintenance":   {"a host is taken out", guestUser, post, "nodes/a?action=cordon", "", nil, keptOut},
		"Apply":         {"not by a bundle", guestUser, post, "management.cattle.io.clusters/local?action=apply", `{"yaml":"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: made, namespace: default}\n"}`, nil, keptOut},
		"Traversal":     {"a name that leads elsewhere", guestUser, get, claims + "/tenant/..%2f..%2fdefault", "", nil, keptOut},
		"TraversalDeed": {"also for deeds", guestUser, post, claims + "/tenant/..%2fdefault%2fother-disk?action=clone", `{"name":"x"}`, nil, keptOut},
	}
	for name, tc := range cases {
		for _, root := range roots {
			t.Run(name+root, func(t *testing.T) {
				tc.path = root + tc.path
				tc.require(t)
			})
		}
	}
	for name, tc := range map[string]badDay{
		"Mints":      {"no credential makes another", guestUser, post, credentials, wantCredential(tenant, "second"), nil, http.StatusForbidden},
		"MintsOther": {"least of all elsewhere", guestUser, post, credentials, wantCredential(home, "second"), nil, http.StatusForbidden},
		"Shows":      {"nor is one shown to it", guestUser, get, credentials + "?namespace=tenant&serviceAccountName=guest", "", nil, http.StatusForbidden},
		"Devices":    {"nor what the hosts have", guestUser, get, "/v1/harvester/cluster/local?link=deviceCapacity", "", nil, http.StatusForbidden},
		"Kubernetes": {"nor through the way to Kubernetes' own API", guestUser, get, "/apis/kubevirt.io/v1/virtualmachines", "", nil, http.StatusForbidden},
		"Watches":    {"nor by a watch there", guestUser, get, "/api/v1/namespaces/default/persistentvolumeclaims?watch=true", "", nil, http.StatusForbidden},
		"Figures":    {"nor the server's figures", guestUser, get, "/metrics", "", nil, http.StatusForbidden},
	} {
		t.Run(name, tc.require)
	}
	made := guestClaim(home, "made")
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(made), made); !apierrors.IsNotFound(err) {
		t.Errorf("nothing was made: %v", err)
	}
}

// guestActs tries every action that there is, on what another has.
func guestActs(t *testing.T) {
	at := map[string]string{
		"VirtualMachine": "kubevirt.io.virtualmachines/default/elsewhere", "PersistentVolumeClaim": "persistentvolumeclaims/default/other-disk",
	}
	tried := 0
	for _, c := range capabilities {
		for _, r := range c.Resources {
			path, ok := at[r.Kind.Kind]
			if !ok {
				continue
			}
			for _, action := range r.Actions {
				for _, root := range roots {
					tried++
					got := ask(t, guestUser, http.MethodPost, root+path+"?action="+action.Name, "{}")
					if got.status != http.StatusForbidden {
						t.Errorf("%s %s: %d %s", path, action.Name, got.status, got.text)
					}
				}
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d deeds were tried", tried)
	}
}

// guestCounts asks how many there are.
func guestCounts(t *testing.T) {
	for _, root := range roots {
		got := ask(t, guestUser, http.MethodGet, root+"counts", "")
		var list struct {
			Data []struct {
				Counts map[string]struct {
					Summary    struct{ Count int }
					Namespaces map[string]struct{ Count int }
				}
			}
		}
		if err := json.Unmarshal([]byte(got.text), &list); err != nil || len(list.Data) != 1 {
			t.Fatalf("%v: %s", err, got.text)
		}
		counts := list.Data[0].Counts
		if counts["kubevirt.io.virtualmachine"].Summary.Count != 1 {
			t.Errorf("a guest counts its own: %s", got.text)
		}
		for id, count := range counts {
			for namespace := range count.Namespaces {
				if namespace != tenant && !slices.Contains(shared, namespace) {
					t.Errorf("%s of another namespace are counted: %s", id, namespace)
				}
			}
		}
	}
}

// guestSubscribes opens one subscription for everything in every way, while both namespaces change.
func guestSubscribes(t *testing.T) {
	for _, root := range roots {
		t.Run(root, func(t *testing.T) {
			conn := subscribe(t, guestUser, root)
			wants := []map[string]any{}
			for _, k := range []string{"kubevirt.io.virtualmachines", "kubevirt.io.virtualmachine", "persistentvolumeclaim", "count",
				"namespace", "secret", "node", "harvesterhci.io.setting", "pod", "management.cattle.io.cluster"} {
				for _, more := range []map[string]any{{}, {"namespace": home}, {"namespace": "*"}, {"id": home + "/elsewhere"},
					{"namespace": home, "id": "other-disk"}, {"namespace": tenant, "id": home + "/other-disk"}} {
					more["resourceType"] = k
					wants = append(wants, more)
				}
			}
			for _, want := range wants {
				if err := conn.WriteJSON(want); err != nil {
					t.Fatal(err)
				}
			}
			// Not one change: a subscription begins some time after it says so.
			restless(t, vm("elsewhere", ""), guestClaim(home, "other-disk"))
			own := vm("guest-node", "")
			own.Namespace = tenant
			restless(t, own, guestClaim(tenant, "guest-disk"))
			hears(t, conn, 6, tenant+"/guest-node", tenant+"/guest-disk")
		})
	}
}

// hears reads events until some objects have come so many times, and holds that nothing of another namespace came.
func hears(t *testing.T, conn *websocket.Conn, times int, wanted ...string) {
	t.Helper()
	heard := map[string]int{}
	for slices.ContainsFunc(wanted, func(id string) bool { return heard[id] < times }) {
		var event struct {
			Name string
			Data struct {
				ID       string
				Metadata struct{ Namespace string }
				Counts   map[string]struct{ Namespaces map[string]any }
			}
		}
		_, text, err := conn.ReadMessage()
		if err != nil || json.Unmarshal(text, &event) != nil {
			t.Fatalf("after %v: %v %s", heard, err, text)
		}
		if event.Name == "resource.error" || event.Name == "resource.stop" || event.Name == "resource.start" {
			continue
		}
		heard[event.Data.ID]++
		namespaces := []string{event.Data.Metadata.Namespace}
		for _, count := range event.Data.Counts {
			for namespace := range count.Namespaces {
				namespaces = append(namespaces, namespace)
			}
		}
		for _, namespace := range namespaces {
			if namespace != "" && namespace != tenant && !slices.Contains(shared, namespace) {
				t.Fatalf("an event of another namespace came: %s", text)
			}
		}
	}
}

// subscribe opens a websocket for changes.
func subscribe(t *testing.T, user, root string) *websocket.Conn {
	t.Helper()
	conn, err := dial(t, user, root)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func dial(t *testing.T, user, root string) (*websocket.Conn, error) {
	t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: site.api.Client().Transport.(*http.Transport).TLSClientConfig}
	conn, _, err := dialer.DialContext(t.Context(), strings.Replace(site.api.URL, "https:", "wss:", 1)+root+"subscribe",
		http.Header{"Authorization": {"Bearer " + site.tokens[user]}})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { conn.Close() })
	return conn, conn.SetReadDeadline(time.Now().Add(patience))
}

// restless changes objects until the test ends, and makes and removes one beside them that is counted.
func restless(t *testing.T, objects ...client.Object) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() {
		stop()
		<-done
	})
	go func() {
		defer close(done)
		for n := 0; ctx.Err() == nil; n++ {
			for _, object := range objects {
				note := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"metadata":{"annotations":{"n":"%d"}}}`, n))
				if err := site.admin.Patch(ctx, object.DeepCopyObject().(client.Object), note); err != nil && ctx.Err() == nil {
					t.Errorf("change %s: %v", object.GetName(), err)
					return
				}
				passing := guestClaim(object.GetNamespace(), fmt.Sprintf("passing-%s-%d", object.GetName(), n))
				_ = site.admin.Create(ctx, passing)
				_ = site.admin.Delete(context.WithoutCancel(ctx), passing)
				_ = site.admin.Patch(context.WithoutCancel(ctx), passing, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
}
