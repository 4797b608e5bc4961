package virtualmachine

import (
	"context"
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func unlessQuotaTold(m Machine) string {
	if m.VM.Annotations[harvesterv1.AnnotationInsufficientQuota] == "" {
		return "The machine has no message about a quota."
	}
	return ""
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
