package twin

import (
	"fmt"

	"k8s.io/utils/ptr"

	"crofthci.io/croft/pkg/kubevirt"
)

// Unless says in a sentence why a machine can have no twin, "" when it can: something of it cannot be copied.
func Unless(vm *kubevirt.VirtualMachine) string {
	if vm.Spec.Template == nil {
		return ""
	}
	spec := &vm.Spec.Template.Spec
	if tpm := spec.Domain.Devices.TPM; tpm != nil && ptr.Deref(tpm.Persistent, false) {
		return "What the machine's TPM keeps (devices.tpm.persistent) cannot be copied."
	}
	if firmware := spec.Domain.Firmware; firmware != nil && firmware.Bootloader != nil && firmware.Bootloader.EFI != nil &&
		ptr.Deref(firmware.Bootloader.EFI.Persistent, false) {
		return "What the machine's firmware keeps (firmware.bootloader.efi.persistent) cannot be copied."
	}
	for _, volume := range spec.Volumes {
		switch {
		case volume.HostDisk != nil:
			return fmt.Sprintf("Volume %s is a file of one node (hostDisk), which cannot be copied.", volume.Name)
		case volume.MemoryDump != nil:
			return fmt.Sprintf("Volume %s is a dump of the machine's memory, which is not copied. Remove it first.", volume.Name)
		}
	}
	return ""
}
