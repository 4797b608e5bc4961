package twin

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// keptOfClaim are the annotations of a claim that its copy has too, when no template says which.
var keptOfClaim = []string{harvesterv1.AnnotationImageID, "field.cattle.io/description"}

// ownOfClaim are the annotations of a template that are of one claim alone.
var ownOfClaim = []string{harvesterv1.AnnotationOwnedBy, harvesterv1.AnnotationTakenBy, harvesterv1.AnnotationGoldenImage}

// volumes gives the twin's volumes claims of other names, and answers the templates that make those claims.
func volumes(
	twin, vm *kubevirt.VirtualMachine, claims map[string]*corev1.PersistentVolumeClaim, wish Wish,
) ([]claim.Template, error) {
	if twin.Spec.Template == nil {
		return nil, nil
	}
	written, err := claim.Templates(vm)
	if err != nil {
		return nil, err
	}
	var templates []claim.Template
	names := map[string]string{}
	for i := range twin.Spec.Template.Spec.Volumes {
		volume := &twin.Spec.Template.Spec.Volumes[i]
		from := claim.Of(volume)
		if from == "" {
			continue
		}
		present := claims[from]
		if present == nil {
			return nil, fmt.Errorf("claim %s of volume %s is not known", from, volume.Name)
		}
		if names[from] == "" {
			names[from] = fmt.Sprintf("%s-%s-%s", wish.Name, volume.Name, wish.Suffix())
			at := slices.IndexFunc(written, func(t claim.Template) bool { return t.Name == from })
			templates = append(templates, copyOf(present, at, written, names[from]))
		}
		stand(volume, names[from])
	}
	return templates, nil
}

// stand puts a volume on a claim, however it stood on its own.
func stand(volume *kubevirt.Volume, on string) {
	source := &kubevirt.PersistentVolumeClaimVolumeSource{}
	if own := volume.PersistentVolumeClaim; own != nil {
		*source = *own
	} else {
		source.Hotpluggable = volume.DataVolume.Hotpluggable
	}
	source.ClaimName = on
	volume.VolumeSource = kubevirt.VolumeSource{PersistentVolumeClaim: source}
}

// copyOf is the template of a copy of a claim: what people said of it is taken from its template, what it has become
// from the claim.
func copyOf(present *corev1.PersistentVolumeClaim, at int, written []claim.Template, name string) claim.Template {
	var wanted claim.Template
	wanted.Name = name
	if at >= 0 {
		wanted.Labels = without(written[at].Labels, nil)
		wanted.Annotations = without(written[at].Annotations, ownOfClaim)
	} else {
		wanted.Annotations = map[string]string{}
		for _, key := range keptOfClaim {
			if value := present.Annotations[key]; value != "" {
				wanted.Annotations[key] = value
			}
		}
	}
	wanted.Spec = corev1.PersistentVolumeClaimSpec{
		AccessModes:      present.Spec.AccessModes,
		VolumeMode:       present.Spec.VolumeMode,
		StorageClassName: present.Spec.StorageClassName,
		Resources:        corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: claim.Size(present)}},
		DataSource:       &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: present.Name},
	}
	return wanted
}
