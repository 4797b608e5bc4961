package move_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/backend/virtualmachine/move"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

// begun is the claim template of a volume that is moved from web-root to fast-root. A client has written more there than
// Croft knows.
const begun = `[{"metadata":{"name":"web-root","annotations":{"harvesterhci.io/imageId":"default/tiny"}},"type":"volume",` +
	`"targetVolume":"fast-root","spec":{"accessModes":["ReadWriteMany"],"storageClassName":"slow",` +
	`"resources":{"requests":{"storage":"1Gi"}}}},{"metadata":{"name":"web-data"}}]`

const ended = `[{"metadata":{"annotations":{"harvesterhci.io/imageId":"default/tiny"},"name":"fast-root"},` +
	`"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"2Gi"}},"storageClassName":"fast","volumeMode":"Block"},` +
	`"type":"volume"},{"metadata":{"name":"web-data"}}]`

func volumes(claim string) []kubevirt.Volume {
	source := &kubevirt.PersistentVolumeClaimVolumeSource{}
	source.ClaimName = claim
	return []kubevirt.Volume{{Name: "root", VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source}}}
}

func machine(on string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "web", Annotations: map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: begun},
	}}
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	vm.Spec.Template.Spec.Volumes = volumes(on)
	return vm
}

func instance(on string, changes ...func(*kubevirt.VirtualMachineInstance)) *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}}
	vmi.Spec.Volumes = volumes(on)
	vmi.Status.Phase = kubevirt.PhaseRunning
	for _, change := range changes {
		change(vmi)
	}
	return vmi
}

func underWay(vmi *kubevirt.VirtualMachineInstance) {
	vmi.Status.MigratedVolumes = []kubevirt.MigratedVolume{{VolumeName: "root"}}
}

func changing(vmi *kubevirt.VirtualMachineInstance) {
	vmi.Status.Conditions = []kubevirt.VirtualMachineInstanceCondition{{
		Type: kubevirt.InstanceVolumesChange, Status: corev1.ConditionTrue,
	}}
}

func over(vmi *kubevirt.VirtualMachineInstance) { vmi.Status.Phase = kubevirt.PhaseSucceeded }

func TestArrived(t *testing.T) {
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		vmi    *kubevirt.VirtualMachineInstance
		want   bool
	}{
		"There":     {"it runs on the other claim and nothing is left to do", machine("fast-root"), instance("fast-root"), true},
		"Ordered":   {"KubeVirt has not begun", machine("fast-root"), instance("web-root"), false},
		"UnderWay":  {"the bytes are on their way", machine("fast-root"), instance("fast-root", underWay), false},
		"Changing":  {"KubeVirt says so in another place as well", machine("fast-root"), instance("fast-root", changing), false},
		"Cancelled": {"somebody has put the old claim back", machine("web-root"), instance("fast-root"), false},
		"Off":       {"what it had reached is not known", machine("fast-root"), nil, false},
		"Over":      {"nor when it has ended", machine("fast-root"), instance("fast-root", over), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := move.Arrived(tc.vm, tc.vmi, claim.Moves(tc.vm)[0]); got != tc.want {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, got)
			}
		})
	}
}

func TestTemplateFollows(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return move.New(to).SetUp(to) },
	})
	c.Make(&corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "fast-root"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes:      []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
			StorageClassName: ptr.To("fast"), VolumeMode: ptr.To(corev1.PersistentVolumeBlock),
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("2Gi")}},
		},
	})
	vmi := instance("fast-root", underWay)
	c.Make(vmi)
	vm := machine("fast-root")
	c.Make(vm)
	manager.Change(c, vmi, func(vmi *kubevirt.VirtualMachineInstance) { vmi.Status.MigratedVolumes = nil })
	manager.Report(c, vm, func(vm *kubevirt.VirtualMachine) { vm.Status.PrintableStatus = kubevirt.StatusRunning })
	manager.Until(c, vm, "have the template of the claim that it runs on", func(vm *kubevirt.VirtualMachine) bool {
		return cmp.Equal(ended, vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates])
	})
}
