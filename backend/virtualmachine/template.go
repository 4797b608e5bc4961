package virtualmachine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/backend/virtualmachine/twin"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// CreateTemplateInput says what the template is called.
type CreateTemplateInput struct {
	// Name is the template's, in the namespace of the machine. Needed.
	Name string `json:"name"`
	// Description is free text.
	Description string `json:"description,omitempty"`
	// WithData makes an image of every volume, which new machines start from. Otherwise they start from the images that
	// this machine's volumes were cut from, and empty ones.
	WithData bool `json:"withData,omitempty"`
}

func unlessThere(m Machine) string {
	if m.VM.DeletionTimestamp != nil {
		return beingDeleted
	}
	return ""
}

// createTemplate makes a template of a machine: the template, copies of the secrets that the machine is set up from, the
// images, and the first version, which waits until these are there. What was made is taken back when the rest fails.
func createTemplate(ctx context.Context, caller capability.Caller, m Machine, input CreateTemplateInput) error {
	if err := unlessNamed(input); err != nil {
		return err
	}
	parts, err := partsOf(ctx, caller, m, input)
	if err != nil {
		return err
	}
	var made []client.Object
	for _, part := range parts {
		if secret, is := part.(*corev1.Secret); is {
			secret.OwnerReferences = ownedByTemplate(parts[0])
		}
		if err = caller.Client.Create(ctx, part); err != nil {
			break
		}
		made = append(made, part)
	}
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBackLimit)
	defer cancel()
	for _, part := range made {
		err = errors.Join(err, client.IgnoreNotFound(caller.Client.Delete(ctx, part)))
	}
	return err
}

// takeBackLimit is how long it may take to remove what a failed deed has left.
const takeBackLimit = 10 * time.Second

// unlessNamed refuses a name that no template, or none of its images, could have.
func unlessNamed(input CreateTemplateInput) error {
	if input.Name == "" {
		return capability.Refuse("name", "name is missing: the template needs one.")
	}
	if problems := validation.IsDNS1123Label(input.Name); len(problems) > 0 {
		return capability.Refuse("name", "%s cannot be the name of a template: %s.", input.Name, strings.Join(problems, ", "))
	}
	return nil
}

func ownedByTemplate(template client.Object) []metav1.OwnerReference {
	version, kind := harvesterv1.TemplateKind.ToAPIVersionAndKind()
	return []metav1.OwnerReference{{APIVersion: version, Kind: kind, Name: template.GetName(), UID: template.GetUID()}}
}

// partsOf are the objects of a template, in the order in which they are made.
func partsOf(ctx context.Context, caller capability.Caller, m Machine, input CreateTemplateInput) ([]client.Object, error) {
	claims, err := claimsOf(ctx, caller.Client, m, input.WithData)
	if err != nil {
		return nil, err
	}
	two, err := twin.Of(m.VM, claims, twin.Wish{
		Name: input.Name, RunStrategy: restored(m.VM), Suffix: func() string { return rand.String(suffixLength) },
	})
	if err != nil {
		return nil, err
	}
	secrets, err := secretsOf(ctx, caller.Client, two)
	if err != nil {
		return nil, err
	}
	onLonghorn, err := backed(ctx, caller.View, claims)
	if err != nil {
		return nil, err
	}
	images, err := imagesOf(two, claims, onLonghorn, input)
	if err != nil {
		return nil, err
	}
	version, err := versionOf(ctx, caller.Client, m, two, input)
	if err != nil {
		return nil, err
	}
	parts := []client.Object{&harvesterv1.VirtualMachineTemplate{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.VM.Namespace, Name: input.Name},
		Spec:       harvesterv1.VirtualMachineTemplateSpec{Description: input.Description},
	}}
	for _, secret := range secrets {
		parts = append(parts, secret)
	}
	for _, image := range images {
		parts = append(parts, image)
	}
	return append(parts, version), nil
}

// claimsOf are the claims that a machine's volumes stand on, by name. Their bytes must be there only when they are copied.
func claimsOf(
	ctx context.Context, caller client.Reader, m Machine, withData bool,
) (map[string]*corev1.PersistentVolumeClaim, error) {
	if withData {
		if sentence := twin.Unless(m.VM); sentence != "" {
			return nil, refusal("%s", sentence)
		}
		return sources(ctx, caller, m.VM)
	}
	claims := map[string]*corev1.PersistentVolumeClaim{}
	for _, name := range claim.Used(m.VM) {
		present := &corev1.PersistentVolumeClaim{}
		err := caller.Get(ctx, client.ObjectKey{Namespace: m.VM.Namespace, Name: name}, present)
		if apierrors.IsNotFound(err) {
			return nil, refusal("Volume %s of the machine does not exist yet, so nobody knows how large the template's is to be.", name)
		}
		if err != nil {
			return nil, err
		}
		claims[name] = present
	}
	return claims, nil
}

