package mark_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/node/mark"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func TestMark(t *testing.T) {
	c := manager.Start(t, api, manager.Options{SetUp: func(to ctrl.Manager) error { return mark.New(to).SetUp(to) }})
	cases := map[string]struct {
		reason string
		labels map[string]string
		want   string
	}{
		"New":    {"Rancher knows the site by it", map[string]string{"zone": "a"}, "true"},
		"Bare":   {"also a node without any label", nil, "true"},
		"Marked": {"what somebody has written stays", map[string]string{"harvesterhci.io/managed": "yes"}, "yes"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "node-", Labels: tc.labels}}
			c := c.For(t)
			c.Make(node)
			manager.Until(c, node, "be marked", func(n *corev1.Node) bool { return n.Labels["harvesterhci.io/managed"] != "" })
			if diff := cmp.Diff(tc.want, node.Labels["harvesterhci.io/managed"]); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
