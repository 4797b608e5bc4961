package kubevirt

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// LabelDevicePrefix begins the labels of nodes that have devices for machines; see DeviceLabel.
const LabelDevicePrefix = "devices.crofthci.io/"

// DeviceLabel is the label of nodes that have devices of a resource, whether they are taken or free: its name with a dot for
// the slash, which a label's name has not, and its end replaced by a sum where it is longer than a label's name may be.
//
// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
func DeviceLabel(resource corev1.ResourceName) string {
	name := strings.ReplaceAll(string(resource), "/", ".")
	if len(name) > validation.LabelValueMaxLength {
		sum := sha256.Sum256([]byte(name))
		end := "-" + hex.EncodeToString(sum[:4])
		name = name[:validation.LabelValueMaxLength-len(end)] + end
	}
	return LabelDevicePrefix + name
}

// IsDevice says whether a resource of a node is a device that can be given to a machine. KubeVirt's own, such as kvm, are not.
func IsDevice(resource corev1.ResourceName) bool {
	vendor, _, qualified := strings.Cut(string(resource), "/")
	return qualified && vendor != "devices.kubevirt.io" && !strings.HasSuffix(vendor, "kubernetes.io")
}

// DevicesOf are the resources that the devices of an instance are of, once for each device.
func DevicesOf(vmi *VirtualMachineInstance) []corev1.ResourceName {
	var devices []corev1.ResourceName
	for _, gpu := range vmi.Spec.Domain.Devices.GPUs {
		devices = append(devices, corev1.ResourceName(gpu.DeviceName))
	}
	for _, device := range vmi.Spec.Domain.Devices.HostDevices {
		devices = append(devices, corev1.ResourceName(device.DeviceName))
	}
	// A device that is claimed dynamically is of no resource.
	return slices.DeleteFunc(devices, func(name corev1.ResourceName) bool { return name == "" })
}

// PermittedDevices are the names of all devices of nodes that an installation may give to machines, in whichever way. It
// says whether the installation lists any: where it does not, it gives away what nodes offer.
func PermittedDevices(installation *KubeVirt) (names []string, listed bool) {
	permitted := installation.Spec.Configuration.PermittedHostDevices
	if permitted == nil {
		return nil, false
	}
	for _, device := range permitted.PciHostDevices {
		names = append(names, device.ResourceName)
	}
	for _, device := range permitted.MediatedDevices {
		names = append(names, device.ResourceName)
	}
	for _, device := range permitted.USB {
		names = append(names, device.ResourceName)
	}
	slices.Sort(names)
	return slices.Compact(names), true
}
