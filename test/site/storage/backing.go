package storage

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/longhorn"
	played "crofthci.io/croft/test/site/longhorn"
)

// sourceImage is the file of the backing image that a class's volumes start from, "" for a class without one. Of one that
// is encrypted, it is a file beside it that is not: a volume shows a machine what it is to read.
func (p *provisioner) sourceImage(ctx context.Context, claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) (string, error) {
	name := class.Parameters[longhorn.ParameterBackingImage]
	if name == "" || class.Provisioner != Longhorn {
		return "", nil
	}
	image := &longhorn.BackingImage{}
	if err := p.site.Client.Get(ctx, client.ObjectKey{Namespace: longhorn.Namespace, Name: name}, image); err != nil {
		return "", fmt.Errorf("volume %s is unable to retrieve backing image %s: %w", volumeName(claim.UID), name, err)
	}
	if !longhorn.StateOf(image).Done {
		return "", fmt.Errorf("backing image %s is not ready", name)
	}
	if asked := requested(claim); asked < image.Status.VirtualSize {
		return "", fmt.Errorf("volume size %d is less than the backing image size %d", asked, image.Status.VirtualSize)
	}
	disk := played.DiskOf(p.site, name)
	key := longhorn.SecretOf(class.Parameters)
	if key == (longhorn.Secret{}) {
		return disk, nil
	}
	return played.Opened(ctx, p.site.Client, disk, key)
}
