package virtualmachine

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/quota"
)

func unlessQuotaTold(m Machine) string {
	if m.VM.Annotations[harvesterv1.AnnotationInsufficientQuota] == "" {
		return "The machine has no message about a quota."
	}
	return unlessDeleted(m)
}

// QuotaInput is a limit.
type QuotaInput struct {
	// TotalSnapshotSizeQuota is a size such as 10Gi. Needed.
	TotalSnapshotSizeQuota string `json:"totalSnapshotSizeQuota"`
}

// updateQuota limits the snapshots of a machine.
func updateQuota(ctx context.Context, caller capability.Caller, m Machine, input QuotaInput) error {
	size, err := quota.ParseSize(input.TotalSnapshotSizeQuota)
	if err != nil {
		return capability.Refuse("totalSnapshotSizeQuota", "totalSnapshotSizeQuota %s.", err)
	}
	return quota.Limit(ctx, caller.Client, quota.Holder{Namespace: m.VM.Namespace, Machine: m.VM.Name}, size)
}

// deleteQuota takes the limit of a machine away.
func deleteQuota(ctx context.Context, caller capability.Caller, m Machine) error {
	return quota.Lift(ctx, caller.Client, quota.Holder{Namespace: m.VM.Namespace, Machine: m.VM.Name})
}

// dismissQuota takes the message about the quota away.
func dismissQuota(ctx context.Context, caller capability.Caller, m Machine) error {
	return annotate(ctx, caller.Client, m, map[string]any{harvesterv1.AnnotationInsufficientQuota: nil})
}

// annotate writes annotations of a machine as the caller; nil takes one away.
func annotate(ctx context.Context, caller client.Client, m Machine, annotations map[string]any) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": annotations}})
	if err != nil {
		return fmt.Errorf("write annotations: %w", err)
	}
	return caller.Patch(ctx, m.VM.DeepCopy(), client.RawPatch(types.MergePatchType, patch))
}
