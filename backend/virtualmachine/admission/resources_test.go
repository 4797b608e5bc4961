package admission

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// size is the size of a machine as people read it.
type size struct {
	Requests, Limits, Guest string
	Cores, Sockets, Threads uint32
}

func sizeOf(vm *machine) size {
	domain := vm.Spec.Template.Spec.Domain
	text := func(list corev1.ResourceList) string {
		cpu, memory := list[corev1.ResourceCPU], list[corev1.ResourceMemory]
		return cpu.String() + " " + memory.String()
	}
	got := size{Requests: text(domain.Resources.Requests), Limits: text(domain.Resources.Limits)}
	if domain.Memory != nil && domain.Memory.Guest != nil {
		got.Guest = domain.Memory.Guest.String()
	}
	if domain.CPU != nil {
		got.Cores, got.Sockets, got.Threads = domain.CPU.Cores, domain.CPU.Sockets, domain.CPU.Threads
	}
	return got
}

// guest sets the memory that the guest sees.
func guest(memory string) func(*machine) {
	return func(vm *machine) {
		vm.Spec.Template.Spec.Domain.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse(memory))}
	}
}

// cores sets the cores of a machine's one socket.
func cores(number uint32) func(*machine) {
	return func(vm *machine) {
		vm.Spec.Template.Spec.Domain.CPU = &kubevirt.CPU{Cores: number, Sockets: 1, Threads: 1}
	}
}

func limit(name corev1.ResourceName, quantity string) func(*machine) {
	return func(vm *machine) { vm.Spec.Template.Spec.Domain.Resources.Limits[name] = resource.MustParse(quantity) }
}

func siteWith(t *testing.T, settings map[string]string) site {
	t.Helper()
	kinds := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	objects := fake.NewClientBuilder().WithScheme(kinds)
	for name, value := range settings {
		objects.WithObjects(&harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value})
	}
	return site{reader: objects.Build(), random: bytes.NewReader([]byte("\x01\x02\x03\x04\x05\x06\xff\xff\xff\xff\xff\xff"))}
}

