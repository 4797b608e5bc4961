package claim

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
)

// neighbour is another machine than the one that machine makes.
func neighbour(claims ...string) *kubevirt.VirtualMachine {
	vm := machine(nil, claims...)
	vm.Name = "db"
	return vm
}

func TestRemoveOne(t *testing.T) {
	owned := func(by string) map[string]string { return map[string]string{harvesterv1.AnnotationOwnedBy: by} }
	const alone = `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`
	cases := map[string]struct {
		reason     string
		claim      map[string]string
		volume     map[string]string
		neighbours []client.Object
		gone       bool
		event      string
	}{
		"Alone":     {reason: "the machine's own goes", claim: owned(alone), gone: true, event: "Normal VolumeClaimRemoved removed volume data"},
		"Filling":   {reason: "so does a volume that is still being filled", volume: owned(alone), gone: true, event: "Normal VolumeClaimRemoved removed volume data"},
		"Shared":    {reason: "what another machine uses stays", claim: owned(`[{"schema":"kubevirt.io.virtualmachine","refs":["default/db","default/web"]}]`), event: "Warning VolumeClaimKept kept volume data, which is also used by default/db"},
		"Unlisted":  {reason: "also when that machine is too new to be listed", claim: owned(alone), neighbours: []client.Object{neighbour("data")}, event: "Warning VolumeClaimKept kept volume data, which is also used by default/db"},
		"Otherwise": {reason: "owners of another type count as well", claim: owned(`[{"schema":"harvesterhci.io.addon","refs":["a/b"]},{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`), event: "Warning VolumeClaimKept kept volume data, which is also used by a/b"},
		"Nobodys":   {reason: "what nothing says is the machine's stays", claim: owned(""), event: "Warning VolumeClaimKept kept volume data, which nothing says is this machine's"},
		"Golden":    {reason: "an image keeps its bytes", claim: map[string]string{harvesterv1.AnnotationOwnedBy: alone, harvesterv1.AnnotationGoldenImage: "true", harvesterv1.AnnotationImageID: "default/debian"}, event: "Warning VolumeClaimKept kept volume data, which is image default/debian"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			objects := tc.neighbours
			if tc.claim != nil {
				objects = append(objects, &corev1.PersistentVolumeClaim{ObjectMeta: called("data", tc.claim)})
			}
			if tc.volume != nil {
				objects = append(objects, &cdi.DataVolume{ObjectMeta: called("data", tc.volume)})
			}
			told := events.NewFakeRecorder(1)
			live := known(t, interceptor.Funcs{}, objects...)
			c := &Controller{Client: live, Live: live, Events: told}
			if _, err := c.removeOne(t.Context(), &subject{VirtualMachine: machine(nil, "data")}, keyOf("data")); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.event, <-told.Events); diff != "" {
				t.Errorf("%s: event: -want +got:\n%s", tc.reason, diff)
			}
			present, err := c.present(t.Context(), keyOf("data"))
			if err != nil || (len(present) == 0) != tc.gone {
				t.Errorf("%s: want gone %t, got %v (%v)", tc.reason, tc.gone, present, err)
			}
		})
	}
}

