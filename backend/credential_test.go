package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/sandbox/process"
)

// tenant is a namespace whose people have the roles that Kubernetes has for them, with what the chart adds to these.
const tenant = "tenant"

// The people of the tenant.
const (
	tenantAdmin  = "tenant-admin"
	tenantEditor = "tenant-editor"
	tenantViewer = "tenant-viewer"
)

const credentials = "/v1/harvester/kubeconfig"

// control runs some of Kubernetes' own controllers until the test ends.
func control(t *testing.T, controllers ...string) {
	t.Helper()
	spec, err := site.cluster.ControllerManager(controllers...)
	if err != nil {
		t.Fatal(err)
	}
	supervisor := process.New(nil)
	t.Cleanup(supervisor.Stop)
	if err := supervisor.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

// letIn gives the site the roles of the chart, and the tenant its people.
func letIn(t *testing.T) {
	t.Helper()
	for _, name := range []string{croft, tenant} {
		stay(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	for document := range strings.SplitSeq(render(t, nil), "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			t.Fatal(err)
		}
		switch object.GetKind() {
		case "Namespace", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding":
			stay(t, object)
		}
	}
	for user, role := range map[string]string{tenantAdmin: "admin", tenantEditor: "edit", tenantViewer: "view"} {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: user}}
		stay(t, account)
		stay(t, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: user},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: tenant, Name: user}},
		})
		request := &authenticationv1.TokenRequest{}
		if err := site.admin.SubResource("token").Create(t.Context(), account, request); err != nil {
			t.Fatal(err)
		}
		site.tokens[user] = request.Status.Token
	}
}

// aggregate waits until Kubernetes' own roles have taken in what the chart adds to them.
func aggregate(t *testing.T) {
	t.Helper()
	for role, resource := range map[string]string{"admin": "clusterroles", "edit": "keypairs", "view": "keypairs"} {
		eventually(t, "the role "+role+" has grown", func() bool {
			rules := read(t, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}}).Rules
			for _, rule := range rules {
				for _, has := range rule.Resources {
					if has == resource {
						return true
					}
				}
			}
			return false
		})
	}
}

// minted is the kubeconfig in an answer.
func minted(t *testing.T, a answer) string {
	t.Helper()
	var config string
	if err := json.Unmarshal([]byte(a.text), &config); err != nil || a.status != http.StatusOK {
		t.Fatalf("want a string, got %d %s", a.status, a.text)
	}
	return config
}

// wantCredential is what Rancher's page sends.
func wantCredential(namespace, name string) string {
	return `{"csiclusterRoleName":"harvesterhci.io:csi-driver","clusterRoleName":"harvesterhci.io:cloudprovider",` +
		`"namespace":"` + namespace + `","serviceAccountName":"` + name + `"}`
}

