package registration

import (
	"context"
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

func newClient(t *testing.T, objects ...client.Object) client.Client {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := errors.Join(rancher.AddToScheme(scheme), corev1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}

	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&management.Cluster{}, &provisioning.Cluster{}).Build()
}

func newRegistrar(live client.Client) *registrar {
	report := func(context.Context, error) {}

	return &registrar{cached: live, Options: Options{
		Live: live, Clusters: &downstream.Clusters{Reader: live, Secrets: live, Tunnel: tunnel.New(func(string) {}, report)}, Now: time.Now,
	}}
}

// managed is a management cluster that names a provisioning cluster as its own.
func managed(name, owner string) *management.Cluster {
	return &management.Cluster{ObjectMeta: metav1.ObjectMeta{
		Name: name, Finalizers: []string{finalizer},
		Annotations: map[string]string{annotationOwner: owner, annotationOwnerNamespace: provisioning.DefaultNamespace},
	}}
}

// asked is a provisioning cluster that names a management cluster, in its status or by annotation.
func asked(name, status, annotation string) *provisioning.Cluster {
	return &provisioning.Cluster{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: provisioning.DefaultNamespace, Name: name, Finalizers: []string{provisioningFinalizer},
			Annotations: map[string]string{annotationCluster: annotation},
		},
		Status: provisioning.ClusterStatus{ClusterName: status},
	}
}

// leaves is an object under a UID of its own that is being deleted, as a cache may remember it.
func leaves[T client.Object](object T, uid types.UID) T {
	object.SetUID(uid)
	object.SetDeletionTimestamp(ptr.To(metav1.Now()))

	return object
}

// stays is an object under a UID of its own.
func stays[T client.Object](object T, uid types.UID) T {
	object.SetUID(uid)

	return object
}

// going tells whether an object is deleted, or held by its finalizer alone.
func going(t *testing.T, live client.Client, object client.Object) bool {
	t.Helper()

	err := live.Get(t.Context(), client.ObjectKeyFromObject(object), object)
	if client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}

	return apierrors.IsNotFound(err) || object.GetDeletionTimestamp() != nil
}

func TestRemoveManagement(t *testing.T) {
	cases := map[string]struct {
		reason  string
		cluster *management.Cluster
		asked   *provisioning.Cluster
		want    bool
	}{
		"Own":     {"both say that they belong together", managed("c-m-a", "a"), asked("a", "c-m-a", ""), true},
		"Legacy":  {"one that was made for this cluster a moment ago has no status yet", managed("c-a", "c-a"), asked("c-a", "", "c-a"), true},
		"Other's": {"an owner may write annotations, which must not delete another's cluster", managed("c-m-a", "b"), asked("b", "c-m-b", ""), false},
		"Claimed": {"an annotation over there does not count against its status", managed("c-m-a", "b"), asked("b", "c-m-b", "c-m-a"), false},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := newClient(t, tc.cluster, tc.asked)
			if err := live.Delete(t.Context(), tc.cluster); err != nil {
				t.Fatal(err)
			}

			if _, err := newRegistrar(live).Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(tc.cluster)}); err != nil {
				t.Fatal(err)
			}

			if got := going(t, live, tc.asked); got != tc.want {
				t.Errorf("%s: the provisioning cluster is deleted: %t", tc.reason, got)
			}
		})
	}
}

func TestRemoveProvisioning(t *testing.T) {
	cases := map[string]struct {
		reason  string
		cluster *management.Cluster
		asked   *provisioning.Cluster
		want    bool
	}{
		"Own":     {"its own management cluster goes with it", managed("c-m-a", "a"), asked("a", "c-m-a", ""), true},
		"Renamed": {"an owner who writes another name cannot keep it", managed("c-m-a", "b"), asked("a", "c-m-a", ""), true},
		"Claimed": {"who may make provisioning clusters must not delete another's cluster", managed("c-m-b", "b"), asked("a", "", "c-m-b"), false},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := newClient(t, tc.cluster, tc.asked)
			if err := live.Delete(t.Context(), tc.asked); err != nil {
				t.Fatal(err)
			}

			p := &provisioner{cached: live, live: live}
			if _, err := p.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(tc.asked)}); err != nil {
				t.Fatal(err)
			}

			if got := going(t, live, tc.cluster); got != tc.want {
				t.Errorf("%s: the management cluster is deleted: %t", tc.reason, got)
			}
		})
	}
}

