package maintain

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

// taintValue tells the taint of a maintenance from one that somebody has put on a node by hand, which stays.
const taintValue = "maintenance"

func isOurs(taint corev1.Taint) bool {
	return taint.Key == kubevirt.DrainTaint && taint.Value == taintValue
}

// recently is how far back migrations count for a maintenance whose beginning is not known.
const recently = 10 * time.Minute

// tainted are the taints of a node with one that KubeVirt moves machines away from, and since when it is there.
// Kubernetes allows one taint of a key and an effect: somebody else's will do.
func tainted(taints []corev1.Taint, now time.Time) (all []corev1.Taint, since time.Time) {
	for _, taint := range taints {
		if taint.Key != kubevirt.DrainTaint || taint.Effect != corev1.TaintEffectNoSchedule {
			continue
		}
		if taint.TimeAdded != nil {
			return taints, taint.TimeAdded.Time
		}
		return taints, now.Add(-recently)
	}
	added := metav1.NewTime(now.Truncate(time.Second))
	return append(slices.Clone(taints), corev1.Taint{
		Key: kubevirt.DrainTaint, Value: taintValue, Effect: corev1.TaintEffectNoSchedule, TimeAdded: &added,
	}), added.Time
}

// untainted are the taints of a node without that of a maintenance.
func untainted(taints []corev1.Taint) []corev1.Taint {
	return slices.DeleteFunc(slices.Clone(taints), isOurs)
}
