package scale

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// list is a list of resources of pairs of a name and a quantity.
func list(pairs ...string) corev1.ResourceList {
	made := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		made[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return made
}

// quota is one with limits and with what it says of itself.
func quota(hard corev1.ResourceList, said map[string]string) *corev1.ResourceQuota {
	return &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Annotations: said}, Spec: corev1.ResourceQuotaSpec{Hard: hard},
	}
}

const (
	before = harvesterv1.AnnotationQuotaBefore
	first  = harvesterv1.AnnotationMigratingPrefix + "one"
	second = harvesterv1.AnnotationMigratingPrefix + "two"
)

func TestScaled(t *testing.T) {
	pod := list("limits.cpu", "2", "limits.memory", "3Gi", "pods", "1")
	scaled := map[string]string{before: `{"limits.cpu":"4","limits.memory":"8Gi"}`, first: `{"limits.cpu":"2","limits.memory":"3Gi"}`}
	cases := map[string]struct {
		reason string
		quota  *corev1.ResourceQuota
		used   corev1.ResourceList
		moves  []Move
		hard   corev1.ResourceList
		said   map[string]string
	}{
		"Nothing": {
			"a quota is left alone while nothing moves",
			quota(list("limits.cpu", "4"), map[string]string{"of": "mine"}), nil, nil, list("limits.cpu", "4"), map[string]string{"of": "mine"},
		},
		"Begins": {
			"what is limited becomes larger, and what is not stays so",
			quota(list("limits.cpu", "4", "limits.memory", "8Gi"), nil), nil, []Move{{"one", pod}},
			list("limits.cpu", "6", "limits.memory", "11Gi"), scaled,
		},
		"Again": {
			"once is enough, also when the pod looks different now",
			quota(list("limits.cpu", "6", "limits.memory", "11Gi"), scaled), nil, []Move{{"one", list("limits.cpu", "9")}},
			list("limits.cpu", "6", "limits.memory", "11Gi"), scaled,
		},
		"Second": {
			"each migration has its part",
			quota(list("limits.cpu", "6", "limits.memory", "11Gi"), scaled), nil, []Move{{"one", pod}, {"two", list("limits.cpu", "1")}},
			list("limits.cpu", "7", "limits.memory", "11Gi"),
			map[string]string{before: scaled[before], first: scaled[first], second: `{"limits.cpu":"1"}`},
		},
		"FirstEnds": {
			"and gives it back alone",
			quota(list("limits.cpu", "7", "limits.memory", "11Gi"), map[string]string{before: scaled[before], first: scaled[first], second: `{"limits.cpu":"1"}`}),
			nil, []Move{{"two", pod}}, list("limits.cpu", "5", "limits.memory", "8Gi"),
			map[string]string{before: scaled[before], second: `{"limits.cpu":"1"}`},
		},
		"Ends": {
			"afterwards it is as it was",
			quota(list("limits.cpu", "6", "limits.memory", "11Gi"), scaled), nil, nil, list("limits.cpu", "4", "limits.memory", "8Gi"), map[string]string{},
		},
		"Changed": {
			"a limit that somebody has set meanwhile is the new one, and the migration keeps its part",
			quota(list("limits.cpu", "8", "limits.memory", "11Gi"), scaled), nil, []Move{{"one", pod}},
			list("limits.cpu", "10", "limits.memory", "11Gi"), map[string]string{before: `{"limits.cpu":"8","limits.memory":"8Gi"}`, first: scaled[first]},
		},
		"ChangedEnds": {
			"it stays when the migration ends",
			quota(list("limits.cpu", "8", "limits.memory", "11Gi"), scaled), nil, nil, list("limits.cpu", "8", "limits.memory", "8Gi"), map[string]string{},
		},
		"Reset": {
			"Rancher writes what the namespace may have, again and again",
			quota(list("limits.cpu", "4", "limits.memory", "8Gi"), scaled), nil, []Move{{"one", pod}},
			list("limits.cpu", "6", "limits.memory", "11Gi"), scaled,
		},
		"Lifted": {
			"a limit that is taken away does not come back",
			quota(list("limits.memory", "11Gi"), scaled), nil, nil, list("limits.memory", "8Gi"), map[string]string{},
		},
		"Added": {
			"one that is new is nobody's but its own",
			quota(list("limits.cpu", "6", "limits.memory", "11Gi", "pods", "3"), scaled), nil, []Move{{"one", pod}},
			list("limits.cpu", "6", "limits.memory", "11Gi", "pods", "3"),
			map[string]string{before: `{"limits.cpu":"4","limits.memory":"8Gi","pods":"3"}`, first: scaled[first]},
		},
		"Over": {
			"a namespace that has more than it may finds room as well",
			quota(list("limits.cpu", "4", "limits.memory", "8Gi"), nil), list("limits.cpu", "5", "limits.memory", "2Gi"), []Move{{"one", pod}},
			list("limits.cpu", "7", "limits.memory", "11Gi"),
			map[string]string{before: `{"limits.cpu":"4","limits.memory":"8Gi"}`, first: `{"limits.cpu":"3","limits.memory":"3Gi"}`},
		},
		"Broken": {
			"what somebody else has written there counts as nothing",
			quota(list("limits.cpu", "4"), map[string]string{before: "much", first: "more"}), nil, nil, list("limits.cpu", "4"), map[string]string{},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.quota.Status.Used = tc.used
			got := Scaled(tc.quota, tc.moves)
			if diff := cmp.Diff(tc.hard, got.Spec.Hard); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.said, got.Annotations); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(got, Scaled(got, tc.moves)); diff != "" {
				t.Errorf("%s: done twice it is done once: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestNeedsOf(t *testing.T) {
	pod := corev1.Pod{Spec: corev1.PodSpec{
		Containers: []corev1.Container{
			{Resources: corev1.ResourceRequirements{Limits: list("cpu", "2", "memory", "2Gi"), Requests: list("cpu", "125m", "memory", "1Gi", "devices.kubevirt.io/kvm", "1")}},
			{Resources: corev1.ResourceRequirements{Limits: list("cpu", "100m", "memory", "64Mi"), Requests: list("cpu", "5m")}},
		},
		InitContainers: []corev1.Container{{Resources: corev1.ResourceRequirements{Limits: list("cpu", "100m", "memory", "3Gi")}}},
	}}
	limited := list("limits.cpu", "0", "limits.memory", "0", "requests.cpu", "0", "memory", "0", "requests.devices.kubevirt.io/kvm", "0", "pods", "0", "count/pods", "0", "secrets", "0")
	want := list("limits.cpu", "2100m", "limits.memory", "3Gi", "requests.cpu", "130m", "memory", "1Gi", "requests.devices.kubevirt.io/kvm", "1", "pods", "1", "count/pods", "1", "secrets", "0")
	if diff := cmp.Diff(want, NeedsOf(limited, []corev1.Pod{pod})); diff != "" {
		t.Errorf("a pod takes what Kubernetes counts it with: -want +got:\n%s", diff)
	}
	two := NeedsOf(list("limits.cpu", "0"), []corev1.Pod{pod, pod})
	if diff := cmp.Diff(list("limits.cpu", "4200m"), two); diff != "" {
		t.Errorf("several add up: -want +got:\n%s", diff)
	}
}
