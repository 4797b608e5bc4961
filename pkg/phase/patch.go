package phase

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PatchStatus writes the difference between what was read and what is now wanted to the object's status, and nothing
// when there is none. An object that is gone by then needs no status; one that changed meanwhile is a conflict, so that
// nothing is concluded from an old copy.
func PatchStatus[T client.Object](ctx context.Context, to client.Client, before, after T) error {
	if equality.Semantic.DeepEqual(before, after) {
		return nil
	}
	err := to.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if err := client.IgnoreNotFound(err); err != nil {
		return fmt.Errorf("patch status of %s: %w", client.ObjectKeyFromObject(after), err)
	}
	return nil
}
