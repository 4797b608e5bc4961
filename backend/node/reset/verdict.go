package reset

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// LostSince says since when nothing has been heard of a node, and whether it is lost at all. A kubelet that says that its
// node is not well is there, and so may its machines be.
func LostSince(node *corev1.Node) (since time.Time, lost bool) {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionUnknown {
			return condition.LastTransitionTime.Time, true
		}
	}
	return time.Time{}, false
}

// Left is how long a machine of a lost node is still waited for, 0 when it is to be started elsewhere now.
func Left(policy harvesterv1.ForceReset, vmi *kubevirt.VirtualMachineInstance, since, now time.Time) time.Duration {
	patience := policy.After()
	if vmi != nil && kubevirt.Migrating(vmi) {
		patience = max(patience, policy.AfterMigration())
	}
	return max(0, since.Add(patience).Sub(now))
}

// anyReady says whether any node is well. When none is, it is this program that is cut off.
func anyReady(nodes []corev1.Node) bool {
	return slices.ContainsFunc(nodes, func(node corev1.Node) bool {
		return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
		})
	})
}
