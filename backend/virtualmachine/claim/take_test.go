package claim

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// meanwhile does something once, as soon as a machine has been read.
type meanwhile struct {
	client.Reader

	name string
	do   func()
}

func (m *meanwhile) Get(ctx context.Context, key types.NamespacedName, into client.Object, options ...client.GetOption) error {
	err := m.Reader.Get(ctx, key, into, options...)
	if do := m.do; do != nil && key.Name == m.name {
		m.do = nil
		do()
	}
	return err
}

// TestTakeMeanwhile starts a machine just when another one, which is about to run with the same volume, has seen it off.
func TestTakeMeanwhile(t *testing.T) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, kubevirt.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	cases := map[string]struct {
		reason string
		listed []string
		taken  string
		want   []string
	}{
		"Unlisted": {"who is alone on the list takes the volume without a word", []string{"default/early"}, "", []string{"early"}},
		"Listed":   {"who has it says so again when another is to run", []string{"default/early", "default/late"}, "default/early", []string{"early"}},
		"Later":    {"who does not have it lets the one that has it run", []string{"default/early", "default/late"}, "default/late", []string{"late"}},
		"Nobody's": {"what nobody has goes to whoever writes first", []string{"default/early", "default/late"}, "", []string{"early"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "disk"}}
			claim.Annotations = map[string]string{harvesterv1.AnnotationOwnedBy: withMachines("", tc.listed)}
			if tc.taken != "" {
				claim.Annotations[harvesterv1.AnnotationTakenBy] = tc.taken
			}
			early, late := off("early"), off("late")
			late.Spec.RunStrategy = new(kubevirt.RunStrategyAlways)
			c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(claim, early, late).Build()
			var ran []string
			take := func(vm *kubevirt.VirtualMachine, live client.Reader) {
				var rivals []string
				err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
					present := &corev1.PersistentVolumeClaim{}
					err := c.Get(t.Context(), client.ObjectKeyFromObject(claim), present)
					if err == nil {
						rivals, err = Taker{Client: c, Live: live}.Take(t.Context(), vm, present)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(rivals) == 0 {
					ran = append(ran, vm.Name)
				}
			}
			take(late, &meanwhile{Reader: c, name: "early", do: func() {
				early.Spec.RunStrategy = new(kubevirt.RunStrategyAlways)
				if err := c.Update(t.Context(), early); err != nil {
					t.Fatal(err)
				}
				take(early, c)
			}})
			if diff := cmp.Diff(tc.want, ran); diff != "" {
				t.Errorf("%s: one of them runs: -want +got\n%s", tc.reason, diff)
			}
		})
	}
}

// off is a machine that is off, with the disk.
func off(name string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	source := &kubevirt.PersistentVolumeClaimVolumeSource{}
	source.ClaimName = "disk"
	vm.Spec.RunStrategy = new(kubevirt.RunStrategyHalted)
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	vm.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "disk", VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source}}}
	return vm
}
