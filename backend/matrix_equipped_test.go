package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// equipped is a machine that has one of each thing that an action takes: a disk and a card that can be unplugged, an empty
// drive and one with a disc, room to grow, and a message about its quota. What is refused to it is refused for its state
// or for the user's rights, and not because there is nothing to do it to.
func equipped(name string, strategy kubevirt.RunStrategy) *kubevirt.VirtualMachine {
	m := vm(name, strategy)
	m.Annotations = map[string]string{
		harvesterv1.AnnotationHotplug:           "true",
		harvesterv1.AnnotationInsufficientQuota: "2Gi of memory are missing",
		harvesterv1.AnnotationVolumeClaimTemplates: fmt.Sprintf(
			`[{"metadata":{"name":"%s-disc","annotations":{%q:"default/iso"}}}]`, name, harvesterv1.AnnotationImageID),
	}
	spec := &m.Spec.Template.Spec
	enlargeable(&spec.Domain)
	spec.Domain.Devices.Disks = append(spec.Domain.Devices.Disks,
		kubevirt.Disk{Name: "plugged", DiskDevice: kubevirt.DiskDevice{Disk: &kubevirt.DiskTarget{Bus: kubevirt.DiskBusSCSI}}},
		kubevirt.Disk{Name: "empty", DiskDevice: kubevirt.DiskDevice{CDRom: &kubevirt.CDRomTarget{Bus: kubevirt.DiskBusSATA}}},
		kubevirt.Disk{Name: "full", DiskDevice: kubevirt.DiskDevice{CDRom: &kubevirt.CDRomTarget{Bus: kubevirt.DiskBusSATA}}},
	)
	spec.Volumes = append(spec.Volumes, pluggedIn("plugged", name+"-plugged"), pluggedIn("full", name+"-disc"))
	spec.Networks = []kubevirt.Network{{Name: "lan"}}
	spec.Networks[0].Multus = &kubevirt.MultusNetwork{NetworkName: "default/vlan-7"}
	spec.Domain.Devices.Interfaces = []kubevirt.Interface{{
		Name: "lan", MacAddress: "02:00:00:00:00:02", Model: kubevirt.ModelVirtio,
		InterfaceBindingMethod: kubevirt.InterfaceBindingMethod{Bridge: &kubevirt.InterfaceBridge{}},
	}}
	return m
}

// enlargeable gives a domain sockets and memory that can become more while it runs.
func enlargeable(domain *kubevirt.DomainSpec) {
	domain.CPU = &kubevirt.CPU{Sockets: 2, Cores: 1, Threads: 1, MaxSockets: 8}
	domain.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse("2Gi")), MaxGuest: ptr.To(resource.MustParse("8Gi"))}
	domain.Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("8Gi")}
}

// pluggedIn is the volume of a disk that came while the machine ran.
func pluggedIn(disk, claim string) kubevirt.Volume {
	volume := kubevirt.Volume{Name: disk}
	volume.PersistentVolumeClaim = &kubevirt.PersistentVolumeClaimVolumeSource{Hotpluggable: true}
	volume.PersistentVolumeClaim.ClaimName = claim
	return volume
}
