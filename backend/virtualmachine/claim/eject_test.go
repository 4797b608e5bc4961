package claim

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
)

// TestEjectedRemembered lets the controller look at a machine that it remembers without its disc and at a claim that it
// remembers as ejected, while more has happened since.
func TestEjectedRemembered(t *testing.T) {
	disc := func(mark string) *corev1.PersistentVolumeClaim {
		claim := ownedBy("default/web")
		claim.Annotations[harvesterv1.AnnotationEjected] = mark
		return claim
	}
	anew := machine(nil)
	anew.UID = "anew"
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		mark   string
		gone   bool
	}{
		"Ejected": {"what was ejected goes", machine(nil), "true", true},
		"Back":    {"not when it was put in again", machine(nil, "data"), "true", false},
		"Kept":    {"nor when the mark was taken back, as when the drive could not be emptied", machine(nil), "", false},
		"Anew":    {"nor from a machine that has come under the same name", anew, "true", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			live := known(t, interceptor.Funcs{}, tc.vm, disc(tc.mark))
			c := &Controller{Client: behind.Reads(known(t, interceptor.Funcs{}, machine(nil), disc("true")), live), Live: live, Events: events.NewFakeRecorder(1)}
			if err := c.disown(t.Context(), &subject{VirtualMachine: machine(nil)}); client.IgnoreNotFound(err) != nil && !apierrors.IsConflict(err) {
				t.Fatal(err)
			}
			present, err := c.present(t.Context(), keyOf("data"))
			if err != nil || (len(present) == 0) != tc.gone {
				t.Errorf("%s: the claim is gone: %t (%v)", tc.reason, len(present) == 0, err)
			}
		})
	}
}