// TestRemoveOneIsThatOne holds that a claim which somebody has made anew under the old name is not taken for it.
func TestRemoveOneIsThatOne(t *testing.T) {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: called("data", map[string]string{
		harvesterv1.AnnotationOwnedBy: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`,
	})}
	var asked *types.UID
	watched := interceptor.Funcs{Delete: func(_ context.Context, _ client.WithWatch, o client.Object, options ...client.DeleteOption) error {
		given := &client.DeleteOptions{}
		given.ApplyOptions(options)
		if given.Preconditions != nil {
			asked = given.Preconditions.UID
		}
		return apierrors.NewConflict(corev1.Resource("persistentvolumeclaims"), o.GetName(), nil)
	}}
	live := known(t, watched, claim)
	c := &Controller{Client: live, Live: live, Events: events.NewFakeRecorder(1)}
	_, err := c.removeOne(t.Context(), &subject{VirtualMachine: machine(nil, "data")}, keyOf("data"))
	if !apierrors.IsConflict(err) || asked == nil || *asked != claim.UID {
		t.Errorf("the claim that was looked at goes, or none: %v, %v", asked, err)
	}
}

func called(name string, annotations map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("uid-of-" + name), Annotations: annotations}
}

func keyOf(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "default", Name: name}
}

// known is a client that knows some objects, with the controller's indexes.
func known(t *testing.T, funcs interceptor.Funcs, objects ...client.Object) client.WithWatch {
	t.Helper()
	kinds := runtime.NewScheme()
	builder := runtime.SchemeBuilder{scheme.AddToScheme, cdi.AddToScheme, kubevirt.AddToScheme}
	if err := builder.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(kinds).WithObjects(objects...).WithInterceptorFuncs(funcs).
		WithIndex(&kubevirt.VirtualMachine{}, indexClaims, func(o client.Object) []string {
			return Named(o.(*kubevirt.VirtualMachine))
		}).
		WithIndex(&corev1.PersistentVolumeClaim{}, indexUsers, func(o client.Object) []string {
			return machinesOf(o.GetAnnotations()[harvesterv1.AnnotationOwnedBy])
		}).Build()
}

// ownedBy is a claim that lists a machine.
func ownedBy(machines string) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: called("data", map[string]string{
		harvesterv1.AnnotationOwnedBy: `[{"schema":"kubevirt.io.virtualmachine","refs":["` + machines + `"]}]`,
	})}
}

// TestRemoveRemembered lets the controller look at a machine whose claim is to go with it and that it remembers as being
// deleted, while it has not heard of everything that has happened since.
func TestRemoveRemembered(t *testing.T) {
	going := func(uid types.UID) *kubevirt.VirtualMachine {
		vm := machine(map[string]string{harvesterv1.AnnotationRemovedClaims: "data"}, "data")
		vm.UID, vm.Finalizers, vm.DeletionTimestamp = uid, []string{finalizer}, ptr.To(metav1.Now())
		return vm
	}
	anew := machine(nil, "data")
	anew.UID = "anew"
	cases := map[string]struct {
		reason string
		now    *kubevirt.VirtualMachine
		gone   bool
	}{
		"Made":   {"a claim that was made a moment ago goes as well", going("old"), true},
		"Gone":   {"a machine that is gone takes nothing any more", nil, false},
		"Anew":   {"nor what another of its name has", anew, false},
		"Anew's": {"even when that goes too: it is looked at when it is heard of", going("anew"), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			claim := ownedBy("default/web")
			objects := []client.Object{claim}
			if tc.now != nil {
				objects = append(objects, tc.now)
			}
			live := known(t, interceptor.Funcs{}, objects...)
			old := going("old")
			c := &Controller{Client: behind.Reads(known(t, interceptor.Funcs{}, old), live), Live: live, Events: events.NewFakeRecorder(1)}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(old)}); err != nil {
				t.Fatal(err)
			}
			err := live.Get(t.Context(), client.ObjectKeyFromObject(claim), claim)
			if apierrors.IsNotFound(err) != tc.gone {
				t.Errorf("%s: the claim is gone: %t (%v)", tc.reason, !tc.gone, err)
			}
		})
	}
}

// TestOutlive holds that no claim lists a machine for ever that is gone, and each goes on to list one that is not known yet.
func TestOutlive(t *testing.T) {
	cases := map[string]struct {
		reason string
		now    []client.Object
		want   []string
	}{
		"Gone":  {"a machine that went before its claim was known to list it is forgotten", nil, nil},
		"Early": {"one that the cache does not know yet is there", []client.Object{machine(nil, "data")}, []string{"default/web"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			claim := ownedBy("default/web")
			live := known(t, interceptor.Funcs{}, append(tc.now, claim)...)
			c := &Controller{Client: behind.Reads(known(t, interceptor.Funcs{}, claim), live), Live: live}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: types.NamespacedName{Namespace: "default", Name: "web"}}); err != nil {
				t.Fatal(err)
			}
			if err := live.Get(t.Context(), client.ObjectKeyFromObject(claim), claim); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, Machines(claim)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
