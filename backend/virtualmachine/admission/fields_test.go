package admission

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// sizedMachine is a machine of two processors and 2 Gi.
func sizedMachine(changes ...func(*machine)) *machine {
	vm := &machine{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "web", Labels: map[string]string{}, Annotations: map[string]string{},
	}}
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	vm.Spec.Template.Spec.Domain.Resources.Limits = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("2Gi"),
	}
	for _, change := range changes {
		change(vm)
	}
	return vm
}

// fresh is a new value of a pointer's type.
func fresh[T any](*T) *T { return new(T) }

func annotated(key, value string) func(*machine) {
	return func(vm *machine) { vm.Annotations[key] = value }
}

func templated(templates string) func(*machine) {
	return annotated(harvesterv1.AnnotationVolumeClaimTemplates, templates)
}

// volume is a claim template as text.
func volume(name, class, size, image string) string {
	return `{"metadata":{"name":"` + name + `","annotations":{"harvesterhci.io/imageId":"` + image + `"}},"spec":{"accessModes":["ReadWriteMany"],` +
		`"storageClassName":"` + class + `","resources":{"requests":{"storage":"` + size + `"}}}}`
}

// moved is the template of a volume that moves to another claim.
func moved(name, target string) string {
	return strings.Replace(volume(name, "fast", "1Gi", ""), "{", `{"targetVolume":"`+target+`",`, 1)
}

func cards(addresses ...string) func(*machine) {
	return func(vm *machine) {
		for i, address := range addresses {
			name := string(rune('a' + i))
			vm.Spec.Template.Spec.Domain.Devices.Interfaces = append(vm.Spec.Template.Spec.Domain.Devices.Interfaces,
				kubevirt.Interface{Name: name, MacAddress: address})
		}
	}
}

