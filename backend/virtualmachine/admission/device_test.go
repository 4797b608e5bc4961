package admission_test

import (
	"net/http"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/virtualmachine/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

// withDevices is a machine that asks for a device of a node, and for a graphics card.
func withDevices(name, host, gpu string) *kubevirt.VirtualMachine {
	vm := machine(name, "")
	devices := &vm.Spec.Template.Spec.Domain.Devices
	if host != "" {
		devices.HostDevices = []kubevirt.HostDevice{{Name: "nic", DeviceName: host}}
	}
	if gpu != "" {
		devices.GPUs = []kubevirt.GPU{{Name: "gpu", DeviceName: gpu}}
	}
	return vm
}

func TestDevicesPermitted(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.Webhooks{}.SetUp, Webhook: hooks.Server,
	})
	hooks.Call(c, admission.MutatePath, admission.ValidatePath)
	early := withDevices("early", "example.org/OLD", "")
	if err := create(t, c, c.Client, early); err != nil {
		t.Fatalf("where KubeVirt lists no devices, every one is permitted: %v", err)
	}
	installation := &kubevirt.KubeVirt{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kubevirt"}}
	installation.Spec.Configuration.PermittedHostDevices = &kubevirt.PermittedHostDevices{
		PciHostDevices:  []kubevirt.PciHostDevice{{ResourceName: "example.org/NIC"}},
		MediatedDevices: []kubevirt.MediatedHostDevice{{ResourceName: "example.org/VGPU"}},
		USB:             []kubevirt.USBHostDevice{{ResourceName: "example.org/KEY"}},
	}
	c.MakeUnheard(installation)
	cases := map[string]struct {
		reason string
		vm     *kubevirt.VirtualMachine
		code   int32
		field  string
	}{
		"None":     {"who asks for none is asked nothing", withDevices("none", "", ""), 0, ""},
		"Listed":   {"what is listed may be had, whichever way it is passed", withDevices("listed", "example.org/KEY", "example.org/VGPU"), 0, ""},
		"Unlisted": {"what is not would be refused only when the machine is to run", withDevices("unlisted", "example.org/DISK", ""), http.StatusUnprocessableEntity, "spec.template.spec.domain.devices.hostDevices[0].deviceName"},
		"GPU":      {"of graphics cards too", withDevices("gpu", "example.org/NIC", "example.org/A100"), http.StatusUnprocessableEntity, "spec.template.spec.domain.devices.gpus[0].deviceName"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { requireCode(t, create(t, c, c.Client, tc.vm), tc.code, tc.field, "", tc.reason) })
	}
	early.Labels = map[string]string{"edited": "yes"}
	if err := c.Update(t.Context(), early); err != nil {
		t.Errorf("what a machine had before, it keeps: %v", err)
	}
}
