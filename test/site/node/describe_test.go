package node

import (
	"net/netip"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestDescribe(t *testing.T) {
	node := &corev1.Node{}
	node.Name = "site-1-node-2"
	node.Labels = map[string]string{"mine": "stays"}
	describe(node, "site-1", 2)
	for reason, label := range map[string][2]string{
		"KubeVirt schedules only here":           {"kubevirt.io/schedulable", "true"},
		"Harvester's clients look for their own": {"harvesterhci.io/managed", "true"},
		"a zone to spread over":                  {"topology.kubernetes.io/zone", "site-1-zone-2"},
		"migrations ask for the machine type":    {"machine-type.node.kubevirt.io/q35", "true"},
		"and for the CPU":                        {"cpu-model-migration.node.kubevirt.io/Skylake-Server", "true"},
		"what a person set is kept":              {"mine", "stays"},
	} {
		if got := node.Labels[label[0]]; got != label[1] {
			t.Errorf("%s: label %s is %q, want %q", reason, label[0], got, label[1])
		}
	}
	beat := node.Annotations["kubevirt.io/heartbeat"]
	if _, err := time.Parse(time.RFC3339, beat); err != nil {
		t.Errorf("KubeVirt reads the heartbeat as a bare time: %v", err)
	}
}

func TestStatusKeepsTransitions(t *testing.T) {
	first := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	address := netip.MustParseAddr("127.21.0.2")
	old := status(corev1.NodeStatus{}, "n", address, first)
	got := status(old, "n", address, first.Add(time.Minute))
	for _, c := range got.Conditions {
		if !c.LastTransitionTime.Time.Equal(first) || !c.LastHeartbeatTime.Time.Equal(first.Add(time.Minute)) {
			t.Errorf("condition %s: transition %s, heartbeat %s", c.Type, c.LastTransitionTime, c.LastHeartbeatTime)
		}
	}
	old.Conditions[0].Status = corev1.ConditionUnknown
	got = status(old, "n", address, first.Add(time.Hour))
	if !got.Conditions[0].LastTransitionTime.Time.Equal(first.Add(time.Hour)) {
		t.Error("a node that comes back does not say since when it is ready")
	}
}

func TestOffer(t *testing.T) {
	for name, tc := range map[string]struct {
		reason, annotation string
		want               int64
	}{
		"Named":   {"a node offers what its annotation names", `{"example.org/NIC":"2"}`, 2},
		"None":    {"else no devices", "", 0},
		"Garbage": {"nor what nobody can read", "two", 0},
	} {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{}
			node.Annotations = map[string]string{Devices: tc.annotation}
			node.Status = status(node.Status, "n", netip.MustParseAddr("127.21.0.2"), time.Now())
			offer(node)
			allocatable := node.Status.Allocatable["example.org/NIC"]
			if allocatable.Value() != tc.want || node.Status.Allocatable.Cpu().IsZero() {
				t.Errorf("%s: %v", tc.reason, node.Status.Allocatable)
			}
		})
	}
}
