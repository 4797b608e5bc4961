package site

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFaultsOf(t *testing.T) {
	object := func(annotations, labels map[string]string) *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", Annotations: annotations, Labels: labels}}
	}
	for reason, test := range map[string]struct {
		orders []Fault
		object *corev1.Pod
		want   string
		ok     bool
	}{
		"no order, no fault": {object: object(nil, nil)},
		"an annotation orders it for one object": {
			object: object(map[string]string{FaultPrefix + "migration": "fail"}, nil), want: "fail", ok: true,
		},
		"a label does too": {
			object: object(nil, map[string]string{FaultPrefix + "migration": "stall"}), want: "stall", ok: true,
		},
		"an order names the object": {
			orders: []Fault{{Name: "migration", Target: "default/web", Value: "10s"}}, object: object(nil, nil), want: "10s", ok: true,
		},
		"an order for another object does not meet": {
			orders: []Fault{{Name: "migration", Target: "default/other"}}, object: object(nil, nil),
		},
		"an order without target meets all, and without value is true": {
			orders: []Fault{{Name: "migration"}}, object: object(nil, nil), want: "true", ok: true,
		},
		"the object's own word goes first": {
			orders: []Fault{{Name: "migration", Value: "fail"}},
			object: object(map[string]string{FaultPrefix + "migration": "stall"}, nil), want: "stall", ok: true,
		},
	} {
		faults := NewFaults()
		for _, order := range test.orders {
			faults.Set(order)
		}
		got, ok := faults.Of("migration", test.object)
		if got != test.want || ok != test.ok {
			t.Errorf("%s: got %q, %v; want %q, %v", reason, got, ok, test.want, test.ok)
		}
	}
}

func TestFaultsClearAndWatch(t *testing.T) {
	faults := NewFaults()
	changes, end := faults.Watch()
	defer end()
	faults.Set(Fault{Name: "node", Target: "b"})
	faults.Set(Fault{Name: "node", Target: "a"})
	select {
	case <-changes:
	default:
		t.Error("a watcher heard nothing of an order")
	}
	want := []Fault{{"node", "a", "true"}, {"node", "b", "true"}}
	if diff := cmp.Diff(want, faults.List()); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	faults.Clear(Fault{Name: "node", Target: "a"})
	if _, on := faults.On("node", "a"); on {
		t.Error("an ended fault is still on")
	}
	faults.Clear(Fault{})
	if left := faults.List(); len(left) > 0 {
		t.Errorf("ending all left %v", left)
	}
}
