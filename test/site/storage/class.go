package storage

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/longhorn"
)

const (
	// Driver is the name of the site's CSI driver.
	Driver = "csi.site.crofthci.io"
	// Longhorn is the name of the driver that is played where a person has made a class of it.
	Longhorn = longhorn.Driver
	// Fast is the default storage class, for machines' disks.
	Fast = "fast"
	// Bulk is the second storage class, for what is large and slow.
	Bulk = "bulk"
	// SnapshotClass is the class of every snapshot.
	SnapshotClass = "fast-snapshot"
)

// objects are what a site's storage brings along. The two classes differ in
// name only: their capacity is unlimited until a fault limits it.
func objects() []client.Object {
	return append(snapshotRights(),
		&storagev1.CSIDriver{
			ObjectMeta: metav1.ObjectMeta{Name: Driver},
			Spec: storagev1.CSIDriverSpec{
				// Nothing is attached: a node sees every file.
				AttachRequired:       ptr.To(false),
				PodInfoOnMount:       ptr.To(false),
				VolumeLifecycleModes: []storagev1.VolumeLifecycleMode{storagev1.VolumeLifecyclePersistent},
			},
		},
		class(Fast, map[string]string{
			"storageclass.kubernetes.io/is-default-class":    "true",
			"storageclass.kubevirt.io/is-default-virt-class": "true",
		}),
		class(Bulk, nil),
		&snapshotv1.VolumeSnapshotClass{
			ObjectMeta: metav1.ObjectMeta{
				Name:        SnapshotClass,
				Annotations: map[string]string{"snapshot.storage.kubernetes.io/is-default-class": "true"},
			},
			Driver:         Driver,
			DeletionPolicy: snapshotv1.VolumeSnapshotContentDelete,
		},
	)
}

func class(name string, annotations map[string]string) *storagev1.StorageClass {
	return &storagev1.StorageClass{
		ObjectMeta:           metav1.ObjectMeta{Name: name, Annotations: annotations},
		Provisioner:          Driver,
		ReclaimPolicy:        ptr.To(corev1.PersistentVolumeReclaimDelete),
		VolumeBindingMode:    ptr.To(storagev1.VolumeBindingImmediate),
		AllowVolumeExpansion: ptr.To(true),
	}
}

// apply makes what is not there, and leaves what is there as a person may have
// changed it, with a fault's annotation perhaps.
func apply(ctx context.Context, c client.Client) error {
	for _, object := range objects() {
		if err := c.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("make %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// serves says whether volumes of a driver are made here.
func serves(driver string) bool { return driver == Driver || driver == Longhorn }