// TestWish holds that a management cluster that is nobody's yet, as the hub's own, is not had by an annotation: it is neither
// changed, nor deleted with who wished for it.
func TestWish(t *testing.T) {
	cluster := managed("local", "")
	cluster.Annotations = nil
	wishes := asked("a", "", "local")
	wishes.Labels = map[string]string{"wished": "true"}
	wishes.Spec.Raw = []byte(`{"rkeConfig":{"machinePools":[{"machineConfigRef":{"kind":"CroftConfig"}}]}}`)
	live := newClient(t, cluster, wishes)
	p := &provisioner{cached: live, live: live}
	reconcile := func() {
		t.Helper()

		if _, err := p.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(wishes)}); err != nil {
			t.Fatal(err)
		}
	}
	reconcile()

	found := &management.Cluster{}
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(cluster), found); err != nil {
		t.Fatal(err)
	}

	if len(found.Annotations)+len(found.Labels) > 0 || found.Status.Provider != "" || found.Status.Info != nil {
		t.Errorf("it is changed: %+v, %+v", found.ObjectMeta, found.Status)
	}

	if err := live.Delete(t.Context(), wishes); err != nil {
		t.Fatal(err)
	}

	reconcile()

	if going(t, live, cluster) {
		t.Error("it is deleted with who wished for it")
	}
}

// TestRemoveRemembered has clusters removed that the cache remembers as leaving, while others have their names: what
// belongs to those stays.
func TestRemoveRemembered(t *testing.T) {
	cluster := stays(managed("c-m-a", "a"), "new")
	provisioned := stays(asked("a", "c-m-a", ""), "new")
	left := []client.Object{
		cluster, provisioned,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "c-m-a"}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: downstream.CredentialNamespace, Name: credentialName("c-m-a")}},
		&management.ClusterRegistrationToken{ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-a", Name: DefaultToken}},
		&management.Project{ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-a", Name: "p-1"}},
		&management.ClusterRoleTemplateBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-a", Name: "crtb-1"}},
		&management.ProjectRoleTemplateBinding{ObjectMeta: metav1.ObjectMeta{Namespace: "c-m-a-p-1", Name: "prtb-1"}, ProjectName: "c-m-a:p-1"},
	}
	live := newClient(t, left...)
	behind := newClient(t, leaves(managed("c-m-a", "a"), "old"), leaves(asked("a", "c-m-a", ""), "old"))

	r := newRegistrar(live)
	r.cached = behind
	p := &provisioner{cached: behind, live: live}

	for _, look := range []func() (ctrl.Result, error){
		func() (ctrl.Result, error) {
			return r.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(cluster)})
		},
		func() (ctrl.Result, error) {
			return p.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(provisioned)})
		},
	} {
		if _, err := look(); err != nil {
			t.Fatal(err)
		}
	}

	for _, object := range left {
		if going(t, live, object) {
			t.Errorf("%T %s is another's and is deleted", object, object.GetName())
		}
	}
}

// TestHoldKeepsFinalizers lets a cluster be held that the cache remembers without the finalizer that somebody else has
// put on it since.
func TestHoldKeepsFinalizers(t *testing.T) {
	fresh := managed("c-m-a", "a")
	fresh.Finalizers = nil
	behind := newClient(t, fresh.DeepCopy())

	old := &management.Cluster{}
	if err := behind.Get(t.Context(), client.ObjectKeyFromObject(fresh), old); err != nil {
		t.Fatal(err)
	}

	live := newClient(t, fresh)
	now := old.DeepCopy()
	now.Finalizers = []string{"example.org/somebody"}

	if err := live.Update(t.Context(), now); err != nil {
		t.Fatal(err)
	}

	r := newRegistrar(live)
	if err := r.hold(t.Context(), old); !apierrors.IsConflict(err) {
		t.Errorf("an old cluster is looked at again, got %v", err)
	}

	if err := live.Get(t.Context(), client.ObjectKeyFromObject(fresh), now); err != nil || now.Finalizers[0] != "example.org/somebody" {
		t.Errorf("another's finalizer stays, got %v, %v", now.Finalizers, err)
	}
}
