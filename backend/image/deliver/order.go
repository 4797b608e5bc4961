package deliver

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
)

// keptFor is how long an export and its copy stay when nobody takes them away.
const keptFor = 12 * time.Hour

type image = harvesterv1.VirtualMachineImage

// order is an export and the copy of an image's volume that it offers, both of one name.
type order struct {
	client client.Client
	key    types.NamespacedName
}

// place makes what is missing of an order. owner is whom the export goes with, nil for nobody. A time is part of the order
// so that it ends when whoever placed it dies.
func (o order) place(ctx context.Context, of *image, owner *metav1.OwnerReference) error {
	export := kubevirt.ExportOf(o.key.Namespace, o.key.Name, o.key.Name, metav1.Duration{Duration: keptFor})
	if owner != nil {
		export.OwnerReferences = []metav1.OwnerReference{*owner}
	}
	err := o.client.Create(ctx, export)
	if apierrors.IsAlreadyExists(err) {
		err = o.client.Get(ctx, o.key, export)
	}
	if err != nil {
		return fmt.Errorf("order the export %s: %w", o.key, err)
	}
	err = o.client.Create(ctx, copyOf(of, export))
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("copy the image's volume to %s: %w", o.key, err)
	}
	return nil
}

// copyOf is the volume that an export offers.
func copyOf(of *image, export *kubevirt.Export) *cdi.DataVolume {
	const mebibyte = 1 << 20
	whole := (of.Status.VirtualSize + mebibyte - 1) / mebibyte * mebibyte
	volume := cdi.Import{
		Namespace: export.Namespace, Name: export.Name, Source: cdi.FromClaim(of.Namespace, of.Name),
		Class: of.Status.TargetStorageClassName, Size: *resource.NewQuantity(whole, resource.BinarySI),
	}.Volume()
	volume.OwnerReferences = []metav1.OwnerReference{ownedBy(kubevirt.ExportKind, export)}
	return volume
}

// cancel takes an order away. Its copy is collected with it.
func (o order) cancel(ctx context.Context) error {
	export := kubevirt.ExportOf(o.key.Namespace, o.key.Name, o.key.Name, metav1.Duration{})
	if err := client.IgnoreNotFound(o.client.Delete(ctx, export)); err != nil {
		return fmt.Errorf("take the export %s away: %w", o.key, err)
	}
	return nil
}

// ownedBy says whom an object goes with. It does not keep its owner from going: that would ask for more rights.
func ownedBy(kind schema.GroupVersionKind, owner client.Object) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: kind.GroupVersion().String(), Kind: kind.Kind, Name: owner.GetName(), UID: owner.GetUID()}
}
