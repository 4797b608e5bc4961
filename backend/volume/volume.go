package volume

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
)

// Volume is a claim with all that its actions depend on.
type Volume struct {
	// Claim is what the user declared.
	Claim *corev1.PersistentVolumeClaim
	// Owners are what has it among its volumes, running or not, as namespace/name.
	Owners []string
	// Running is the machine that runs with it now; "" when none does, or when the caller may not read machines.
	Running string
	// Filling is how CDI brings its bytes, nil when nothing has to be brought or when the caller may not read that.
	Filling *cdi.State
	// Snapshots says whether the site can take snapshots of it: false only when that is known.
	Snapshots bool
	// SnapshotClass is the class that the site's settings name for its driver, "" when the driver's default class is taken.
	SnapshotClass string
}

// The rights without which a caller learns nothing from what stands beside a claim.
var (
	readInstances = capability.Permission{
		Verb: "get", Group: kubevirt.GroupVersion.Group, Resource: kubevirt.VirtualMachineInstances.Resource,
	}
	readDataVolumes = capability.Permission{Verb: "get", Group: cdi.GroupVersion.Group, Resource: cdi.DataVolumes.Resource}
)

// read makes a Volume of an object and what the server knows besides.
func read(view capability.View, object *unstructured.Unstructured) (Volume, error) {
	v := Volume{Claim: &corev1.PersistentVolumeClaim{}, Snapshots: true}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, v.Claim); err != nil {
		return v, fmt.Errorf("understand claim %s/%s: %w", object.GetNamespace(), object.GetName(), err)
	}
	v.Owners = harvesterv1.OwnersOf(v.Claim.Annotations[harvesterv1.AnnotationOwnedBy])
	if view.Facts == nil {
		return v, nil
	}
	ctx := context.Background()
	if view.May(readInstances, v.Claim.Namespace, "") {
		if err := v.findRunning(ctx, view.Facts); err != nil {
			return v, err
		}
	}
	if v.Claim.Status.Phase != corev1.ClaimBound && view.May(readDataVolumes, v.Claim.Namespace, "") {
		if err := v.findFilling(ctx, view.Facts); err != nil {
			return v, err
		}
	}
	return v, v.findSnapshotClass(ctx, view.Facts)
}

func (v *Volume) key() types.NamespacedName {
	return client.ObjectKeyFromObject(v.Claim)
}

// findRunning looks for the machine that runs with the volume.
func (v *Volume) findRunning(ctx context.Context, facts client.Reader) error {
	instances := &kubevirt.VirtualMachineInstanceList{}
	err := facts.List(ctx, instances, client.InNamespace(v.Claim.Namespace), client.MatchingFields{indexClaims: v.Claim.Name})
	if err != nil {
		return fmt.Errorf("find the machine of volume %s: %w", v.key(), err)
	}
	for i := range instances.Items {
		if kubevirt.Active(&instances.Items[i]) {
			v.Running = instances.Items[i].Name
		}
	}
	return nil
}

// findFilling looks for the data volume that fills the claim: the claim's owner, or the one that fill has made for it.
func (v *Volume) findFilling(ctx context.Context, facts client.Reader) error {
	for _, name := range []string{v.Claim.Name, FillName(v.Claim)} {
		volume := &cdi.DataVolume{}
		err := facts.Get(ctx, types.NamespacedName{Namespace: v.Claim.Namespace, Name: name}, volume)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("find what fills volume %s: %w", v.key(), err)
		}
		if metav1.IsControlledBy(v.Claim, volume) || metav1.IsControlledBy(volume, v.Claim) {
			state := cdi.StateOf(volume)
			v.Filling = &state
			return nil
		}
	}
	return nil
}

// FillName is the name of the data volume that brings an image's bytes to a claim.
func FillName(claim *corev1.PersistentVolumeClaim) string {
	return "fill-" + string(claim.UID)
}

// findSnapshotClass looks whether and how the volume's driver takes snapshots. A site that has no snapshot classes at all,
// or of which they have not been read yet, is not known to be unable.
func (v *Volume) findSnapshotClass(ctx context.Context, facts client.Reader) error {
	driver := csi.DriverOf(v.Claim)
	if driver == "" {
		return nil
	}
	classes := &csi.VolumeSnapshotClassList{}
	if err := facts.List(ctx, classes, client.UnsafeDisableDeepCopy); err != nil {
		return ignoreUnknown(err)
	}
	configured, err := configuredClass(ctx, facts, driver)
	if err != nil {
		return err
	}
	v.Snapshots = false
	for i := range classes.Items {
		if classes.Items[i].Driver == driver {
			v.Snapshots = true
			if classes.Items[i].Name == configured {
				v.SnapshotClass = configured
			}
		}
	}
	return nil
}

// configuredClass is the snapshot class that the site's settings name for a driver. A setting that cannot be read says so
// itself.
func configuredClass(ctx context.Context, facts client.Reader, driver string) (string, error) {
	setting := &harvesterv1.Setting{}
	err := facts.Get(ctx, types.NamespacedName{Name: harvesterv1.SettingDriverConfig}, setting)
	if err != nil {
		return "", client.IgnoreNotFound(err)
	}
	drivers, err := csi.ParseDrivers(setting.Effective())
	if err != nil {
		return "", nil
	}
	return drivers[driver].VolumeSnapshotClassName, nil
}

// ignoreUnknown lets a kind be missing that a site may do without.
func ignoreUnknown(err error) error {
	if apierrors.IsServiceUnavailable(err) {
		return nil
	}
	return err
}

// image is the image that the claim holds the bytes of, "" when it is an ordinary volume.
func (v *Volume) image() string {
	if v.Claim.Annotations[harvesterv1.AnnotationGoldenImage] != "true" {
		return ""
	}
	return v.Claim.Annotations[harvesterv1.AnnotationImageID]
}
