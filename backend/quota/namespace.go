package quota

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/quota"
)

// QuotaInput is a limit.
type QuotaInput struct {
	// TotalSnapshotSizeQuota is a size such as 10Gi. Needed.
	TotalSnapshotSizeQuota string `json:"totalSnapshotSizeQuota"`
}

func unlessDeleted(namespace *corev1.Namespace) string {
	if namespace.DeletionTimestamp != nil {
		return "The namespace is being deleted."
	}
	return ""
}

// update limits the snapshots of a namespace.
func update(ctx context.Context, caller capability.Caller, namespace *corev1.Namespace, input QuotaInput) error {
	size, err := quota.ParseSize(input.TotalSnapshotSizeQuota)
	if err != nil {
		return capability.Refuse("totalSnapshotSizeQuota", "totalSnapshotSizeQuota %s.", err)
	}
	return quota.Limit(ctx, caller.Client, quota.Holder{Namespace: namespace.Name}, size)
}

// lift takes the limit of a namespace away.
func lift(ctx context.Context, caller capability.Caller, namespace *corev1.Namespace) error {
	return quota.Lift(ctx, caller.Client, quota.Holder{Namespace: namespace.Name})
}
