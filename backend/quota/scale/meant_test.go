package scale

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/kubevirt"
)

// launcher is a pod of a machine, which takes a processor; job is the migration that it was made for.
func launcher(job string) corev1.Pod {
	pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{kubevirt.AppLabel: kubevirt.AppLauncher}}}
	if job != "" {
		pod.Labels[kubevirt.MigrationJobLabel] = job
	}
	pod.Spec.Containers = []corev1.Container{{Resources: corev1.ResourceRequirements{Limits: list("cpu", "1")}}}
	return pod
}

func TestMeant(t *testing.T) {
	raised := map[string]string{before: `{"limits.cpu":"2","secrets":"1"}`, first: `{"limits.cpu":"1"}`}
	const refused = "exceeded quota: default-x7fpr, requested: limits.cpu=1, used: limits.cpu=2, limited: limits.cpu=2"
	cases := map[string]struct {
		reason string
		said   map[string]string
		used   string
		pods   []corev1.Pod
		pod    corev1.Pod
		want   string
	}{
		"NotRaised": {"Kubernetes itself looks after a quota that is what it is", nil, "9", nil, launcher(""), ""},
		"Room":      {"what was free is free", raised, "1", []corev1.Pod{launcher("")}, launcher(""), ""},
		"Meant":     {"what was added is for the machine that moves", raised, "2", []corev1.Pod{launcher(""), launcher("")}, launcher(""), refused},
		"Moves":     {"which may have it", raised, "2", []corev1.Pod{launcher(""), launcher("")}, launcher("one"), ""},
		"Arrived":   {"and has it no less when it is there", raised, "3", []corev1.Pod{launcher(""), launcher(""), launcher("one")}, launcher(""), refused},
		"RoomThen":  {"nor more", raised, "2", []corev1.Pod{launcher(""), launcher("one")}, launcher(""), ""},
		"Earlier":   {"a pod that was made for a migration of before is one like any other", raised, "2", []corev1.Pod{launcher("zero"), launcher("")}, launcher("zero"), refused},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			q := quota(list("limits.cpu", "3", "secrets", "1"), tc.said)
			q.Name = "default-x7fpr"
			q.Status.Used = list("limits.cpu", tc.used, "secrets", "5")
			if diff := cmp.Diff(tc.want, Meant(q, tc.pods, &tc.pod)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
