package quota

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Capability is the quotas of a site.
var Capability = capability.Capability{
	Name: "quota",
	Resources: []capability.Resource{
		{
			Kind:    harvesterv1.ResourceQuotaKind,
			Indexed: []string{"spec.snapshotLimit.namespaceTotalSnapshotSizeQuota", "status.snapshotLimitStatus.namespaceTotalSnapshotSizeUsage"},
		},
		{
			Kind:    corev1.SchemeGroupVersion.WithKind("Namespace"),
			Read:    capability.As[corev1.Namespace](),
			Actions: Actions,
		},
	},
	Scheme: runtime.SchemeBuilder{corev1.AddToScheme, harvesterv1.AddToScheme},
}

// Actions are what can be done about the quota of a namespace.
var Actions = []capability.Action{
	capability.With("updateResourceQuota", unlessDeleted, update).
		Needs("update", harvesterv1.GroupVersion, harvesterv1.ResourceQuotas.Resource).InIt().
		Explained("Limits the space that all snapshots of the namespace may take together."),
	capability.On("deleteResourceQuota", unlessDeleted, lift).
		Needs("update", harvesterv1.GroupVersion, harvesterv1.ResourceQuotas.Resource).InIt().
		Explained("Takes the limit of the namespace's snapshots away. Those of its machines stay."),
}
