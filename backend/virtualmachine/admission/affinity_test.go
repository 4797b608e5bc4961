package admission

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// networked plugs a card of a machine into each network.
func networked(networks ...string) func(*machine) {
	return func(vm *machine) {
		for _, network := range networks {
			name := strings.ReplaceAll(network, "/", "-")
			vm.Spec.Template.Spec.Networks = append(vm.Spec.Template.Spec.Networks, kubevirt.Network{
				Name: name, NetworkSource: kubevirt.NetworkSource{Multus: &kubevirt.MultusNetwork{NetworkName: network}},
			})
		}
	}
}

// equipped asks for a device of each kind.
func equipped(kinds ...string) func(*machine) {
	return func(vm *machine) {
		for _, kind := range kinds {
			devices := &vm.Spec.Template.Spec.Domain.Devices
			if strings.HasPrefix(kind, "gpu.") {
				devices.GPUs = append(devices.GPUs, kubevirt.GPU{Name: "gpu", DeviceName: kind})
			} else {
				devices.HostDevices = append(devices.HostDevices, kubevirt.HostDevice{Name: "device", DeviceName: kind})
			}
		}
	}
}

func pinnedCPU(vm *machine) {
	vm.Spec.Template.Spec.Domain.CPU = &kubevirt.CPU{Cores: 2, DedicatedCPUPlacement: true}
}

// near asks for nodes with all labels of any of the lists, each label as key or key=value.
func near(terms ...[]string) func(*machine) {
	return func(vm *machine) { vm.Spec.Template.Spec.Affinity = affinityOf(terms...) }
}

func affinityOf(terms ...[]string) *corev1.Affinity {
	selector := &corev1.NodeSelector{}
	for _, term := range terms {
		var expressions []corev1.NodeSelectorRequirement
		for _, label := range term {
			key, value, given := strings.Cut(label, "=")
			if !given {
				value = "true"
			}
			expressions = append(expressions, corev1.NodeSelectorRequirement{
				Key: key, Operator: corev1.NodeSelectorOpIn, Values: []string{value},
			})
		}
		selector.NodeSelectorTerms = append(selector.NodeSelectorTerms, corev1.NodeSelectorTerm{MatchExpressions: expressions})
	}
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: selector}}
}

func attachment(name, cluster string) *metav1.PartialObjectMetadata {
	object := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: name, Labels: map[string]string{"network.harvesterhci.io/clusternetwork": cluster},
	}}
	object.SetGroupVersionKind(multus.AttachmentKind)
	return object
}

// labelled is a node with a label.
func labelled(name, label string) *corev1.Node {
	key, value, _ := strings.Cut(label, "=")
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{key: value}}}
}

