package volume

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
)

// cancelExpand takes the claim's wish back as far as Kubernetes allows, and remembers what was given up: a machine that
// still asks for it would make the claim grow again.
func cancelExpand(ctx context.Context, caller capability.Caller, v Volume) error {
	least, _ := csi.Retreat(v.Claim)
	wanted := csi.Requested(v.Claim)
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{
			"resourceVersion": v.Claim.ResourceVersion,
			"annotations":     map[string]any{harvesterv1.AnnotationExpansionCancelled: wanted.String()},
		},
		"spec": map[string]any{"resources": map[string]any{"requests": map[string]any{"storage": least.String()}}},
	})
	if err != nil {
		return err
	}
	return caller.Client.Patch(ctx, v.Claim, client.RawPatch(types.MergePatchType, patch))
}
