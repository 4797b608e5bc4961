package multus

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// LabelClusterNetwork, on an attachment, is an attachment the cluster network that it is part of.
const LabelClusterNetwork = "network.harvesterhci.io/clusternetwork"

// Management is the cluster network that every node has.
const Management = "mgmt"

// ClusterNetwork is the cluster network that an attachment is part of, "" when it is part of none or is not there: a
// machine may name its networks before they are made, and a site may have none.
func ClusterNetwork(ctx context.Context, reader client.Reader, key types.NamespacedName) (string, error) {
	attachment, err := Get(ctx, reader, key)
	if apierrors.IsNotFound(err) || apimeta.IsNoMatchError(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return attachment.Labels[LabelClusterNetwork], nil
}
