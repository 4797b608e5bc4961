package v1beta1

import (
	"encoding/json"
	"slices"
)

// Images are "namespace/name" of the images that a machine of the version is cut from, each once. What cannot be read
// names none: a machine cannot be made of it either, and is told so.
func (v *VirtualMachineTemplateVersion) Images() []string {
	var images []string
	if v.Spec.ImageID != "" {
		images = append(images, v.Spec.ImageID)
	}
	var machine struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	if len(v.Spec.VM.Raw) == 0 || json.Unmarshal(v.Spec.VM.Raw, &machine) != nil {
		return images
	}
	var claims []struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	if json.Unmarshal([]byte(machine.Metadata.Annotations[AnnotationVolumeClaimTemplates]), &claims) != nil {
		return images
	}
	for _, claim := range claims {
		if id := claim.Metadata.Annotations[AnnotationImageID]; id != "" && !slices.Contains(images, id) {
			images = append(images, id)
		}
	}
	return images
}
