package volume

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// ExportInput says what becomes of a volume's bytes.
type ExportInput struct {
	// DisplayName is what people will call the image.
	DisplayName string `json:"displayName"`
	// Namespace is the image's; the volume's own when it is left out.
	Namespace string `json:"namespace,omitempty"`
	// StorageClassName keeps the image's bytes; the site's default class when it is left out.
	StorageClassName string `json:"storageClassName,omitempty"`
}

// exportRetries is how often a failed copy is tried again: what an image has that says nothing.
const exportRetries = 3

// export asks for an image of the claim. Its controller copies the bytes, or has Longhorn copy them.
func export(ctx context.Context, caller capability.Caller, v Volume, input ExportInput) error {
	if input.DisplayName == "" {
		return capability.Refuse("displayName", "displayName is needed.")
	}
	if err := classThere(ctx, caller.View, "storageClassName", input.StorageClassName); err != nil {
		return err
	}
	backend, err := backendOf(ctx, caller.View, v.Claim, input.StorageClassName)
	if err != nil {
		return err
	}
	namespace := input.Namespace
	if namespace == "" {
		namespace = v.Claim.Namespace
	}
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "image-"},
		Spec: harvesterv1.VirtualMachineImageSpec{
			Backend:                backend,
			DisplayName:            input.DisplayName,
			SourceType:             harvesterv1.ImageSourceVolume,
			PVCNamespace:           v.Claim.Namespace,
			PVCName:                v.Claim.Name,
			TargetStorageClassName: input.StorageClassName,
			Retry:                  exportRetries,
		},
	}
	return caller.Client.Create(ctx, image)
}
