package admission

import (
	"context"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// noKeys is the list of SSH keys of a machine that was given none.
const noKeys = "[]"

// readable writes down what Harvester's Terraform provider reads of every machine, whoever has made it, and stops at where
// there is nothing: which keys the guest was given, as a list that may be empty, and whether a firmware that can check what
// it boots does. KubeVirt takes the latter for said when it is not; the template of a machine that runs stays as it is.
func readable(_ context.Context, r request) error {
	template := r.Object.Spec.Template
	if template == nil {
		return nil
	}
	if template.ObjectMeta.Annotations[harvesterv1.AnnotationSSHNames] == "" {
		if template.ObjectMeta.Annotations == nil {
			template.ObjectMeta.Annotations = map[string]string{}
		}
		template.ObjectMeta.Annotations[harvesterv1.AnnotationSSHNames] = noKeys
	}
	firmware := template.Spec.Domain.Firmware
	if r.Old == nil && firmware != nil && firmware.Bootloader != nil && firmware.Bootloader.EFI != nil && firmware.Bootloader.EFI.SecureBoot == nil {
		firmware.Bootloader.EFI.SecureBoot = new(true)
	}
	return nil
}
