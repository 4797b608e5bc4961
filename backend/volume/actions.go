package volume

import (
	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
)

const claims = "persistentvolumeclaims"

// Actions are the verbs of a volume, in the order the menu shows them.
var Actions = []capability.Action{
	capability.With("export", unlessCopyable, export).
		Needs("create", harvesterv1.GroupVersion, harvesterv1.VirtualMachineImages.Resource).OnAnother().
		Explained("Makes an image of the volume. While a machine runs with the volume, the image waits for it."),
	capability.On("cancelExpand", unlessGrowing, cancelExpand).
		Needs("patch", corev1.SchemeGroupVersion, claims).
		Explained("Gives up an enlargement that does not come to an end, and takes the claim back to one mebibyte above what it has, the least that Kubernetes lets it go back to."),
	capability.With("clone", unlessCopyable, clone).
		Needs("create", corev1.SchemeGroupVersion, claims).OnAnother().
		Explained("Makes another volume with the same bytes, by the storage's own means."),
	capability.With("snapshot", unlessSnapshotable, snapshot).
		Needs("create", csi.GroupVersion, csi.VolumeSnapshots.Resource).OnAnother().
		Explained("Keeps the bytes as they are now."),
	capability.With("dataMigration", unlessMovable, dataMigration).
		Needs("create", cdi.GroupVersion, cdi.DataVolumes.Resource).OnAnother().
		Explained("Makes another volume with the same bytes on another storage class, while no machine runs with it."),
}
