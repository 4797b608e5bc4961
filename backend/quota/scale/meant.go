package scale

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/pkg/kubevirt"
)

// Meant says in Kubernetes' words why a pod does not fit into a quota that is larger only for machines that move, and ""
// when it does: what a quota was made larger by is for those, and the rest has what it always had. The pods are those of
// the namespace.
func Meant(quota *corev1.ResourceQuota, pods []corev1.Pod, pod *corev1.Pod) string {
	said := read(quota)
	if len(said.added) == 0 || moves(said, pod) {
		return ""
	}
	arrived := slices.DeleteFunc(slices.Clone(pods), func(other corev1.Pod) bool { return !moves(said, &other) })
	theirs, needs := NeedsOf(said.before, arrived), NeedsOf(said.before, []corev1.Pod{*pod})
	var requested, used, limited []string
	for _, name := range namesOf(said.before) {
		limit, need, use := said.before[name], needs[name], quota.Status.Used[name].DeepCopy()
		use.Sub(theirs[name])
		sum := use.DeepCopy()
		sum.Add(need)
		if need.Sign() > 0 && sum.Cmp(limit) > 0 {
			requested = append(requested, fmt.Sprintf("%s=%s", name, need.String()))
			used = append(used, fmt.Sprintf("%s=%s", name, use.String()))
			limited = append(limited, fmt.Sprintf("%s=%s", name, limit.String()))
		}
	}
	if len(limited) == 0 {
		return ""
	}
	return fmt.Sprintf("exceeded quota: %s, requested: %s, used: %s, limited: %s", quota.Name,
		strings.Join(requested, ","), strings.Join(used, ","), strings.Join(limited, ","))
}

// moves says whether a pod is the second one of a machine that a quota was made larger for.
func moves(said record, pod *corev1.Pod) bool {
	_, found := said.added[types.UID(pod.Labels[kubevirt.MigrationJobLabel])]
	return found
}

// namesOf are the names of a list in order.
func namesOf(list corev1.ResourceList) []corev1.ResourceName {
	names := make([]corev1.ResourceName, 0, len(list))
	for name := range list {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
