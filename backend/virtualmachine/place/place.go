package place

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Told are the labels of a node that an instance there has as annotations.
var Told = []string{corev1.LabelHostname, corev1.LabelTopologyZone, corev1.LabelTopologyRegion}

// IsNode says whether an instance is a node of a guest cluster: it says which, or Rancher's node driver has made it.
func IsNode(vmi metav1.Object) bool {
	labels := vmi.GetLabels()
	return labels[harvesterv1.LabelGuestCluster] != "" || labels[harvesterv1.LabelCreator] == harvesterv1.CreatorNodeDriver
}

// On are the annotations of an instance on a node. What the node does not say, the instance does not either.
func On(node, vmi metav1.Object) map[string]string {
	annotations := maps.Clone(vmi.GetAnnotations())
	if annotations == nil {
		annotations = map[string]string{}
	}
	labels := node.GetLabels()
	for _, key := range Told {
		if value, says := labels[key]; says {
			annotations[key] = value
		} else {
			delete(annotations, key)
		}
	}
	return annotations
}