func TestCredential(t *testing.T) {
	control(t, "serviceaccount-token-controller", "garbage-collector-controller", "clusterrole-aggregation-controller")
	letIn(t)
	aggregate(t)

	first := minted(t, ask(t, tenantAdmin, http.MethodPost, credentials, wantCredential(tenant, "guest")))
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "guest"}}
	t.Cleanup(func() { remove(t, account) })
	if again := minted(t, ask(t, tenantAdmin, http.MethodPost, credentials, wantCredential(tenant, "guest"))); again != first {
		t.Errorf("who asks twice gets the same:\n%s\n%s", first, again)
	}
	const query = "?namespace=" + tenant + "&serviceAccountName=guest"
	if shown := minted(t, ask(t, tenantAdmin, http.MethodGet, credentials+query, "")); shown != first {
		t.Errorf("and who asks for it later, too:\n%s\n%s", first, shown)
	}
	if files := minted(t, ask(t, tenantAdmin, http.MethodGet, credentials+query+"&outputFormat=yaml", "")); !strings.HasPrefix(files, "write_files:\n") {
		t.Errorf("cloud-init writes files: %s", files)
	}
	t.Run("Refused", credentialRefused)
	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(first))
	if err != nil {
		t.Fatal(err)
	}
	if config.Host != site.cluster.Server() {
		t.Errorf("the guest is told where the site's API is: %s", config.Host)
	}
	guest, err := client.New(config, client.Options{Scheme: site.admin.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	site.tokens[guestUser] = config.BearerToken
	ended := expiring(t, read(t, account))
	t.Run("Reach", func(t *testing.T) { credentialReach(t, guest) })
	t.Run("Rights", func(t *testing.T) { credentialRights(t, guest) })
	t.Run("Steve", credentialThroughSteve)
	t.Run("Expired", ended)
	t.Run("Remove", func(t *testing.T) { credentialRemoved(t, guest, account) })
}

func credentialRefused(t *testing.T) {
	create(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "operator"}})
	cases := map[string]struct {
		reason string
		user   string
		method string
		path   string
		body   string
		want   int
		field  string
		says   string
	}{
		"Editor":   {reason: "who may not bind roles mints nothing", user: tenantEditor, body: wantCredential(tenant, "stolen"), want: http.StatusForbidden, says: "rolebindings"},
		"Viewer":   {reason: "nor who may only look", user: tenantViewer, body: wantCredential(tenant, "stolen"), want: http.StatusForbidden, says: "serviceaccounts"},
		"Reader":   {reason: "who may not read secrets is shown none", user: tenantViewer, method: http.MethodGet, path: "?namespace=" + tenant + "&serviceAccountName=guest", want: http.StatusForbidden, says: "forbidden"},
		"Next":     {reason: "the next namespace is another's", user: tenantAdmin, body: wantCredential(home, "stolen"), want: http.StatusForbidden, says: "forbidden"},
		"Nowhere":  {reason: "a namespace that is not there is said so", user: admin, body: wantCredential("nowhere", "guest"), want: http.StatusNotFound, says: "nowhere"},
		"Operator": {reason: "an account of another purpose may reach further", user: tenantAdmin, body: wantCredential(tenant, "operator"), want: http.StatusConflict, says: "was not made for a guest cluster"},
		"Strange":  {reason: "nor is its kubeconfig shown", user: tenantAdmin, method: http.MethodGet, path: "?namespace=" + tenant + "&serviceAccountName=operator", want: http.StatusConflict, says: "was not made for a guest cluster"},
		"None":     {reason: "what was not minted is not shown", user: tenantAdmin, method: http.MethodGet, path: "?namespace=" + tenant + "&serviceAccountName=none", want: http.StatusNotFound, says: "none"},
		"Role":     {reason: "no other role is bound", user: tenantAdmin, body: strings.Replace(wantCredential(tenant, "stolen"), "harvesterhci.io:cloudprovider", "admin", 1), want: http.StatusUnprocessableEntity, field: "clusterRoleName", says: "harvesterhci.io:cloudprovider"},
		"Misspelt": {reason: "a misspelt field is named", user: tenantAdmin, body: `{"clusterRole":"x"}`, want: http.StatusUnprocessableEntity, field: "clusterRole", says: "There is no field"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			method := tc.method
			if method == "" {
				method = http.MethodPost
			}
			got := ask(t, tc.user, method, credentials+tc.path, tc.body)
			if got.status != tc.want || got.body.FieldName != tc.field || !strings.Contains(got.body.Message, tc.says) {
				t.Errorf("%s: want %d, field %q and %q, got %d %s", tc.reason, tc.want, tc.field, tc.says, got.status, got.text)
			}
			stolen := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "stolen"}}
			if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(stolen), stolen); !apierrors.IsNotFound(err) {
				t.Errorf("%s: and nothing is left half-done: %v", tc.reason, err)
			}
		})
	}
}

