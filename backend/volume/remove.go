package volume

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/cdi"
)

// remove deletes a volume together with the data volume that it belongs to: CDI would fill it anew. The claim goes first,
// because whatever keeps a volume refuses its claim; the data volume is deleted as the caller as well.
func remove(ctx context.Context, caller capability.Caller, v Volume, _ capability.Options, deletion capability.Deletion) error {
	if err := deletion(); err != nil {
		return err
	}
	volume := &cdi.DataVolume{}
	err := caller.Client.Get(ctx, v.key(), volume)
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !metav1.IsControlledBy(v.Claim, volume) {
		return nil
	}
	return client.IgnoreNotFound(caller.Client.Delete(ctx, volume, client.Preconditions{UID: &volume.UID}))
}
