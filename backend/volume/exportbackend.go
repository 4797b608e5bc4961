package volume

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/longhorn"
)

// backendOf is what keeps an image of a claim that is to be on a class, "" for the site's default one.
func backendOf(ctx context.Context, view capability.View, claim *corev1.PersistentVolumeClaim, class string) (harvesterv1.ImageBackend, error) {
	classes := &storagev1.StorageClassList{}
	if err := view.Facts.List(ctx, classes); err != nil {
		return "", err
	}
	var from, to *storagev1.StorageClass
	for i := range classes.Items {
		each := &classes.Items[i]
		if each.Name == ptr.Deref(claim.Spec.StorageClassName, "") {
			from = each
		}
		if each.Name == class || class == "" && each.Annotations[harvesterv1.AnnotationDefaultClass] == "true" {
			to = each
		}
	}
	if longhorn.Backs(csi.DriverOf(claim), claim, from, to) {
		return harvesterv1.ImageBackendBackingImage, nil
	}
	return harvesterv1.ImageBackendCDI, nil
}