// credentialReach tries what a guest's programs do, and what they would like to.
func credentialReach(t *testing.T, guest client.Client) {
	inside, outside := vm("node-1", kubevirt.RunStrategyHalted), vm("other", kubevirt.RunStrategyHalted)
	inside.Namespace = tenant
	create(t, inside)
	create(t, outside)
	for name, value := range map[string]string{"server-version": "v1.9.0", "csi-online-expand-validation": "{}", "csi-driver-config": "{}"} {
		stay(t, &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value})
	}
	setting := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			return guest.Get(ctx, client.ObjectKey{Name: name}, &harvesterv1.Setting{})
		}
	}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"guest":"was here"}}}`))
	claim := func(namespace string) *corev1.PersistentVolumeClaim {
		return &corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "pvc-of-guest"},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
				Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
			},
		}
	}
	list := func(into client.ObjectList, options ...client.ListOption) func(context.Context) error {
		return func(ctx context.Context) error { return guest.List(ctx, into, options...) }
	}
	cases := map[string]struct {
		reason string
		do     func(context.Context) error
		may    bool
	}{
		"Machine":     {"the CSI driver plugs its disks in", func(ctx context.Context) error { return guest.Patch(ctx, inside.DeepCopy(), patch) }, true},
		"Machines":    {"the cloud provider finds its nodes", list(&kubevirt.VirtualMachineList{}, client.InNamespace(tenant)), true},
		"Instances":   {"and their addresses", list(&kubevirt.VirtualMachineInstanceList{}, client.InNamespace(tenant)), true},
		"Volume":      {"the CSI driver makes volumes", func(ctx context.Context) error { return guest.Create(ctx, claim(tenant)) }, true},
		"Gone":        {"and removes them", func(ctx context.Context) error { return client.IgnoreNotFound(guest.Delete(ctx, claim(tenant))) }, true},
		"Version":     {"its first question", setting("server-version"), true},
		"Growing":     {"whether a volume in use may grow", setting("csi-online-expand-validation"), true},
		"Snapshots":   {"and of which class its snapshots are", setting("csi-driver-config"), true},
		"Classes":     {"it offers the site's classes", list(&storagev1.StorageClassList{}), true},
		"Attachments": {"a volume is not given to two nodes", list(&storagev1.VolumeAttachmentList{}), true},
		"Pods":        {"a machine's pod tells its node", list(&corev1.PodList{}, client.InNamespace(tenant)), true},

		"OtherMachine":  {"another tenant's machine is not touched", func(ctx context.Context) error { return guest.Patch(ctx, outside.DeepCopy(), patch) }, false},
		"OtherMachines": {"nor seen", list(&kubevirt.VirtualMachineList{}, client.InNamespace(home)), false},
		"AllMachines":   {"nor listed with all others", list(&kubevirt.VirtualMachineList{}), false},
		"OtherVolume":   {"no volume is made elsewhere", func(ctx context.Context) error { return guest.Create(ctx, claim(home)) }, false},
		"OtherVolumes":  {"nor read", list(&corev1.PersistentVolumeClaimList{}), false},
		"OtherPods":     {"nor are pods", list(&corev1.PodList{}, client.InNamespace("kube-system")), false},
		"Settings":      {"settings hold passwords", list(&harvesterv1.SettingList{}), false},
		"Secrets":       {"not even beside it are secrets read", list(&corev1.SecretList{}, client.InNamespace(tenant)), false},
		"Nodes":         {"hosts are not a guest's business", list(&corev1.NodeList{}), false},
		"Namespaces":    {"nor are other tenants' names", list(&corev1.NamespaceList{}), false},
		"Disks":         {"nor their disks", list(&corev1.PersistentVolumeList{}), false},
		"NewMachine": {"a guest makes no machines", func(ctx context.Context) error {
			made := vm("made", kubevirt.RunStrategyHalted)
			made.Namespace = tenant
			return guest.Create(ctx, made)
		}, false},
		"Class": {"nor classes", func(ctx context.Context) error {
			return guest.Create(ctx, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "mine"}, Provisioner: "x"})
		}, false},
		"Binding": {"nor rights", func(ctx context.Context) error {
			return guest.Create(ctx, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "more"},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "admin"},
			})
		}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := tc.do(t.Context()); tc.may != (err == nil) || err != nil && !apierrors.IsForbidden(err) {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
	if err := client.IgnoreNotFound(site.admin.Delete(t.Context(), claim(tenant))); err != nil {
		t.Error(err)
	}
}

// credentialRights asks for the rights to kinds that not every site has.
func credentialRights(t *testing.T, guest client.Client) {
	cases := map[string]struct {
		reason string
		what   authorizationv1.ResourceAttributes
	}{
		"Balancer":  {"the cloud provider makes load balancers", authorizationv1.ResourceAttributes{Verb: "create", Group: "loadbalancer.harvesterhci.io", Resource: "loadbalancers"}},
		"GuestOS":   {"and asks for the guest's addresses", authorizationv1.ResourceAttributes{Verb: "get", Group: "subresources.kubevirt.io", Resource: "virtualmachineinstances", Subresource: "guestosinfo"}},
		"AddVolume": {"older CSI drivers plug disks in so", authorizationv1.ResourceAttributes{Verb: "update", Group: "subresources.kubevirt.io", Resource: "virtualmachines", Subresource: "addvolume"}},
		"Snapshot":  {"newer ones make snapshots", authorizationv1.ResourceAttributes{Verb: "create", Group: "snapshot.storage.k8s.io", Resource: "volumesnapshots"}},
		"Backup":    {"and backups", authorizationv1.ResourceAttributes{Verb: "create", Group: "harvesterhci.io", Resource: "volumeremotebackups"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for namespace, want := range map[string]bool{tenant: true, home: false, "": false} {
				what := tc.what
				what.Namespace = namespace
				review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &what}}
				if err := guest.Create(t.Context(), review); err != nil {
					t.Fatal(err)
				}
				if review.Status.Allowed != want {
					t.Errorf("%s, in the tenant's namespace alone: in %q it may: %v", tc.reason, namespace, review.Status.Allowed)
				}
			}
		})
	}
}

// credentialRemoved deletes the account, as Rancher does with the guest cluster.
func credentialRemoved(t *testing.T, guest client.Client, account *corev1.ServiceAccount) {
	eventually(t, "the account is deleted", func() bool {
		got := ask(t, tenantAdmin, http.MethodDelete, "/v1/harvester/serviceaccounts/"+tenant+"/guest", "")
		return got.status < http.StatusMultipleChoices
	})
	for _, part := range []client.Object{
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: "guest-token"}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: tenant + "-guest"}},
		&rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: tenant, Name: tenant + "-guest:csi-driver"}},
		account,
	} {
		eventually(t, part.GetName()+" goes with it", func() bool {
			return apierrors.IsNotFound(site.admin.Get(t.Context(), client.ObjectKeyFromObject(part), part))
		})
	}
	eventually(t, "and the kubeconfig opens nothing", func() bool {
		return apierrors.IsUnauthorized(guest.List(t.Context(), &kubevirt.VirtualMachineList{}, client.InNamespace(tenant)))
	})
}
