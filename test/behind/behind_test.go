package behind_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/test/behind"
)

func pod(name, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"of": name}}, Spec: corev1.PodSpec{NodeName: node},
	}
}

// TestClients asks clients that are behind for pods, of which two are there: a on node 2, and b.
func TestClients(t *testing.T) {
	live := fake.NewClientBuilder().WithObjects(pod("a", "2"), pod("b", "2"), &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a"}}).Build()
	cases := map[string]struct {
		reason  string
		client  client.WithWatch
		options []client.ListOption
		want    map[string]string
	}{
		"Remembers": {"what is remembered is as it was", behind.Remembers(live, pod("a", "1")), nil, map[string]string{"a": "1", "b": "2"}},
		"Gone":      {"also when it is gone", behind.Remembers(live, pod("c", "1")), nil, map[string]string{"a": "2", "b": "2", "c": "1"}},
		"Elsewhere": {"in its namespace", behind.Remembers(live, pod("c", "1")), []client.ListOption{client.InNamespace("other")}, map[string]string{}},
		"Labelled":  {"under its labels", behind.Remembers(live, pod("c", "1")), []client.ListOption{client.MatchingLabels{"of": "a"}}, map[string]string{"a": "2"}},
		"Misses":    {"what was not heard of is not there", behind.Misses(live, pod("a", "")), nil, map[string]string{"b": "2"}},
		"Reads":     {"nothing is known but what another client knows", behind.Reads(fake.NewClientBuilder().WithObjects(pod("d", "1")).Build(), live), nil, map[string]string{"d": "1"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pods := &corev1.PodList{}
			if err := tc.client.List(t.Context(), pods, tc.options...); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for i := range pods.Items {
				got[pods.Items[i].Name] = pods.Items[i].Spec.NodeName
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if len(tc.options) == 0 {
				requireSame(t, tc.client, tc.want)
			}
		})
	}
}

// requireSame holds that pods are the same by their names as in a list.
func requireSame(t *testing.T, c client.Client, want map[string]string) {
	t.Helper()
	for _, name := range []string{"a", "b", "c", "d"} {
		one := &corev1.Pod{}
		err := c.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: name}, one)
		node, known := want[name]
		if known && (err != nil || one.Spec.NodeName != node) || !known && !apierrors.IsNotFound(err) {
			t.Errorf("pod %s: %v, on node %s", name, err, one.Spec.NodeName)
		}
	}
}

// TestWrites holds that what such a client writes reaches what is there.
func TestWrites(t *testing.T) {
	for name, of := range map[string]func(client.WithWatch) client.WithWatch{
		"Remembers": func(live client.WithWatch) client.WithWatch { return behind.Remembers(live, pod("a", "1")) },
		"Misses":    func(live client.WithWatch) client.WithWatch { return behind.Misses(live, pod("a", "1")) },
		"Reads":     func(live client.WithWatch) client.WithWatch { return behind.Reads(fake.NewFakeClient(), live) },
	} {
		t.Run(name, func(t *testing.T) {
			live := fake.NewClientBuilder().WithObjects(pod("a", "2")).Build()
			if err := of(live).Delete(context.Background(), pod("a", "")); err != nil {
				t.Fatal(err)
			}
			if err := live.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: "a"}, &corev1.Pod{}); !apierrors.IsNotFound(err) {
				t.Errorf("it is gone: %v", err)
			}
		})
	}
}
