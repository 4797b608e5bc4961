package handler

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

func TestRunning(t *testing.T) {
	vmi := testVMI()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	running(vmi, facts{agent: simulatedAgent("web"), address: netip.MustParseAddr("127.21.1.1"), now: now})
	s := vmi.Status
	if s.Phase != kubevirtv1.Running || len(s.PhaseTransitionTimestamps) != 1 {
		t.Errorf("phase %s after %v", s.Phase, s.PhaseTransitionTimestamps)
	}
	if s.SelinuxContext != "none" || s.Machine.Type != "q35" || s.Memory.GuestCurrent.String() != "256Mi" {
		t.Errorf("selinux %q, machine %v, memory %v", s.SelinuxContext, s.Machine, s.Memory)
	}
	want := []kubevirtv1.VirtualMachineInstanceNetworkInterface{{
		Name: "default", MAC: "02:00:00:00:00:0a", IP: "127.21.1.1", IPs: []string{"127.21.1.1"},
		InfoSource: "domain, guest-agent", PodInterfaceName: "eth0", QueueCount: 1, LinkState: "up",
	}}
	if diff := cmp.Diff(want, s.Interfaces); diff != "" {
		t.Errorf("interfaces (-want +got):\n%s", diff)
	}
	if s.GuestOSInfo.ID != "croft" {
		t.Errorf("guest OS %+v", s.GuestOSInfo)
	}
	before := vmi.DeepCopy()
	running(vmi, facts{agent: simulatedAgent("web"), address: netip.MustParseAddr("127.21.1.1"), now: now.Add(time.Hour)})
	if diff := cmp.Diff(before.Status, vmi.Status); diff != "" {
		t.Errorf("a second look without news changed the status (-before +after):\n%s", diff)
	}
}

// TestCards plugs a card in and out, with virt-controller's words in between.
func TestCards(t *testing.T) {
	look := func(vmi *kubevirtv1.VirtualMachineInstance) string {
		running(vmi, facts{now: time.Unix(0, 0)})
		if status, known := interfaceStatus(vmi, "lan"); known {
			return status.InfoSource
		}
		return "none"
	}
	lan := func(vmi *kubevirtv1.VirtualMachineInstance) {
		vmi.Spec.Networks = append(vmi.Spec.Networks, kubevirtv1.Network{
			Name: "lan", NetworkSource: kubevirtv1.NetworkSource{Multus: &kubevirtv1.MultusNetwork{NetworkName: "vlan-7"}},
		})
		vmi.Spec.Domain.Devices.Interfaces = append(vmi.Spec.Domain.Devices.Interfaces, kubevirtv1.Interface{
			Name: "lan", InterfaceBindingMethod: kubevirtv1.InterfaceBindingMethod{Bridge: &kubevirtv1.InterfaceBridge{}},
		})
	}
	if got := look(testVMI(lan)); got != "domain" {
		t.Errorf("a machine is started with its cards: %s", got)
	}
	vmi := testVMI()
	look(vmi)
	lan(vmi)
	if got := look(vmi); got != "none" {
		t.Errorf("a card waits for a pod that is on its network: %s", got)
	}
	vmi.Status.Interfaces = append(vmi.Status.Interfaces, kubevirtv1.VirtualMachineInstanceNetworkInterface{
		Name: "lan", InfoSource: "multus-status", PodInterfaceName: "pod1",
	})
	if got := look(vmi); got != "domain, multus-status" {
		t.Errorf("then it is plugged in: %s", got)
	}
	if status, _ := interfaceStatus(vmi, "lan"); status.PodInterfaceName != "pod1" {
		t.Errorf("virt-controller's name for it stays: %+v", status)
	}
	vmi.Spec.Domain.Devices.Interfaces[1].State = kubevirtv1.InterfaceStateAbsent
	if got := look(vmi); got != "multus-status" {
		t.Errorf("out of the guest, and its pod is still on the network: %s", got)
	}
	vmi.Status.Interfaces[1].InfoSource = ""
	if got := look(vmi); got != "none" {
		t.Errorf("out of the pod: %s", got)
	}
}

