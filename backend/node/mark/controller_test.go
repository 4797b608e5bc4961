package mark_test

import (
	"maps"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/node/mark"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func TestMark(t *testing.T) {
	const nic = "devices.crofthci.io/example.org.NIC"
	c := manager.Start(t, api, manager.Options{SetUp: func(to ctrl.Manager) error { return mark.New(to, true).SetUp(to) }})
	cases := map[string]struct {
		reason  string
		labels  map[string]string
		devices map[corev1.ResourceName]string
		want    map[string]string
	}{
		"New":    {"Rancher knows the site by it", map[string]string{"zone": "a"}, nil, map[string]string{"zone": "a", "harvesterhci.io/managed": "true"}},
		"Bare":   {"also a node without any label", nil, nil, map[string]string{"harvesterhci.io/managed": "true"}},
		"Marked": {"what somebody has written stays", map[string]string{"harvesterhci.io/managed": "yes"}, nil, map[string]string{"harvesterhci.io/managed": "yes"}},
		"Device": {
			"machines that ask for such a device find it", nil, map[corev1.ResourceName]string{"example.org/NIC": "2", "cpu": "4", "devices.kubevirt.io/kvm": "1k", "example.org/none": "0"},
			map[string]string{"harvesterhci.io/managed": "true", nic: "true"},
		},
		"Gone": {"a device that was taken out is here no more", map[string]string{nic: "true"}, nil, map[string]string{"harvesterhci.io/managed": "true"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "node-", Labels: tc.labels}}
			c := c.For(t)
			c.Make(node)
			offer(c, node, tc.devices)
			manager.Until(c, node, "be labelled: "+tc.reason, func(n *corev1.Node) bool { return maps.Equal(n.Labels, tc.want) })
		})
	}
}

// TestDevicesComeAndGo plugs a device into a node and takes it out, at a site that Rancher is not to know.
func TestDevicesComeAndGo(t *testing.T) {
	const nic = "devices.crofthci.io/example.org.NIC"
	c := manager.Start(t, api, manager.Options{SetUp: func(to ctrl.Manager) error { return mark.New(to, false).SetUp(to) }})
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "node-", Labels: map[string]string{"zone": "a"}}}
	c.Make(node)
	for _, number := range []string{"1", "0", "2"} {
		offer(c, node, map[corev1.ResourceName]string{"example.org/NIC": number})
		want := map[string]string{"zone": "a"}
		if number != "0" {
			want[nic] = "true"
		}
		manager.Until(c, node, "be labelled by its devices", func(n *corev1.Node) bool { return maps.Equal(n.Labels, want) })
	}
}

// offer has a node say what it has, as its kubelet does.
func offer(c *manager.Cluster, node *corev1.Node, devices map[corev1.ResourceName]string) {
	manager.Report(c, node, func(n *corev1.Node) {
		n.Status.Allocatable = corev1.ResourceList{}
		for name, number := range devices {
			n.Status.Allocatable[name] = resource.MustParse(number)
		}
		n.Status.Capacity = n.Status.Allocatable
	})
}
