package claim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func machine(annotations map[string]string, claims ...string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", Annotations: annotations},
		Spec:       kubevirt.VirtualMachineSpec{Template: &kubevirt.VirtualMachineInstanceTemplateSpec{}},
	}
	for _, name := range claims {
		source := &kubevirt.PersistentVolumeClaimVolumeSource{}
		source.ClaimName = name
		vm.Spec.Template.Spec.Volumes = append(vm.Spec.Template.Spec.Volumes, kubevirt.Volume{
			Name: name, VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: source},
		})
	}
	return vm
}

func TestOwners(t *testing.T) {
	cases := map[string]struct {
		reason   string
		from     string
		add      string
		drop     string
		want     string
		machines []string
	}{
		"First":   {reason: "the form is Harvester's", add: "default/web", want: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, machines: []string{"default/web"}},
		"Twice":   {reason: "a machine is listed once", from: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, add: "default/web", want: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, machines: []string{"default/web"}},
		"Shared":  {reason: "a volume may have several machines", from: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, add: "default/db", want: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/db","default/web"]}]`, machines: []string{"default/db", "default/web"}},
		"Last":    {reason: "nothing is left of an empty list", from: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, drop: "default/web"},
		"Foreign": {reason: "other kinds of owners are kept", from: `[{"schema":"harvesterhci.io.addon","refs":["a/b"]}]`, add: "default/web", want: `[{"schema":"harvesterhci.io.addon","refs":["a/b"]},{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, machines: []string{"default/web"}},
		"Garbage": {reason: "what cannot be read counts as nothing", from: `hello`, add: "default/web", want: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`, machines: []string{"default/web"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := tc.from
			if tc.add != "" {
				got = addOwner(got, tc.add)
			}
			if tc.drop != "" {
				got = dropOwner(got, tc.drop)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.machines, machinesOf(got)); diff != "" {
				t.Errorf("%s: machines: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRemovable(t *testing.T) {
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		want   []string
	}{
		"None":    {"a volume outlives its machine", machine(nil, "root"), nil},
		"Named":   {"what is named goes, with spaces as people write them", machine(map[string]string{harvesterv1.AnnotationRemovedClaims: "root, data"}, "root", "data", "keep"), []string{"root", "data"}},
		"Foreign": {"another machine's volume is not removed by writing its name", machine(map[string]string{harvesterv1.AnnotationRemovedClaims: "theirs,,root"}, "root"), []string{"root"}},
		"Made": {"a volume that was made for the machine goes, also when it is not plugged in", machine(map[string]string{
			harvesterv1.AnnotationRemovedClaims: "spare", harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"spare"}}]`,
		}), []string{"spare"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, removable(tc.vm)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUnlessUsable(t *testing.T) {
	image := func(status metav1.ConditionStatus, message string) *harvesterv1.VirtualMachineImage {
		return &harvesterv1.VirtualMachineImage{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"},
			Status: harvesterv1.VirtualMachineImageStatus{
				VirtualSize: 2 << 30,
				Conditions:  []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: status, Message: message}},
			},
		}
	}
	cases := map[string]struct {
		reason string
		image  *harvesterv1.VirtualMachineImage
		size   string
		want   string
	}{
		"Ready":  {"an image that is there is cut", image(metav1.ConditionTrue, ""), "2Gi", ""},
		"Early":  {"an image that is coming is waited for", image(metav1.ConditionUnknown, ""), "2Gi", `image "default/debian" of volume root is not ready yet`},
		"Failed": {"an image that failed says why", image(metav1.ConditionFalse, "404 Not Found"), "2Gi", `image "default/debian" of volume root is not ready: 404 Not Found`},
		"Small":  {"a volume holds the whole disk", image(metav1.ConditionTrue, ""), "1Gi", `volume root asks for 1Gi, image "default/debian" needs 2Gi`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			wanted := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "root"}}
			wanted.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(tc.size)}
			got := ""
			if err := unlessUsable(tc.image, wanted); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
