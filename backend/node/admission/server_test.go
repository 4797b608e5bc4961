package admission_test

import (
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/node/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func TestNodes(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{Webhook: hooks.Server, SetUp: admission.SetUp})
	node := func(name string, labels ...string) *corev1.Node {
		made := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}}}
		for _, label := range labels {
			made.Labels[label], made.Spec.Unschedulable = "true", true // it takes no machines
		}
		c.Make(made)
		manager.Report(c, made, func(n *corev1.Node) {
			n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		})
		return made
	}
	a, b := node("a"), node("b")
	const controlPlane = "node-role.kubernetes.io/control-plane"
	d, e, _ := node("d", controlPlane), node("e", controlPlane), node("f", controlPlane)
	w := node("w", harvesterv1.LabelWitness)
	manager.Change(c, w, func(n *corev1.Node) {
		n.Spec.Taints = []corev1.Taint{
			{Key: "node-role.kubernetes.io/etcd", Effect: corev1.TaintEffectNoExecute}, {Key: "rack", Effect: corev1.TaintEffectNoSchedule},
		}
	})
	hooks.Call(c, admission.Path)

	try := func(n *corev1.Node, how func(*corev1.Node), options ...client.PatchOption) error {
		before, after := n.DeepCopy(), n.DeepCopy()
		if after.Annotations == nil {
			after.Annotations = map[string]string{}
		}
		how(after)
		return c.Patch(t.Context(), after, client.MergeFrom(before), options...)
	}
	annotate := func(key, value string) func(*corev1.Node) {
		return func(n *corev1.Node) { n.Annotations[key] = value }
	}
	closeIt := func(n *corev1.Node) { n.Spec.Unschedulable = true }
	none := func(err error) bool { return err == nil }
	manager.Until(c, a, "be looked at by the webhook", func(n *corev1.Node) bool {
		return apierrors.IsInvalid(try(n, annotate(harvesterv1.AnnotationMaintainStatus, "soon"), client.DryRunAll))
	})
	for _, tc := range []struct {
		reason string
		node   *corev1.Node
		how    func(*corev1.Node)
		is     func(error) bool
	}{
		{"a word that no controller knows would wait forever", a, annotate(harvesterv1.AnnotationMaintainStatus, "soon"), apierrors.IsInvalid},
		{"a console is a link on a page", a, annotate(harvesterv1.AnnotationHostConsole, "javascript:alert(1)"), apierrors.IsInvalid},
		{"a console that a browser opens", a, annotate(harvesterv1.AnnotationHostConsole, "https://10.0.0.7/"), none},
		{"a name is anybody's", a, annotate(harvesterv1.AnnotationHostName, "rack 4"), none},
		{"one of two may be closed", b, closeIt, none},
		{"the other then not", a, closeIt, apierrors.IsConflict},
		{"nor go into maintenance", a, annotate(harvesterv1.AnnotationMaintainStatus, "running"), apierrors.IsConflict},
		{"the closed one may, while there is another", b, annotate(harvesterv1.AnnotationMaintainStatus, "running"), none},
		{"one of the control plane may", d, annotate(harvesterv1.AnnotationMaintainStatus, "running"), none},
		{"a second of three keeps the cluster alive", e, annotate(harvesterv1.AnnotationMaintainStatus, "running"), apierrors.IsConflict},
		{"nothing comes to a witness", w, func(n *corev1.Node) { n.Spec.Taints = nil }, apierrors.IsInvalid},
		{"other taints are anybody's", w, func(n *corev1.Node) { n.Spec.Taints = n.Spec.Taints[:1] }, none},
		{"who is none any more takes what comes", w, func(n *corev1.Node) { n.Labels, n.Spec.Taints = nil, nil }, none},
		{"and may complete", b, annotate(harvesterv1.AnnotationMaintainStatus, "completed"), none},
	} {
		// At once: whoever closes all nodes closes one right after the other.
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(tc.node), tc.node); err != nil {
			t.Fatal(err)
		}
		if err := try(tc.node, tc.how); !tc.is(err) {
			t.Fatalf("%s: %v", tc.reason, err)
		}
	}
}
