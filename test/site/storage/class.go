package storage

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
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

// again is how long a site waits that cannot make its storage yet.
const again = 500 * time.Millisecond

// bring makes what the storage brings along, and tries until it is there: who is
// asked about a class may start after this, as when a whole site is started again.
func bring(ctx context.Context, c client.Client, log *slog.Logger) error {
	return wait.PollUntilContextCancel(ctx, again, true, func(ctx context.Context) (bool, error) {
		err := apply(ctx, c)
		if err != nil && ctx.Err() == nil {
			log.Warn("make the storage", "error", err)
		}
		return err == nil, nil
	})
}

// apply makes what is not there, and leaves what is there as a person may have
// changed it, with a fault's annotation perhaps. What is there it does not ask to
// make: the site's webhooks would be asked before anybody sees that it is there.
func apply(ctx context.Context, c client.Client) error {
	for _, object := range objects() {
		present := object.DeepCopyObject().(client.Object)
		err := c.Get(ctx, client.ObjectKeyFromObject(object), present)
		if err == nil {
			continue
		}
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("look for %T %s: %w", object, object.GetName(), err)
		}
		if err := c.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
			return fmt.Errorf("make %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// serves says whether volumes of a driver are made here.
func serves(driver string) bool { return driver == Driver || driver == Longhorn }
