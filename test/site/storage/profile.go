package storage

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
)

// profile tells CDI what it cannot know of a driver of ours: that volumes are
// best had shared and raw, so that machines migrate, and cloned by the driver.
func profile() cdiv1.StorageProfileSpec {
	block, filesystem := corev1.PersistentVolumeBlock, corev1.PersistentVolumeFilesystem
	return cdiv1.StorageProfileSpec{
		CloneStrategy: ptr.To(cdiv1.CloneStrategyCsiClone),
		ClaimPropertySets: []cdiv1.ClaimPropertySet{
			{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: &block},
			{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, VolumeMode: &filesystem},
		},
		SnapshotClass: ptr.To(SnapshotClass),
	}
}

// keepProfiles writes the storage profiles as soon as CDI is there to have
// some; the API server may know CDI's kinds only later than us.
func keepProfiles(ctx context.Context, s *site.Site) error {
	for _, name := range []string{Fast, Bulk} {
		err := wait.PollUntilContextCancel(ctx, time.Second, true, func(ctx context.Context) (bool, error) {
			if err := writeProfile(ctx, s.Client, name); err != nil {
				s.Log.Debug("storage profile is not written yet", "class", name, "error", err)
				return false, nil
			}
			return true, nil
		})
		if err != nil {
			return nil // The site stops; CDI never came.
		}
	}
	return nil
}

func writeProfile(ctx context.Context, c client.Client, name string) error {
	var found cdiv1.StorageProfile
	err := c.Get(ctx, client.ObjectKey{Name: name}, &found)
	if apierrors.IsNotFound(err) {
		return c.Create(ctx, &cdiv1.StorageProfile{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: profile()})
	}
	if err != nil || len(found.Spec.ClaimPropertySets) > 0 {
		return err
	}
	found.Spec = profile()
	return c.Update(ctx, &found)
}
