package admission

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
)

// holders are a machine, an image and a copy that hold on to a volume.
func holders(volume string) (vm, image, copied client.Object) {
	machine := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", Annotations: map[string]string{
		harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"` + volume + `"}}]`,
	}}}
	export := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "exported"}}
	export.Spec.SourceType, export.Spec.PVCNamespace, export.Spec.PVCName = harvesterv1.ImageSourceVolume, "default", volume
	clone := cdi.Clone{
		Claim:           &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "copy"}},
		SourceNamespace: "default", SourceName: volume,
	}
	return machine, export, clone.Volume()
}

// TestUnusedNow deletes a volume while the cache knows those who hold on to it as they were a moment ago.
func TestUnusedNow(t *testing.T) {
	const self, person = "croft", "somebody"
	kinds := runtime.NewScheme()
	known := runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, cdi.AddToScheme}
	if err := known.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	vm, image, copied := holders("root")
	oldVM, oldImage, oldCopy := holders("freed")
	live := fake.NewClientBuilder().WithScheme(kinds).WithObjects(vm, image, copied).
		WithIndex(&kubevirt.VirtualMachine{}, indexMachines, func(o client.Object) []string { return claimsOf(o.(*kubevirt.VirtualMachine)) }).Build()
	freed, fresh := behind.Remembers(live, oldVM, oldImage, oldCopy), behind.Misses(live, vm, image, copied)
	cases := map[string]struct {
		reason  string
		cache   client.Client
		volume  string
		user    string
		refused bool
	}{
		"Used":     {"who holds it is known", live, "root", person, true},
		"Free":     {"nobody does", live, "spare", person, false},
		"Freed":    {"who held it a moment ago keeps nothing", freed, "freed", person, false},
		"JustUsed": {"who holds it since a moment ago does", fresh, "root", person, true},
		"Self":     {"the server itself has looked before, and deletes many", fresh, "root", self, false},
		"SelfUsed": {"it is refused what is known all the same", live, "root", self, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := site{reader: tc.cache, direct: live, self: self}
			asked := request{
				Old:  &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: tc.volume}},
				User: authenticationv1.UserInfo{Username: tc.user},
			}
			for by, check := range map[string]func(context.Context, request) error{"machine": s.unused, "image": s.notExported, "copy": s.notCopied} {
				if err := check(t.Context(), asked); apierrors.IsConflict(err) != tc.refused || err != nil && !tc.refused {
					t.Errorf("%s, by a %s: want refused %t, got %v", tc.reason, by, tc.refused, err)
				}
			}
		})
	}
}
