package admission

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

// awaitDisk has a new claim with a file system, whose maker says that it is for a machine, wait for an empty disk in it:
// KubeVirt plugs in a disk, and no file system. A claim that starts as something else keeps that.
func (s site) awaitDisk(_ context.Context, r request) error {
	c := r.Object
	forMachine := c.Annotations[harvesterv1.AnnotationForMachine] == "true" &&
		ptr.Deref(c.Spec.VolumeMode, corev1.PersistentVolumeFilesystem) == corev1.PersistentVolumeFilesystem
	starts := c.Spec.VolumeName != "" || c.Spec.DataSourceRef != nil || c.Spec.DataSource != nil
	if r.Old == nil && forMachine && !starts && !s.isAgent(r) {
		c.Spec.DataSourceRef = cdi.BlankRef()
	}
	return nil
}