func TestConditions(t *testing.T) {
	for reason, test := range map[string]struct {
		change func(*kubevirtv1.VirtualMachineInstance)
		facts  facts
		kind   kubevirtv1.VirtualMachineInstanceConditionType
		want   corev1.ConditionStatus
		reason string
	}{
		"a machine on shared claims and masquerade may move": {
			kind: kubevirtv1.VirtualMachineInstanceIsMigratable, want: corev1.ConditionTrue,
		},
		"a claim that one node holds forbids it": {
			change: func(v *kubevirtv1.VirtualMachineInstance) {
				v.Status.VolumeStatus[0].PersistentVolumeClaimInfo.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
			},
			kind: kubevirtv1.VirtualMachineInstanceIsMigratable, want: corev1.ConditionFalse, reason: "DisksNotLiveMigratable",
		},
		"a bridge on the pod network forbids it": {
			change: func(v *kubevirtv1.VirtualMachineInstance) {
				v.Spec.Domain.Devices.Interfaces[0].InterfaceBindingMethod = kubevirtv1.InterfaceBindingMethod{Bridge: &kubevirtv1.InterfaceBridge{}}
			},
			kind: kubevirtv1.VirtualMachineInstanceIsMigratable, want: corev1.ConditionFalse, reason: "InterfaceNotLiveMigratable",
		},
		"a host's device forbids it": {
			change: func(v *kubevirtv1.VirtualMachineInstance) {
				v.Spec.Domain.Devices.HostDevices = []kubevirtv1.HostDevice{{Name: "gpu"}}
			},
			kind: kubevirtv1.VirtualMachineInstanceIsMigratable, want: corev1.ConditionFalse, reason: "HostDeviceNotLiveMigratable",
		},
		"a paused machine says by whom": {
			facts: facts{view: view{Paused: true}}, kind: kubevirtv1.VirtualMachineInstancePaused,
			want: corev1.ConditionTrue, reason: "PausedByUser",
		},
		"a disk that takes no more pauses a machine too": {
			facts: facts{view: viewOf("io-error")}, kind: kubevirtv1.VirtualMachineInstancePaused,
			want: corev1.ConditionTrue, reason: "PausedIOError",
		},
		"a machine that was started paused": {
			facts: facts{view: viewOf("prelaunch")}, kind: kubevirtv1.VirtualMachineInstancePaused,
			want: corev1.ConditionTrue, reason: "PausedByUser",
		},
		"a machine that runs is not paused": {kind: kubevirtv1.VirtualMachineInstancePaused},
		"a guest agent is connected": {
			facts: facts{agent: simulatedAgent("web")}, kind: kubevirtv1.VirtualMachineInstanceAgentConnected, want: corev1.ConditionTrue,
		},
		"without agent there is no condition": {kind: kubevirtv1.VirtualMachineInstanceAgentConnected},
	} {
		vmi := testVMI()
		if test.change != nil {
			test.change(vmi)
		}
		conditions(vmi, test.facts)
		var got kubevirtv1.VirtualMachineInstanceCondition
		if i := indexOf(vmi, test.kind); i >= 0 {
			got = vmi.Status.Conditions[i]
		}
		if got.Status != test.want || got.Reason != test.reason {
			t.Errorf("%s: condition %s is %q %q (%s), want %q %q", reason, test.kind, got.Status, got.Reason, got.Message, test.want, test.reason)
		}
	}
}

func TestMigrating(t *testing.T) {
	now := metav1.Now()
	for reason, test := range map[string]struct {
		state *kubevirtv1.VirtualMachineInstanceMigrationState
		label string
		want  bool
	}{
		"a machine that never moved":                    {},
		"virt-controller has prepared a target":         {state: &kubevirtv1.VirtualMachineInstanceMigrationState{TargetNode: "n2"}, label: "n2", want: true},
		"the move is over, its target's label is there": {state: &kubevirtv1.VirtualMachineInstanceMigrationState{TargetNode: "n2", EndTimestamp: &now, Completed: true}, label: "n2", want: true},
		"the move is over and cleaned up":               {state: &kubevirtv1.VirtualMachineInstanceMigrationState{TargetNode: "n2", EndTimestamp: &now, Completed: true}},
		"a failed one too":                              {state: &kubevirtv1.VirtualMachineInstanceMigrationState{TargetNode: "n2", EndTimestamp: &now, Failed: true}},
	} {
		vmi := testVMI()
		vmi.Status.MigrationState = test.state
		if test.label != "" {
			vmi.Labels[kubevirtv1.MigrationTargetNodeNameLabel] = test.label
		}
		if got := migrating(vmi); got != test.want {
			t.Errorf("%s: migrating is %v", reason, got)
		}
	}
}