func TestSettle(t *testing.T) {
	const storage, dmz = "network.harvesterhci.io/storage", "network.harvesterhci.io/dmz"
	const nic, gpu = "devices.crofthci.io/example.org.NIC", "devices.crofthci.io/gpu.example.org.A"
	scheme := runtime.NewScheme()
	if err := metav1.AddMetaToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	scheme.AddKnownTypeWithName(multus.AttachmentKind, &metav1.PartialObjectMetadata{})
	s := site{direct: fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		attachment("vlan-7", "storage"), attachment("vlan-8", "dmz"), attachment("vlan-1", "mgmt"),
		attachment("vlan-5", "unlabelled"), attachment("vlan-6", "withdrawn"),
	).Build(), reader: fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		labelled("a", storage+"=true"), labelled("b", dmz+"=true"), labelled("c", "network.harvesterhci.io/withdrawn=false"),
		labelled("d", nic+"=true"), labelled("e", gpu+"=true"),
	).Build()}
	cases := map[string]struct {
		reason  string
		vm, old *machine
		want    *corev1.Affinity
	}{
		"Plain":      {"a machine of no needs runs anywhere", sizedMachine(), nil, nil},
		"Network":    {"where its network is", sizedMachine(networked("vlan-7")), nil, affinityOf([]string{storage})},
		"Networks":   {"where all of them are", sizedMachine(networked("default/vlan-7", "vlan-8")), nil, affinityOf([]string{dmz, storage})},
		"Management": {"that one is everywhere", sizedMachine(networked("vlan-1")), nil, nil},
		"Missing":    {"a network that is to be made is nowhere yet", sizedMachine(networked("vlan-9")), nil, nil},
		"Unlabelled": {"nobody says where it is, so it binds nobody", sizedMachine(networked("vlan-5")), nil, nil},
		"Withdrawn":  {"nor does one that every node is without", sizedMachine(networked("vlan-6", "vlan-7")), nil, affinityOf([]string{storage})},
		"Pinned":     {"where processors can be its own", sizedMachine(pinnedCPU), nil, affinityOf([]string{"cpumanager"})},
		"Device":     {"where such a device is", sizedMachine(equipped("example.org/NIC", "example.org/NIC")), nil, affinityOf([]string{nic})},
		"Devices":    {"where one of each kind is, beside its network", sizedMachine(equipped("example.org/NIC", "gpu.example.org/A"), networked("vlan-7")), nil, affinityOf([]string{storage, nic, gpu})},
		"Rare":       {"a kind of device that no node has yet may come to any", sizedMachine(equipped("example.org/FPGA")), nil, nil},
		"Returned":   {"a device that it gave back binds it no longer", sizedMachine(near([]string{"zone=a", nic})), sizedMachine(equipped("example.org/NIC")), affinityOf([]string{"zone=a"})},
		"Elsewhere":  {"nor does the label of a kind that this site does not know", sizedMachine(equipped("example.org/FPGA"), near([]string{"devices.crofthci.io/example.org.FPGA"})), nil, nil},
		"Own":        {"besides what people ask for, in each of their terms", sizedMachine(networked("vlan-7"), near([]string{"zone=a"}, []string{"zone=b"})), nil, affinityOf([]string{"zone=a", storage}, []string{"zone=b", storage})},
		"Again":      {"asked for once", sizedMachine(networked("vlan-7"), near([]string{storage})), nil, affinityOf([]string{storage})},
		"Unplugged":  {"a network that it left binds it no longer", sizedMachine(near([]string{"zone=a", storage})), sizedMachine(networked("vlan-7")), affinityOf([]string{"zone=a"})},
		"Unpinned":   {"nor do processors that it gave back", sizedMachine(near([]string{"cpumanager"})), sizedMachine(pinnedCPU), nil},
		"ByHand":     {"what a person asked for stays", sizedMachine(near([]string{"cpumanager"})), sizedMachine(), affinityOf([]string{"cpumanager"})},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.vm.Namespace = "default"
			if err := s.settle(t.Context(), request{Object: tc.vm, Old: tc.old}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, tc.vm.Spec.Template.Spec.Affinity); diff != "" {
				t.Errorf("%s: -want +got\n%s", tc.reason, diff)
			}
		})
	}
}

func TestProcessorsOwnable(t *testing.T) {
	cases := map[string]struct {
		reason  string
		node    string
		vm, old *machine
		refused bool
	}{
		"Shared":  {"most machines share", "zone=a", sizedMachine(), nil, false},
		"Nowhere": {"no node gives any away", "zone=a", sizedMachine(pinnedCPU), nil, true},
		"Off":     {"nor does one whose CPU manager is off", "cpumanager=false", sizedMachine(pinnedCPU), nil, true},
		"Edited":  {"a machine that shared and shall not", "zone=a", sizedMachine(pinnedCPU), sizedMachine(), true},
		"There":   {"one node is enough", "cpumanager=true", sizedMachine(pinnedCPU), nil, false},
		"Before":  {"a machine that has them can be edited when the last such node is gone", "zone=a", sizedMachine(pinnedCPU), sizedMachine(pinnedCPU), false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := site{direct: fake.NewClientBuilder().WithObjects(labelled("a", tc.node)).Build()}
			err := s.processorsOwnable(t.Context(), request{Object: tc.vm, Old: tc.old})
			if refused := apierrors.IsInvalid(err); refused != tc.refused {
				t.Errorf("%s: got %v", tc.reason, err)
			}
		})
	}
}