// imagesOf has the template's volumes start from images rather than from the machine's own volumes, and answers the
// images that are to be made for that: one of each volume with data, none without. A volume of an image that Longhorn keeps
// is of the class that the image will have.
func imagesOf(
	two twin.Twin, claims map[string]*corev1.PersistentVolumeClaim, onLonghorn map[string]bool, input CreateTemplateInput,
) ([]*harvesterv1.VirtualMachineImage, error) {
	templates, err := claim.Templates(two.Machine)
	if err != nil || len(templates) == 0 {
		return nil, err
	}
	var images []*harvesterv1.VirtualMachineImage
	for i := range templates {
		template := &templates[i]
		from := claims[template.Spec.DataSource.Name]
		template.Spec.DataSource = nil
		if !input.WithData {
			continue
		}
		image := exportOf(from, fmt.Sprintf("%s-%d-%s", input.Name, i, rand.String(suffixLength)), input)
		if template.Annotations == nil {
			template.Annotations = map[string]string{}
		}
		template.Annotations[harvesterv1.AnnotationImageID] = image.Namespace + "/" + image.Name
		if onLonghorn[from.Name] {
			image.Spec.Backend = harvesterv1.ImageBackendBackingImage
			template.Spec.StorageClassName = new(image.CalledClass())
		}
		images = append(images, image)
	}
	text, err := claim.Text(templates)
	if err != nil {
		return nil, fmt.Errorf("describe the volumes of template %s: %w", input.Name, err)
	}
	two.Machine.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = text
	return images, nil
}

// exportOf is an image of a volume, on the volume's own class.
func exportOf(from *corev1.PersistentVolumeClaim, name string, input CreateTemplateInput) *harvesterv1.VirtualMachineImage {
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: from.Namespace, Name: name},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: name, Description: fmt.Sprintf("Volume %s, for template %s.", from.Name, input.Name),
			SourceType: harvesterv1.ImageSourceVolume, PVCNamespace: from.Namespace, PVCName: from.Name,
		},
	}
	if from.Spec.StorageClassName != nil {
		image.Spec.TargetStorageClassName = *from.Spec.StorageClassName
	}
	return image
}

// versionOf is the first version of a template.
func versionOf(
	ctx context.Context, caller client.Reader, m Machine, two twin.Twin, input CreateTemplateInput,
) (*harvesterv1.VirtualMachineTemplateVersion, error) {
	keys, err := keysOf(ctx, caller, m)
	if err != nil {
		return nil, err
	}
	machine, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"labels": two.Machine.Labels, "annotations": two.Machine.Annotations},
		"spec":     two.Machine.Spec,
	})
	if err != nil {
		return nil, fmt.Errorf("describe the machine of template %s: %w", input.Name, err)
	}
	return &harvesterv1.VirtualMachineTemplateVersion{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.VM.Namespace, Name: input.Name + "-" + rand.String(suffixLength)},
		Spec: harvesterv1.VirtualMachineTemplateVersionSpec{
			TemplateID: m.VM.Namespace + "/" + input.Name, Description: input.Description,
			KeyPairIDs: keys, VM: runtime.RawExtension{Raw: machine},
		},
	}, nil
}

// keysOf are the SSH keys that the machine was given and that the caller may still read: one that is gone since, the
// guest keeps, but no other machine can be given it.
func keysOf(ctx context.Context, caller client.Reader, m Machine) ([]string, error) {
	var named, kept []string
	if m.VM.Spec.Template == nil {
		return nil, nil
	}
	text := m.VM.Spec.Template.ObjectMeta.Annotations[harvesterv1.AnnotationSSHNames]
	if json.Unmarshal([]byte(text), &named) != nil {
		return nil, nil // what cannot be read names none
	}
	for _, id := range named {
		namespace, name, _ := strings.Cut(id, "/")
		if name == "" || len(path.IsValidPathSegmentName(namespace)) > 0 || len(path.IsValidPathSegmentName(name)) > 0 {
			continue // nor is there a key of a name that none can have
		}
		err := caller.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &harvesterv1.KeyPair{})
		if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		kept = append(kept, id)
	}
	return kept, nil
}
