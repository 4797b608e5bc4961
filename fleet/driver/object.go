package driver

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

const (
	// seedVolume is the volume that cloud-init reads.
	seedVolume = "cloudinitdisk"
	// keyUserData and keyNetworkData are where in its secret.
	keyUserData, keyNetworkData = "userdata", "networkdata"
)

// seedOf is the name of the secret that a machine reads its user data from.
func seedOf(vm *kubevirt.VirtualMachine) string {
	for _, volume := range vm.Spec.Template.Spec.Volumes {
		if volume.Name == seedVolume && volume.CloudInitNoCloud != nil && volume.CloudInitNoCloud.UserDataSecretRef != nil {
			return volume.CloudInitNoCloud.UserDataSecretRef.Name
		}
	}
	return ""
}

// object is the machine as it is made. suffix ends the names of its claims and of its secret: what somebody has left under
// the name of a machine before would be used as it is.
func (p *plan) object(suffix string) (*kubevirt.VirtualMachine, error) {
	claims, err := p.claims(suffix)
	if err != nil {
		return nil, err
	}
	annotations := map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: claims}
	if p.description != "" {
		annotations[annotationDescription] = p.description
	}
	if p.size.ReservedMemorySize >= 0 && p.size.InstanceType == "" {
		annotations[harvesterv1.AnnotationReservedMemory] = fmt.Sprintf("%dMi", p.size.ReservedMemorySize)
	}
	vm := &kubevirt.VirtualMachine{
		ObjectMeta: metav1.ObjectMeta{Namespace: p.namespace, Name: p.name, Labels: p.allLabels(), Annotations: annotations},
		Spec: kubevirt.VirtualMachineSpec{
			RunStrategy: ptr.To(kubevirt.RunStrategyRerunOnFailure),
			Template: &kubevirt.VirtualMachineInstanceTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: p.allLabels(), Annotations: p.keyNames()},
				Spec: kubevirt.VirtualMachineInstanceSpec{
					Hostname: p.name, Affinity: affinityOf(p.placement, p.set(), &problems{}),
					EvictionStrategy: ptr.To(kubevirt.EvictionStrategyLiveMigrateIfPossible),
				},
			},
		},
	}
	spec := &vm.Spec.Template.Spec
	p.addHardware(vm)
	p.addDisks(spec, suffix)
	p.addCards(spec)
	p.addSeed(spec, suffix)
	return vm, nil
}

// keyNames are the key pairs, as the page reads them.
func (p *plan) keyNames() map[string]string {
	names := make([]string, 0, len(p.keys))
	for _, key := range p.keys {
		names = append(names, key.String())
	}
	text, err := json.Marshal(names)
	if err != nil {
		panic(err) // texts always marshal
	}
	return map[string]string{harvesterv1.AnnotationSSHNames: string(text)}
}

// addHardware gives the machine its size and devices.
func (p *plan) addHardware(vm *kubevirt.VirtualMachine) {
	domain := &vm.Spec.Template.Spec.Domain
	domain.Features = &kubevirt.Features{ACPI: kubevirt.FeatureState{Enabled: ptr.To(true)}}
	if p.size.InstanceType != "" {
		vm.Spec.Instancetype = instanceTypeOf(p.size.InstanceType)
	} else {
		memory := *resource.NewQuantity(int64(p.size.MemorySize)<<30, resource.BinarySI)
		guest := memory.DeepCopy()
		guest.Sub(*resource.NewQuantity(int64(max(p.size.ReservedMemorySize, 0))<<20, resource.BinarySI))
		domain.CPU = &kubevirt.CPU{
			Cores: uint32(p.size.CPUCount), Sockets: 1, Threads: 1, Model: p.size.CPUModel,
			DedicatedCPUPlacement: p.size.CPUPinning, IsolateEmulatorThread: p.size.IsolateEmulatorThread,
		}
		domain.Memory = &kubevirt.Memory{Guest: &guest}
		domain.Resources.Limits = corev1.ResourceList{
			corev1.ResourceCPU: *resource.NewQuantity(int64(p.size.CPUCount), resource.DecimalSI), corev1.ResourceMemory: memory,
		}
	}
	if p.hardware.EnableEFI {
		domain.Firmware = &kubevirt.Firmware{Bootloader: &kubevirt.Bootloader{EFI: &kubevirt.EFI{SecureBoot: &p.hardware.EnableSecureBoot}}}
	}
	if p.hardware.EnableSecureBoot {
		domain.Features.SMM = &kubevirt.FeatureState{Enabled: ptr.To(true)}
	}
	if p.hardware.EnableTPM {
		domain.Devices.TPM = &kubevirt.TPMDevice{}
	}
	for _, d := range p.devices {
		domain.Devices.GPUs = append(domain.Devices.GPUs, kubevirt.GPU{Name: d.Name, DeviceName: d.DeviceName})
	}
}

// instanceTypeOf reads the name of an instance type: the site's, or behind a slash the namespace's.
func instanceTypeOf(text string) *kubevirt.InstancetypeMatcher {
	if name, own := strings.CutPrefix(text, "/"); own {
		return &kubevirt.InstancetypeMatcher{Kind: "VirtualMachineInstancetype", Name: name}
	}
	return &kubevirt.InstancetypeMatcher{Kind: "VirtualMachineClusterInstancetype", Name: text}
}

// addCards gives the machine its network cards.
func (p *plan) addCards(spec *kubevirt.VirtualMachineInstanceSpec) {
	for i, c := range p.cards {
		name := nameOfCard(i)
		card := kubevirt.Interface{Name: name, Model: c.Model, MacAddress: c.MACAddress}
		switch c.Type {
		case "masquerade":
			card.Masquerade = &kubevirt.InterfaceMasquerade{}
		case "sriov":
			card.SRIOV, card.Model = &kubevirt.InterfaceSRIOV{}, ""
		default:
			card.Bridge = &kubevirt.InterfaceBridge{}
		}
		network := kubevirt.Network{Name: name}
		if c.NetworkName == "" {
			network.Pod = &kubevirt.PodNetwork{}
		} else {
			network.Multus = &kubevirt.MultusNetwork{NetworkName: c.NetworkName}
		}
		spec.Domain.Devices.Interfaces = append(spec.Domain.Devices.Interfaces, card)
		spec.Networks = append(spec.Networks, network)
	}
}

// addSeed gives the machine the disk that cloud-init reads. It is always a secret's: user data has tokens in it, and many
// may read a machine.
func (p *plan) addSeed(spec *kubevirt.VirtualMachineInstanceSpec, suffix string) {
	secret := &corev1.LocalObjectReference{Name: p.name + "-cloudinit-" + suffix}
	source := &kubevirt.CloudInitNoCloudSource{UserDataSecretRef: secret}
	if p.networkData != "" {
		source.NetworkDataSecretRef = secret
	}
	spec.Volumes = append(spec.Volumes, kubevirt.Volume{Name: seedVolume, VolumeSource: kubevirt.VolumeSource{CloudInitNoCloud: source}})
	spec.Domain.Devices.Disks = append(spec.Domain.Devices.Disks, kubevirt.Disk{
		Name: seedVolume, DiskDevice: kubevirt.DiskDevice{Disk: &kubevirt.DiskTarget{Bus: kubevirt.DiskBusVirtio}},
	})
}
