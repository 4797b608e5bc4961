package driver

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// nameOfDisk is what the disk at a place is called in the machine, and nameOfClaim the claim it stands on.
func nameOfDisk(place int) string { return fmt.Sprintf("disk-%d", place) }

func (p *plan) nameOfClaim(place int, suffix string) string {
	return p.name + "-" + nameOfDisk(place) + "-" + suffix
}

// claims are the templates of the machine's claims, which the site makes, as Harvester's annotation has them.
func (p *plan) claims(suffix string) (string, error) {
	templates := make([]corev1.PersistentVolumeClaim, 0, len(p.disks))
	for i, d := range p.disks {
		template := corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Name: p.nameOfClaim(i, suffix)},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
				VolumeMode:  ptr.To(corev1.PersistentVolumeBlock),
				Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
					corev1.ResourceStorage: *resource.NewQuantity(int64(d.Size)<<30, resource.BinarySI),
				}},
			},
		}
		if d.ImageName != "" {
			template.Annotations = map[string]string{harvesterv1.AnnotationImageID: d.ImageName}
		}
		if d.StorageClassName != "" {
			template.Spec.StorageClassName = &d.StorageClassName
		}
		templates = append(templates, template)
	}
	text, err := json.Marshal(templates)
	if err != nil {
		return "", fmt.Errorf("write the templates of the disks: %w", err)
	}
	return string(text), nil
}

// addDisks gives the machine its disks.
func (p *plan) addDisks(spec *kubevirt.VirtualMachineInstanceSpec, suffix string) {
	for i, d := range p.disks {
		device := kubevirt.Disk{Name: nameOfDisk(i)}
		if d.Type == "cd-rom" {
			device.CDRom = &kubevirt.CDRomTarget{Bus: kubevirt.DiskBus(d.Bus)}
		} else {
			device.Disk = &kubevirt.DiskTarget{Bus: kubevirt.DiskBus(d.Bus)}
		}
		if d.BootOrder > 0 {
			device.BootOrder = ptr.To(uint(d.BootOrder))
		}
		claim := &kubevirt.PersistentVolumeClaimVolumeSource{Hotpluggable: d.HotPlugAble}
		claim.ClaimName = p.nameOfClaim(i, suffix)
		spec.Domain.Devices.Disks = append(spec.Domain.Devices.Disks, device)
		spec.Volumes = append(spec.Volumes, kubevirt.Volume{
			Name: device.Name, VolumeSource: kubevirt.VolumeSource{PersistentVolumeClaim: claim},
		})
	}
}

// ownClaims are the claims that a machine was made with, also those that it uses no more.
func ownClaims(vm *kubevirt.VirtualMachine) ([]string, error) {
	var templates []corev1.PersistentVolumeClaim
	text := vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &templates); err != nil {
		return nil, fmt.Errorf("read which disks machine %s was made with: %w", vm.Name, err)
	}
	names := make([]string, 0, len(templates))
	for i := range templates {
		names = append(names, templates[i].Name)
	}
	return names, nil
}