func TestSize(t *testing.T) {
	domain := func(change func(*kubevirt.DomainSpec)) func(*machine) {
		return func(vm *machine) { change(&vm.Spec.Template.Spec.Domain) }
	}
	cases := map[string]struct {
		reason   string
		vm       *machine
		old      *machine
		settings map[string]string
		want     size
	}{
		"Usual": {
			reason: "without settings a core is promised ten times and memory one and a half times",
			vm:     sizedMachine(),
			want:   size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "2Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"Set": {
			reason: "the site's own overcommit counts", vm: sizedMachine(),
			settings: map[string]string{harvesterv1.SettingOvercommit: `{"cpu":100,"memory":100,"storage":100}`},
			want:     size{Requests: "2 2Gi", Limits: "2 2Gi", Guest: "2Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"Spoiled": {
			reason: "a spoiled setting refuses no machine", vm: sizedMachine(),
			settings: map[string]string{harvesterv1.SettingOvercommit: `{"cpu":0}`},
			want:     size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "2Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"Plain": {
			reason: "a plain KubeVirt machine says cores and guest memory",
			vm: sizedMachine(domain(func(d *kubevirt.DomainSpec) {
				d.Resources.Limits = nil
				d.CPU = &kubevirt.CPU{Cores: 2, Sockets: 2}
				d.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse("1Gi"))}
			})),
			want: size{Requests: "400m 682Mi", Limits: "4 1Gi", Guest: "1Gi", Cores: 2, Sockets: 2, Threads: 1},
		},
		"Requests": {
			reason: "an old KubeVirt machine says requests alone",
			vm:     sizedMachine(domain(func(d *kubevirt.DomainSpec) { d.Resources.Requests, d.Resources.Limits = d.Resources.Limits, nil })),
			want:   size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "2Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"Reserved": {
			reason: "what is reserved is kept from the guest", vm: sizedMachine(annotated(harvesterv1.AnnotationReservedMemory, "512Mi")),
			want: size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "1536Mi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"NoRatio": {
			reason: "without an overhead ratio KubeVirt lives on 100 Mi of the machine's own", vm: sizedMachine(),
			settings: map[string]string{harvesterv1.SettingMemoryOverheadRatio: "0"},
			want:     size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "1948Mi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"Pinned": {
			reason: "a pinned processor is promised once, and so is the memory beside it: KubeVirt refuses another request",
			vm:     sizedMachine(domain(func(d *kubevirt.DomainSpec) { d.CPU = &kubevirt.CPU{Cores: 2, DedicatedCPUPlacement: true} })),
			want:   size{Requests: "2 2Gi", Limits: "2 2Gi", Guest: "2Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"Resized": {
			reason: "a new limit reaches the guest although the old guest memory is sent along",
			vm:     sizedMachine(guest("1Gi")),
			old:    sizedMachine(guest("1Gi"), limit(corev1.ResourceMemory, "1Gi")),
			want:   size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "2Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"GuestPatched": {
			reason: "who patches the guest's memory alone gets it",
			vm:     sizedMachine(guest("4Gi")), old: sizedMachine(guest("2Gi")),
			want: size{Requests: "200m 2730Mi", Limits: "2 4Gi", Guest: "4Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"GuestPatchedReserved": {
			reason: "what is reserved comes on top of it",
			vm:     sizedMachine(guest("4Gi"), annotated(harvesterv1.AnnotationReservedMemory, "512Mi")),
			old:    sizedMachine(guest("1536Mi"), annotated(harvesterv1.AnnotationReservedMemory, "512Mi")),
			want:   size{Requests: "200m 3Gi", Limits: "2 4608Mi", Guest: "4Gi", Cores: 2, Sockets: 1, Threads: 1},
		},
		"CoresPatched": {
			reason: "who patches the cores alone gets as much processor",
			vm:     sizedMachine(cores(4)), old: sizedMachine(cores(2)),
			want: size{Requests: "400m 1365Mi", Limits: "4 2Gi", Guest: "2Gi", Cores: 4, Sockets: 1, Threads: 1},
		},
		"LimitPatched": {
			reason: "who patches the limit alone gets as many cores",
			vm:     sizedMachine(cores(2), limit(corev1.ResourceCPU, "6")), old: sizedMachine(cores(2)),
			want: size{Requests: "600m 1365Mi", Limits: "6 2Gi", Guest: "2Gi", Cores: 6, Sockets: 1, Threads: 1},
		},
		"BothPatched": {
			reason: "who says both is believed",
			vm:     sizedMachine(cores(4), limit(corev1.ResourceCPU, "3")), old: sizedMachine(cores(2)),
			want: size{Requests: "300m 1365Mi", Limits: "3 2Gi", Guest: "2Gi", Cores: 4, Sockets: 1, Threads: 1},
		},
		"Untouched": {
			reason: "what did not agree before and is not touched stays",
			vm:     sizedMachine(cores(8)), old: sizedMachine(cores(8)),
			want: size{Requests: "200m 1365Mi", Limits: "2 2Gi", Guest: "2Gi", Cores: 8, Sockets: 1, Threads: 1},
		},
		"Hotplug": {
			reason: "a machine that grows while it runs says its own memory, and grows by sockets",
			vm: sizedMachine(annotated(harvesterv1.AnnotationHotplug, "true"), domain(func(d *kubevirt.DomainSpec) {
				d.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse("1Gi"))}
			})),
			want: size{Requests: "200m 682Mi", Limits: "8 4Gi", Guest: "1Gi", Cores: 1, Sockets: 2, Threads: 1},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, change := range siteWith(t, tc.settings).changes() {
				if err := change(t.Context(), request{Object: tc.vm, Old: tc.old}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tc.want, sizeOf(tc.vm)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	vm := sizedMachine()
	s := siteWith(t, map[string]string{harvesterv1.SettingTerminationGracePeriod: "30"})
	for _, change := range s.changes() {
		if err := change(t.Context(), request{Object: vm}); err != nil {
			t.Fatal(err)
		}
	}
	if got := *vm.Spec.RunStrategy; got != kubevirt.RunStrategyRerunOnFailure {
		t.Errorf("a machine runs unless somebody says otherwise: got %s", got)
	}
	if got := *vm.Spec.Template.Spec.TerminationGracePeriodSeconds; got != 30 {
		t.Errorf("the site says how long a machine may take to shut down: got %d", got)
	}
}

func TestAddresses(t *testing.T) {
	kept := annotated(harvesterv1.AnnotationMACAddress, `{"a":"02:aa:aa:aa:aa:aa"}`)
	cases := map[string]struct {
		reason string
		vm     *machine
		old    *machine
		want   []string
		kept   string
	}{
		"New":      {"a card gets an address that no maker has given out", sizedMachine(cards("", "")), nil, []string{"02:02:03:04:05:06", "fe:ff:ff:ff:ff:ff"}, `{"a":"02:02:03:04:05:06","b":"fe:ff:ff:ff:ff:ff"}`},
		"Given":    {"an address that is given stays", sizedMachine(cards("02:00:00:00:00:01")), nil, []string{"02:00:00:00:00:01"}, `{"a":"02:00:00:00:00:01"}`},
		"Kept":     {"a card gets back what the annotation knows", sizedMachine(kept, cards("")), nil, []string{"02:aa:aa:aa:aa:aa"}, `{"a":"02:aa:aa:aa:aa:aa"}`},
		"SentBack": {"a client that knows of no address sends the machine back without", sizedMachine(cards("")), sizedMachine(cards("02:bb:bb:bb:bb:bb")), []string{"02:bb:bb:bb:bb:bb"}, `{"a":"02:bb:bb:bb:bb:bb"}`},
		"Garbage":  {"what cannot be read is written anew", sizedMachine(annotated(harvesterv1.AnnotationMACAddress, "null"), cards("")), nil, []string{"02:02:03:04:05:06"}, `{"a":"02:02:03:04:05:06"}`},
		"Removed":  {"no cards, no addresses", sizedMachine(kept), nil, nil, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := siteWith(t, nil).addresses(t.Context(), request{Object: tc.vm, Old: tc.old}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, card := range tc.vm.Spec.Template.Spec.Domain.Devices.Interfaces {
				got = append(got, card.MacAddress)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.kept, tc.vm.Annotations[harvesterv1.AnnotationMACAddress]); diff != "" {
				t.Errorf("%s: annotation: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
