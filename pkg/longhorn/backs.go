package longhorn

import (
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/utils/ptr"
)

// Backs says whether an image of a volume is to be a backing image, as it is in Harvester: the driver that has made the
// volume is Longhorn's, the volume is a disk and no file system with one in it, and both its class and the one that the image
// is to be made for are of the first engine. What is encrypted is read and written through its class, which Longhorn itself
// does not do. Classes that are gone are nil.
func Backs(driver string, of *corev1.PersistentVolumeClaim, classes ...*storagev1.StorageClass) bool {
	for _, class := range classes {
		if class == nil || !FirstEngine(class.Provisioner, class.Parameters) || class.Parameters[ParameterEncrypted] == "true" {
			return false
		}
	}
	return driver == Driver && ptr.Deref(of.Spec.VolumeMode, corev1.PersistentVolumeFilesystem) == corev1.PersistentVolumeBlock
}
