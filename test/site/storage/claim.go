package storage

import (
	"errors"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// origin is where a new volume's bytes come from.
type origin int

const (
	// nowhere: the volume is empty.
	nowhere origin = iota
	// aClaim: the volume is a clone.
	aClaim
	// aSnapshot: the volume is a snapshot, restored.
	aSnapshot
	// somebodyElse fills the volume and makes the claim's volume from another
	// one: a populator, CDI's for example. The claim is not ours.
	somebodyElse
)

// provisionerAnnotation is how Kubernetes' volume binder calls a provisioner.
const provisionerAnnotation = "volume.kubernetes.io/storage-provisioner"

// calls says whether a claim waits for a volume of ours.
func calls(claim *corev1.PersistentVolumeClaim) bool {
	return claim.DeletionTimestamp == nil &&
		claim.Spec.VolumeName == "" &&
		serves(claim.Annotations[provisionerAnnotation]) &&
		originOf(claim) != somebodyElse
}

// originOf reads a claim's data source. The older field and the newer one are
// kept equal by the API server.
func originOf(claim *corev1.PersistentVolumeClaim) origin {
	ref := claim.Spec.DataSourceRef
	if ref == nil {
		return nowhere
	}
	group := ""
	if ref.APIGroup != nil {
		group = *ref.APIGroup
	}
	switch {
	case group == "" && ref.Kind == "PersistentVolumeClaim":
		return aClaim
	case group == snapshotv1.GroupName && ref.Kind == "VolumeSnapshot":
		return aSnapshot
	}
	return somebodyElse
}

// sourceNamespace is where a claim's data source lies.
func sourceNamespace(claim *corev1.PersistentVolumeClaim) string {
	if ns := claim.Spec.DataSourceRef.Namespace; ns != nil && *ns != "" {
		return *ns
	}
	return claim.Namespace
}

// volumeName is the name of a claim's volume, and its handle.
func volumeName(claim types.UID) string { return "pvc-" + string(claim) }

// requested is a claim's size in bytes.
func requested(claim *corev1.PersistentVolumeClaim) int64 {
	return claim.Spec.Resources.Requests.Storage().Value()
}

// finalizer keeps a volume's object until its bytes are gone.
const finalizer = "external-provisioner.volume.kubernetes.io/finalizer"

// volumeFor is the volume that a claim gets.
func volumeFor(claim *corev1.PersistentVolumeClaim, class *storagev1.StorageClass) *corev1.PersistentVolume {
	reclaim := corev1.PersistentVolumeReclaimDelete
	if class.ReclaimPolicy != nil {
		reclaim = *class.ReclaimPolicy
	}
	filesystem := ""
	if claim.Spec.VolumeMode == nil || *claim.Spec.VolumeMode == corev1.PersistentVolumeFilesystem {
		filesystem = "ext4"
	}
	name := volumeName(claim.UID)
	return &corev1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        name,
			Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": class.Provisioner},
			Finalizers:  []string{finalizer},
		},
		Spec: corev1.PersistentVolumeSpec{
			Capacity:                      corev1.ResourceList{corev1.ResourceStorage: claim.Spec.Resources.Requests[corev1.ResourceStorage]},
			AccessModes:                   claim.Spec.AccessModes,
			VolumeMode:                    claim.Spec.VolumeMode,
			PersistentVolumeReclaimPolicy: reclaim,
			StorageClassName:              class.Name,
			MountOptions:                  class.MountOptions,
			ClaimRef: &corev1.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID, ResourceVersion: claim.ResourceVersion,
			},
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{
				Driver: class.Provisioner, VolumeHandle: name, FSType: filesystem,
			}},
		},
	}
}

// errNoSpace begins what a full class answers.
var errNoSpace = errors.New("no space left")

// room says whether a class with volumes of these sizes has room for more bytes.
func room(limit, used, more int64) error {
	if used+more <= limit {
		return nil
	}
	return fmt.Errorf("%w: %d bytes are wanted, %d of %d are free", errNoSpace, more, max(0, limit-used), limit)
}
