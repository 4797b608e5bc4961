package virtualmachine

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/longhorn"
)

// backed are the names of those claims whose images Longhorn is to keep, each on the class of its volume.
func backed(ctx context.Context, view capability.View, claims map[string]*corev1.PersistentVolumeClaim) (map[string]bool, error) {
	names := map[string]bool{}
	for name, claim := range claims {
		class := &storagev1.StorageClass{}
		err := view.Facts.Get(ctx, client.ObjectKey{Name: ptr.Deref(claim.Spec.StorageClassName, "")}, class)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names[name] = longhorn.Backs(csi.DriverOf(claim), claim, class)
	}
	return names, nil
}
