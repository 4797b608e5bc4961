package place_test

import (
	"maps"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/place"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineInstanceKind, false)))
}

const (
	zone   = "topology.kubernetes.io/zone"
	region = "topology.kubernetes.io/region"
	host   = "kubernetes.io/hostname"
)

func TestOn(t *testing.T) {
	cases := map[string]struct {
		reason    string
		node, vmi map[string]string
		want      map[string]string
	}{
		"All":   {"everything is told", map[string]string{host: "n", zone: "z", region: "r", "rack": "7"}, nil, map[string]string{host: "n", zone: "z", region: "r"}},
		"Moved": {"on another node something else is true", map[string]string{host: "m"}, map[string]string{host: "n", zone: "z", "a": "b"}, map[string]string{host: "m", "a": "b"}},
		"Empty": {"an empty label is one, too", map[string]string{zone: ""}, nil, map[string]string{zone: ""}},
		"None":  {"of nothing nothing is told", nil, map[string]string{"a": "b"}, map[string]string{"a": "b"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			node, vmi := &metav1.ObjectMeta{Labels: tc.node}, &metav1.ObjectMeta{Annotations: tc.vmi}
			before := maps.Clone(tc.vmi)
			if diff := cmp.Diff(tc.want, place.On(node, vmi)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, vmi.Annotations); diff != "" {
				t.Errorf("what is given stays: -want +got:\n%s", diff)
			}
		})
	}
}

func TestIsNode(t *testing.T) {
	cases := map[string]struct {
		reason string
		labels map[string]string
		want   bool
	}{
		"Driver":  {"Rancher's node driver makes nodes only", map[string]string{"harvesterhci.io/creator": "docker-machine-driver-harvester"}, true},
		"Cluster": {"whoever made it, it says so itself", map[string]string{"guestcluster.harvesterhci.io/name": "blue"}, true},
		"Other":   {"Terraform makes all kinds of machines", map[string]string{"harvesterhci.io/creator": "terraform-provider-harvester"}, false},
		"Bare":    {"most are none", nil, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := place.IsNode(&metav1.ObjectMeta{Labels: tc.labels}); got != tc.want {
				t.Errorf("%s: got %t", tc.reason, got)
			}
		})
	}
}

// TestPlace follows a node of a guest cluster from one node of the site to another.
func TestPlace(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return place.New(to).SetUp(to) },
	})
	first := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "first", Labels: map[string]string{host: "first", zone: "a"}}}
	second := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "second", Labels: map[string]string{host: "second", zone: "b", region: "north"}}}
	c.Make(first)
	c.Make(second)
	other := instance("other", nil)
	other.Labels[kubevirt.NodeNameLabel] = "first"
	c.Make(other)
	node := instance("node", map[string]string{"guestcluster.harvesterhci.io/name": "blue"})
	c.Make(node)
	told := func(what string, want map[string]string) {
		t.Helper()
		manager.Until(c, node, what, func(vmi *kubevirt.VirtualMachineInstance) bool { return maps.Equal(vmi.Annotations, want) })
	}
	manager.Change(c, node, func(vmi *kubevirt.VirtualMachineInstance) { vmi.Labels[kubevirt.NodeNameLabel] = "first" })
	told("be on the first node", map[string]string{host: "first", zone: "a"})
	manager.Change(c, first, func(n *corev1.Node) { n.Labels[zone] = "c" })
	told("be in the node's new zone", map[string]string{host: "first", zone: "c"})
	manager.Change(c, node, func(vmi *kubevirt.VirtualMachineInstance) { vmi.Labels[kubevirt.NodeNameLabel] = "second" })
	told("have moved", map[string]string{host: "second", zone: "b", region: "north"})
	if err := c.Get(t.Context(), client.ObjectKeyFromObject(other), other); err != nil || len(other.Annotations) != 0 {
		t.Errorf("a machine that is no node is let be: %v, %v", other.Annotations, err)
	}
}

func instance(name string, labels map[string]string) *kubevirt.VirtualMachineInstance {
	if labels == nil {
		labels = map[string]string{}
	}
	return &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: labels}}
}
