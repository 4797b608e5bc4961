package admission

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

func TestHeadroom(t *testing.T) {
	type most struct {
		Sockets, MaxSockets uint32
		MaxGuest            string
		// Limits and Requests are those of processors and memory.
		Limits, Requests string
	}
	grow := annotated(harvesterv1.AnnotationHotplug, "true")
	arm := func(vm *machine) { vm.Spec.Template.Spec.Architecture = "arm64" }
	amd := func(vm *machine) { vm.Spec.Template.Spec.Architecture = "amd64" }
	sockets := func(vm *machine) { vm.Spec.Template.Spec.Domain.CPU = &kubevirt.CPU{Sockets: 200} }
	given := func(vm *machine) {
		vm.Spec.Template.Spec.Domain.CPU = &kubevirt.CPU{Sockets: 2, MaxSockets: 3}
		vm.Spec.Template.Spec.Domain.Memory = &kubevirt.Memory{
			Guest: ptr.To(resource.MustParse("1Gi")), MaxGuest: ptr.To(resource.MustParse("3Gi")),
		}
	}
	cases := map[string]struct {
		reason   string
		vm       *machine
		settings map[string]string
		want     most
	}{
		"Usual":    {"four times what the limits say, as sockets", sizedMachine(amd, grow), nil, most{2, 8, "8Gi", "8 8Gi", "200m 1365Mi"}},
		"Set":      {"the site says how many times", sizedMachine(amd, grow), map[string]string{harvesterv1.SettingMaxHotplugRatio: "2"}, most{2, 4, "4Gi", "4 4Gi", "200m 1365Mi"}},
		"Spoiled":  {"a spoiled setting refuses no machine", sizedMachine(amd, grow), map[string]string{harvesterv1.SettingMaxHotplugRatio: "many"}, most{2, 8, "8Gi", "8 8Gi", "200m 1365Mi"}},
		"Given":    {"what the machine says itself stays", sizedMachine(amd, grow, given), nil, most{2, 3, "3Gi", "3 3Gi", "200m 682Mi"}},
		"Fixed":    {"a machine that does not grow has no maximum", sizedMachine(amd), nil, most{1, 0, "", "2 2Gi", "200m 1365Mi"}},
		"Small":    {"KubeVirt plugs no memory into a small machine", sizedMachine(amd, grow, guest("512Mi")), nil, most{2, 8, "", "8 2Gi", "200m 341Mi"}},
		"Crooked":  {"nor where it does not come out even", sizedMachine(amd, grow, guest("1025Mi")), nil, most{2, 8, "", "8 2Gi", "200m 683Mi"}},
		"ARM":      {"nor on ARM", sizedMachine(arm, grow), nil, most{2, 8, "", "8 2Gi", "200m 1365Mi"}},
		"Big":      {"no board has more than 512 places", sizedMachine(amd, grow, sockets), nil, most{200, 512, "8Gi", "512 8Gi", "20 1365Mi"}},
		"Running":  {"another maximum would ask for a restart", sizedMachine(amd, grow, func(vm *machine) { vm.Status.Created = true }), nil, most{2, 0, "", "2 2Gi", "0 0"}},
		"Reserved": {"the guest has what is left of the limit", sizedMachine(amd, grow, annotated(harvesterv1.AnnotationReservedMemory, "512Mi")), nil, most{2, 8, "6Gi", "8 6656Mi", "200m 1365Mi"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := tc.vm.DeepCopy()
			for _, change := range siteWith(t, tc.settings).changes() {
				if err := change(t.Context(), request{Object: tc.vm, Old: before}); err != nil {
					t.Fatal(err)
				}
			}
			domain := tc.vm.Spec.Template.Spec.Domain
			size := sizeOf(tc.vm)
			got := most{Sockets: size.Sockets, MaxSockets: domain.CPU.MaxSockets, Limits: size.Limits, Requests: size.Requests}
			if domain.Memory.MaxGuest != nil {
				got.MaxGuest = domain.Memory.MaxGuest.String()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
