package virtualmachine

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func TestRemove(t *testing.T) {
	refusal := errors.New("a webhook refuses it")
	disks := func(names ...string) capability.Options { return capability.Options{"removedDisks": names} }
	left := func(m *Machine) { m.VM.Annotations = map[string]string{harvesterv1.AnnotationRemovedClaims: "data"} }
	cases := map[string]struct {
		reason  string
		machine Machine
		options capability.Options
		refusal error
		// during is the choice while the machine is deleted, after when it was not.
		during, after string
		err           string
	}{
		"None":     {reason: "without a choice every volume stays", machine: off(volumes("root", "data"))},
		"Chosen":   {reason: "the choice stands before the machine is deleted", machine: off(volumes("root", "data")), options: disks("root", "data"), during: "root,data", after: "root,data"},
		"Refused":  {reason: "a choice does not wait for the next deletion", machine: off(volumes("root")), options: disks("root"), refusal: refusal, during: "root", err: "a webhook refuses it"},
		"LeftOver": {reason: "who names no volume loses none to an older choice", machine: off(volumes("root", "data"), left)},
		"Replaced": {reason: "the last choice counts", machine: off(volumes("root", "data"), left), options: disks("root"), during: "root", after: "root"},
		"Listed":   {reason: "some clients name them in one text", machine: off(volumes("root", "data")), options: disks("root, data", "root,"), during: "root,data", after: "root,data"},
		"Nothing":  {reason: "an empty text names none", machine: off(volumes("root")), options: disks("", " , ")},
		"Away":     {reason: "nor one of another namespace", machine: off(volumes("root")), options: disks("other/root"), during: "never", err: "The machine has no volume other/root. It has: root."},
		"Named":    {reason: "Harvester's page names a volume as the machine calls it", machine: off(volumes("root"), called("disk-0", "web-root"), called("cloudinit", "")), options: disks("disk-0", "cloudinit"), during: "web-root", after: "web-root"},
		"Twice":    {reason: "a volume may be named in both ways", machine: off(called("disk-0", "web-root")), options: disks("disk-0", "web-root"), during: "web-root", after: "web-root"},
		"Unclear":  {reason: "bytes are not lost to a mistake", machine: off(called("disk-0", "web-root"), called("web-root", "web-data")), options: disks("web-root"), during: "never", err: "web-root is the name of a volume and of another volume's claim. Name the claims: web-data, web-root."},
		"OneWrong": {reason: "all or none", machine: off(volumes("root")), options: disks("root,theirs"), during: "never", err: "The machine has no volume theirs. It has: root."},
		"Foreign":  {reason: "a volume of somebody else is refused", machine: off(volumes("root")), options: disks("theirs"), during: "never", err: "The machine has no volume theirs. It has: root."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			kinds := runtime.NewScheme()
			if err := kubevirt.AddToScheme(kinds); err != nil {
				t.Fatal(err)
			}
			asCaller := fake.NewClientBuilder().WithScheme(kinds).WithObjects(tc.machine.VM).Build()
			choice := func() string {
				now := &kubevirt.VirtualMachine{}
				if err := asCaller.Get(t.Context(), client.ObjectKeyFromObject(tc.machine.VM), now); err != nil {
					t.Fatal(err)
				}
				return now.Annotations[harvesterv1.AnnotationRemovedClaims]
			}
			during := "never"
			err := remove(t.Context(), capability.Caller{Client: asCaller}, tc.machine, tc.options, func() error {
				during = choice()
				return tc.refusal
			})
			said := ""
			if err != nil {
				said = err.Error()
			}
			if diff := cmp.Diff([]string{tc.during, tc.after, tc.err}, []string{during, choice(), said}); diff != "" {
				t.Errorf("%s: during, after, error: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// called adds a volume whose claim has another name, or that has none.
func called(name, claimName string) func(*Machine) {
	return func(m *Machine) {
		if m.VM.Spec.Template == nil {
			m.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
		}
		volume := kubevirt.Volume{Name: name}
		if claimName != "" {
			volume.PersistentVolumeClaim = plugged(claimName)
		}
		m.VM.Spec.Template.Spec.Volumes = append(m.VM.Spec.Template.Spec.Volumes, volume)
	}
}
