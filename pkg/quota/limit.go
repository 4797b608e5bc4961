package quota

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Holder is who has a limit.
type Holder struct {
	// Namespace is the namespace.
	Namespace string
	// Machine is the name of a machine in it, "" for all of the namespace together.
	Machine string
}

// ParseSize reads a limit as people write it, such as 10Gi. The error is the rest of a sentence about it.
func ParseSize(text string) (int64, error) {
	size, err := resource.ParseQuantity(text)
	switch {
	case err != nil:
		return 0, errors.New("must be a size such as 10Gi")
	case size.Sign() <= 0:
		return 0, errors.New("must be more than 0; deleteResourceQuota takes a limit away")
	case size.CmpInt64(1<<62) > 0:
		return 0, errors.New("must be less than 4Ei")
	default:
		return size.Value(), nil
	}
}

// Limit gives a holder a limit in bytes, and makes the namespace's quota when it has none.
func Limit(ctx context.Context, as client.Client, holder Holder, size int64) error {
	return change(ctx, as, holder.Namespace, true, func(limit *harvesterv1.SnapshotLimit) bool {
		return put(limit, holder.Machine, size)
	})
}

// Lift takes a holder's limit away. To have none is no error.
func Lift(ctx context.Context, as client.Client, holder Holder) error {
	return change(ctx, as, holder.Namespace, false, func(limit *harvesterv1.SnapshotLimit) bool {
		return put(limit, holder.Machine, 0)
	})
}

// put writes a limit, and says whether it was another before. 0 is none.
func put(limit *harvesterv1.SnapshotLimit, machine string, size int64) (changed bool) {
	if machine == "" {
		changed = limit.NamespaceTotalSnapshotSizeQuota != size
		limit.NamespaceTotalSnapshotSizeQuota = size
		return changed
	}
	was, found := limit.VMTotalSnapshotSizeQuota[machine]
	if size == 0 {
		delete(limit.VMTotalSnapshotSizeQuota, machine)
		return found
	}
	if limit.VMTotalSnapshotSizeQuota == nil {
		limit.VMTotalSnapshotSizeQuota = map[string]int64{}
	}
	limit.VMTotalSnapshotSizeQuota[machine] = size
	return was != size
}

// change writes what somebody wants of a namespace's limits, over whatever others write at the same time. A quota that
// is not there is made only when it is wanted.
func change(
	ctx context.Context, as client.Client, namespace string, wanted bool, change func(*harvesterv1.SnapshotLimit) bool,
) error {
	raced := func(err error) bool { return apierrors.IsConflict(err) || wanted && apierrors.IsAlreadyExists(err) }
	return retry.OnError(retry.DefaultRetry, raced, func() error {
		quota := &harvesterv1.ResourceQuota{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: harvesterv1.ResourceQuotaName},
		}
		err := as.Get(ctx, client.ObjectKeyFromObject(quota), quota)
		missing := apierrors.IsNotFound(err)
		switch {
		case err != nil && !missing:
			return err
		case missing && !wanted, !change(&quota.Spec.SnapshotLimit):
			return nil
		case missing:
			return as.Create(ctx, quota)
		default:
			return as.Update(ctx, quota)
		}
	})
}

// String names a holder in a sentence.
func (h Holder) String() string {
	if h.Machine == "" {
		return "namespace " + h.Namespace
	}
	return fmt.Sprintf("machine %s", h.Machine)
}
