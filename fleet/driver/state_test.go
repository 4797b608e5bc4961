package driver

import (
	"testing"

	"github.com/rancher/machine/libmachine/state"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

// node is a machine as KubeVirt tells of it.
func node(word kubevirt.PrintableStatus) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{}
	vm.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyRerunOnFailure)
	vm.Status.PrintableStatus = word
	vm.Status.Conditions = []kubevirt.VirtualMachineCondition{{Type: kubevirt.ConditionReady}}
	return vm
}

func instance(phase kubevirt.Phase) *kubevirt.VirtualMachineInstance {
	return &kubevirt.VirtualMachineInstance{Status: kubevirt.VirtualMachineInstanceStatus{Phase: phase}}
}

func TestStateOf(t *testing.T) {
	removed := node(kubevirt.StatusRunning)
	removed.DeletionTimestamp = ptr.To(metav1.Now())
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		vmi    *kubevirt.VirtualMachineInstance
		want   state.State
	}{
		"Gone":     {"the site has no such machine", nil, nil, state.NotFound},
		"New":      {"nobody has looked at it yet, and it is to run", &kubevirt.VirtualMachine{Spec: node("").Spec}, nil, state.Starting},
		"Making":   {"its disks are being made", node(kubevirt.StatusProvisioning), nil, state.Starting},
		"Off":      {"it is off, though its strategy is still to run", node(kubevirt.StatusStopped), nil, state.Stopped},
		"Ending":   {"its instance is gone, and KubeVirt has not said so", node(kubevirt.StatusStopping), nil, state.Stopping},
		"Starting": {"it has a place", node(kubevirt.StatusStarting), instance(kubevirt.PhaseScheduled), state.Starting},
		"Runs":     {"it runs", node(kubevirt.StatusRunning), instance(kubevirt.PhaseRunning), state.Running},
		"Failed":   {"its run has failed", node(kubevirt.StatusStopped), instance(kubevirt.PhaseFailed), state.Error},
		"Removed":  {"it is being removed", removed, instance(kubevirt.PhaseRunning), state.Stopping},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := stateOf(tc.vm, tc.vmi); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}

func TestAddressesOf(t *testing.T) {
	vmi := instance(kubevirt.PhaseRunning)
	vmi.Status.Interfaces = []kubevirt.VirtualMachineInstanceNetworkInterface{
		{Name: "nic-0", IP: "fe80::1", IPs: []string{"fe80::1", "169.254.0.1", "192.0.2.1", "2001:db8::1"}},
		{Name: "", IP: "172.17.0.1"}, {Name: "nic-1", IP: "198.51.100.1"},
	}
	cases := map[string]struct{ reason, card, v4, v6 string }{
		"First":  {"what others cannot reach is no address", "nic-0", "192.0.2.1", "2001:db8::1"},
		"Chosen": {"another card's address", "nic-1", "198.51.100.1", ""},
		"None":   {"a card that nobody tells of", "nic-2", "", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if v4, v6 := addressesOf(vmi, tc.card); v4 != tc.v4 || v6 != tc.v6 {
				t.Errorf("%s: %q %q", tc.reason, v4, v6)
			}
		})
	}
}