func TestFields(t *testing.T) {
	domain := func(change func(*kubevirt.DomainSpec)) func(*machine) {
		return func(vm *machine) { change(&vm.Spec.Template.Spec.Domain) }
	}
	const templates = "metadata.annotations[harvesterhci.io/volumeClaimTemplates]"
	cases := map[string]struct {
		reason string
		vm     *machine
		old    *machine
		want   []string
	}{
		"Good": {reason: "a machine with a size is let in", vm: sizedMachine()},
		"NoLimits": {
			reason: "a machine without a size would take the whole node",
			vm:     sizedMachine(domain(func(d *kubevirt.DomainSpec) { d.Resources.Limits = nil })),
			want:   []string{"spec.template.spec.domain.resources.limits.cpu", "spec.template.spec.domain.resources.limits.memory"},
		},
		"ZeroLimit": {
			reason: "nothing boots on no memory",
			vm:     sizedMachine(domain(func(d *kubevirt.DomainSpec) { d.Resources.Limits[corev1.ResourceMemory] = resource.MustParse("0") })),
			want:   []string{"spec.template.spec.domain.resources.limits.memory"},
		},
		"InstanceType": {
			reason: "an instance type has the size",
			vm: sizedMachine(domain(func(d *kubevirt.DomainSpec) { d.Resources.Limits = nil }), func(vm *machine) {
				vm.Spec.Instancetype = fresh(vm.Spec.Instancetype)
			}),
		},
		"ReservedAll": {
			reason: "something must be left for the guest", vm: sizedMachine(annotated(harvesterv1.AnnotationReservedMemory, "2Gi")),
			want: []string{"metadata.annotations[harvesterhci.io/reservedMemory]"},
		},
		"ReservedText": {
			reason: "memory is a quantity", vm: sizedMachine(annotated(harvesterv1.AnnotationReservedMemory, "some")),
			want: []string{"metadata.annotations[harvesterhci.io/reservedMemory]"},
		},
		"ReservedSome": {reason: "a part may be kept", vm: sizedMachine(annotated(harvesterv1.AnnotationReservedMemory, "256Mi"))},
		"Grace": {
			reason: "time does not run backwards",
			vm:     sizedMachine(func(vm *machine) { vm.Spec.Template.Spec.TerminationGracePeriodSeconds = ptr.To(int64(-1)) }),
			want:   []string{"spec.template.spec.terminationGracePeriodSeconds"},
		},
		"Maintenance": {
			reason: "a strategy that nobody knows would do nothing",
			vm:     sizedMachine(func(vm *machine) { vm.Labels[harvesterv1.LabelMaintenanceStrategy] = "Pray" }),
			want:   []string{"metadata.labels[harvesterhci.io/maintain-mode-strategy]"},
		},
		"Disks": {
			reason: "disks and volumes are paired by name",
			vm: sizedMachine(domain(func(d *kubevirt.DomainSpec) {
				d.Devices.Disks = []kubevirt.Disk{{Name: "root"}, {Name: "data"}, {Name: "root"}}
			})),
			want: []string{"spec.template.spec.domain.devices.disks[2].name"},
		},
		"Shared": {
			reason: "what several machines write to is not booted from, not cached, and a claim",
			vm: sizedMachine(func(vm *machine) {
				vm.Spec.Template.Spec.Volumes = []kubevirt.Volume{{Name: "quorum", VolumeSource: kubevirt.VolumeSource{DataVolume: &kubevirt.DataVolumeSource{Name: "q"}}}}
				vm.Spec.Template.Spec.Domain.Devices.Disks = []kubevirt.Disk{{
					Name: "quorum", Shareable: ptr.To(true), BootOrder: ptr.To(uint(1)), Cache: "writeback",
				}}
			}),
			want: []string{
				"spec.template.spec.domain.devices.disks[0].bootOrder", "spec.template.spec.domain.devices.disks[0].cache",
				"spec.template.spec.volumes[0].persistentVolumeClaim",
			},
		},
		"SharedWell": {
			reason: "KubeVirt turns the cache off by itself",
			vm: sizedMachine(domain(func(d *kubevirt.DomainSpec) {
				d.Devices.Disks = []kubevirt.Disk{{Name: "quorum", Shareable: ptr.To(true)}}
			})),
		},
		"Move": {reason: "a volume may move", vm: sizedMachine(templated("[" + moved("root", "fast-root") + "," + volume("data", "fast", "1Gi", "") + "]"))},
		"Moves": {
			reason: "one moves at a time, and not to itself",
			vm:     sizedMachine(templated("[" + moved("root", "fast-root") + "," + moved("data", "fast-data") + "," + moved("logs", "logs") + "]")),
			want:   []string{templates + "[1].targetVolume", templates + "[2].targetVolume"},
		},
		"Addresses": {
			reason: "two cards of one address hear nothing",
			vm:     sizedMachine(cards("02:00:00:00:00:0a", "02-00-00-00-00-0A", "garbage")),
			want: []string{
				"spec.template.spec.domain.devices.interfaces[1].macAddress", "spec.template.spec.domain.devices.interfaces[2].macAddress",
			},
		},
		"TemplatesText": {reason: "templates are JSON", vm: sizedMachine(templated("{")), want: []string{templates}},
		"Templates":     {reason: "a whole template is let in", vm: sizedMachine(templated("[" + volume("root", "fast", "1Gi", "") + "]"))},
		"TemplatesHalf": {
			reason: "a volume needs a name that Kubernetes takes, a size and an access mode", vm: sizedMachine(templated(`[{},{"metadata":{"name":"A B"}}]`)),
			want: []string{
				templates + "[0].metadata.name", templates + "[0].spec.resources.requests.storage", templates + "[0].spec.accessModes",
				templates + "[1].metadata.name", templates + "[1].spec.resources.requests.storage", templates + "[1].spec.accessModes",
			},
		},
		"TemplatesTwice": {
			reason: "a volume is made once", vm: sizedMachine(templated("[" + volume("root", "fast", "1Gi", "") + "," + volume("root", "fast", "1Gi", "") + "]")),
			want: []string{templates + "[1].metadata.name"},
		},
		"Class": {
			reason: "a volume cannot move by writing another class",
			vm:     sizedMachine(templated("[" + volume("root", "bulk", "1Gi", "") + "]")), old: sizedMachine(templated("[" + volume("root", "fast", "1Gi", "") + "]")),
			want: []string{templates + "[0].spec.storageClassName"},
		},
		"Shrink": {
			reason: "no storage takes bytes away from a disk",
			vm:     sizedMachine(templated("[" + volume("root", "fast", "1Gi", "") + "]")), old: sizedMachine(templated("[" + volume("root", "fast", "2Gi", "") + "]")),
			want: []string{templates + "[0].spec.resources.requests.storage"},
		},
		"Grow": {
			reason: "a volume may grow",
			vm:     sizedMachine(templated("[" + volume("root", "fast", "3Gi", "") + "]")), old: sizedMachine(templated("[" + volume("root", "fast", "2Gi", "") + "]")),
		},
		"Image": {
			reason: "a volume is cut once",
			vm:     sizedMachine(templated("[" + volume("root", "fast", "1Gi", "default/b") + "]")), old: sizedMachine(templated("[" + volume("root", "fast", "1Gi", "default/a") + "]")),
			want: []string{templates + "[0].metadata.annotations[harvesterhci.io/imageId]"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, check := range fields {
				for _, wrong := range check(request{Object: tc.vm, Old: tc.old}) {
					got = append(got, wrong.Field)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
