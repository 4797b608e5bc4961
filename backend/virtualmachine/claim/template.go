package claim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Template is a claim that a machine wants to exist.
type Template struct {
	corev1.PersistentVolumeClaim `json:",inline"`

	// TargetVolume is the claim that the volume is being moved to, "" when it stays where it is.
	TargetVolume string `json:"targetVolume,omitempty"`
}

// Templates reads the claim templates of a machine.
func Templates(vm *kubevirt.VirtualMachine) ([]Template, error) {
	text := vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var templates []Template
	if err := json.Unmarshal([]byte(text), &templates); err != nil {
		return nil, fmt.Errorf("%s is not a JSON array of claims: %w", harvesterv1.AnnotationVolumeClaimTemplates, err)
	}
	return templates, nil
}

// Image is the namespace and name of the image that the claim is to be a copy of; both empty for a blank one. A name
// without a namespace is looked for beside the machine.
func (t Template) Image(beside string) (namespace, name string) {
	id := t.Annotations[harvesterv1.AnnotationImageID]
	if id == "" {
		return "", ""
	}
	if namespace, name, found := strings.Cut(id, "/"); found {
		return namespace, name
	}
	return beside, id
}

// Copied says that the claim starts as a copy of another claim or of a snapshot. The image that it may name is then only
// where the bytes once came from. A claim whose data source is an image is none: it is cut from the image that it names.
func (t Template) Copied() bool {
	source, ref := t.Spec.DataSource, t.Spec.DataSourceRef
	return source != nil && !harvesterv1.IsImage(source.APIGroup, source.Kind) ||
		ref != nil && !harvesterv1.IsImage(ref.APIGroup, ref.Kind)
}

// ownMarks are annotations of claims that no template gives them: who uses them, whose they are and that they go is
// written by who may.
var ownMarks = []string{
	harvesterv1.AnnotationOwnedBy, harvesterv1.AnnotationTakenBy, harvesterv1.AnnotationGoldenImage, harvesterv1.AnnotationEjected,
}

// Wanted is the claim as it is to be made for a machine.
func (t Template) Wanted(vm *kubevirt.VirtualMachine) *corev1.PersistentVolumeClaim {
	wanted := &corev1.PersistentVolumeClaim{Spec: *t.Spec.DeepCopy()}
	wanted.Namespace, wanted.Name = vm.Namespace, t.Name
	wanted.Labels = t.Labels
	wanted.Annotations = map[string]string{harvesterv1.AnnotationOwnedBy: addOwner("", refOf(vm))}
	for key, value := range t.Annotations {
		if !slices.Contains(ownMarks, key) {
			wanted.Annotations[key] = value
		}
	}
	if !t.Copied() {
		wanted.Spec.DataSource, wanted.Spec.DataSourceRef = nil, nil // the copy of an image is made as all are
	}
	if wanted.Spec.StorageClassName != nil && *wanted.Spec.StorageClassName == "" {
		wanted.Spec.StorageClassName = nil // clients write "" and mean the default class; Kubernetes would mean none
	}
	return wanted
}

// Used are the names of the claims that a machine's volumes stand on.
func Used(vm *kubevirt.VirtualMachine) []string {
	if vm.Spec.Template == nil {
		return nil
	}
	var used []string
	for i := range vm.Spec.Template.Spec.Volumes {
		if name := Of(&vm.Spec.Template.Spec.Volumes[i]); name != "" {
			used = append(used, name)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// Touched are the names of all claims whose bytes a machine's volumes lie on, are laid over or are written to: besides
// those that it uses, what a disk that forgets begins as, and where its memory is dumped to.
func Touched(vm *kubevirt.VirtualMachine) []string {
	names := Used(vm)
	if vm.Spec.Template == nil {
		return names
	}
	for _, volume := range vm.Spec.Template.Spec.Volumes {
		if volume.Ephemeral != nil && volume.Ephemeral.PersistentVolumeClaim != nil {
			names = append(names, volume.Ephemeral.PersistentVolumeClaim.ClaimName)
		}
		if volume.MemoryDump != nil {
			names = append(names, volume.MemoryDump.ClaimName)
		}
	}
	for _, volume := range vm.Spec.Template.Spec.UtilityVolumes {
		names = append(names, volume.ClaimName)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Named are the names of all claims that a machine uses or has templates of.
func Named(vm *kubevirt.VirtualMachine) []string {
	names := Used(vm)
	templates, err := Templates(vm)
	if err != nil {
		return names // the machine says so itself
	}
	for _, template := range templates {
		names = append(names, template.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Chosen are the names of the claims that somebody has chosen to go with a machine, whosever they are.
func Chosen(vm *kubevirt.VirtualMachine) []string {
	var names []string
	for name := range strings.SplitSeq(vm.Annotations[harvesterv1.AnnotationRemovedClaims], ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// removable are the claims that may go with a machine: the chosen ones, as far as it uses or made them.
func removable(vm *kubevirt.VirtualMachine) []string {
	own := Named(vm)
	return slices.DeleteFunc(Chosen(vm), func(name string) bool { return !slices.Contains(own, name) })
}
