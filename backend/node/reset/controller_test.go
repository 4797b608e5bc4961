package reset_test

import (
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/node/reset"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineInstanceKind, false)))
}

func TestLeft(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	policy := harvesterv1.ForceReset{Enable: true, Period: 15, VMMigrationTimeout: 180}
	moving := &kubevirt.VirtualMachineInstance{}
	moving.Status.MigrationState = &kubevirt.MigrationState{StartTimestamp: ptr.To(metav1.NewTime(now))}
	cases := map[string]struct {
		reason string
		vmi    *kubevirt.VirtualMachineInstance
		lost   time.Duration
		want   time.Duration
	}{
		"Early":  {"a node that comes back soon has lost nothing", &kubevirt.VirtualMachineInstance{}, 10 * time.Second, 5 * time.Second},
		"Late":   {"the period is over", &kubevirt.VirtualMachineInstance{}, 15 * time.Second, 0},
		"Moving": {"a machine that is on its way may arrive", moving, 15 * time.Second, 165 * time.Second},
		"Moved":  {"but not forever", moving, 180 * time.Second, 0},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := reset.Left(policy, tc.vmi, now.Add(-tc.lost), now); got != tc.want {
				t.Errorf("%s: want %s, got %s", tc.reason, tc.want, got)
			}
		})
	}
}

func node(c *manager.Cluster, name string, ready corev1.ConditionStatus) *corev1.Node {
	made := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	c.Make(made)
	report(c, made, ready)
	return made
}

func report(c *manager.Cluster, node *corev1.Node, ready corev1.ConditionStatus) {
	manager.Report(c, node, func(n *corev1.Node) {
		n.Status.Conditions = []corev1.NodeCondition{{
			Type: corev1.NodeReady, Status: ready, LastTransitionTime: metav1.NewTime(time.Now().Add(-time.Minute)),
		}}
	})
}

func pod(c *manager.Cluster, name, node string, labels map[string]string) *corev1.Pod {
	made := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: labels, Annotations: map[string]string{"kubevirt.io/domain": name}},
		Spec: corev1.PodSpec{
			NodeName: node, AutomountServiceAccountToken: ptr.To(false),
			Containers: []corev1.Container{{Name: "compute", Image: "none"}},
		},
	}
	c.Make(made)
	return made
}

func TestLostNode(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return reset.New(to).SetUp(to) },
	})
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}}
	if err := client.IgnoreAlreadyExists(c.Create(t.Context(), account)); err != nil {
		t.Fatal(err)
	}
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SettingForceReset}, Value: `{"enable":false,"period":1}`}
	c.Make(setting)
	node(c, "well", corev1.ConditionTrue)
	ill := node(c, "ill", corev1.ConditionFalse)
	lost := node(c, "lost", corev1.ConditionUnknown)
	launcher := map[string]string{"kubevirt.io": "virt-launcher"}
	machine, other := pod(c, "machine", lost.Name, launcher), pod(c, "other", lost.Name, nil)
	there := pod(c, "there", ill.Name, launcher)

	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = `{"enable":true,"period":1}` })
	manager.UntilGone(c, machine)
	for _, stays := range []*corev1.Pod{other, there} {
		manager.Until(c, stays, "stay", func(p *corev1.Pod) bool { return p.DeletionTimestamp == nil })
	}
}

// TestRemembered looks at a node that the cache remembers as lost and that has come back since, and at one whose policy
// was switched off since: their machines may run there.
func TestRemembered(t *testing.T) {
	unheard := func(status corev1.ConditionStatus) *corev1.Node {
		made := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "back", UID: "back"}}
		made.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}}
		return made
	}
	setting := func(value string) *harvesterv1.Setting {
		return &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SettingForceReset}, Value: value}
	}
	well := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "well", UID: "well"}}
	well.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	anew := unheard(corev1.ConditionUnknown)
	anew.UID = "anew"
	const on, off = `{"enable":true,"period":1}`, `{"enable":false,"period":1}`
	cases := map[string]struct {
		reason string
		now    []client.Object
		gone   bool
	}{
		"Lost":   {"who has not come back is taken for gone", []client.Object{unheard(corev1.ConditionUnknown), setting(on)}, true},
		"Back":   {"a machine of a node that has come back would run twice", []client.Object{unheard(corev1.ConditionTrue), setting(on)}, false},
		"Off":    {"a policy that was switched off resets nothing", []client.Object{unheard(corev1.ConditionUnknown), setting(off)}, false},
		"Gone":   {"a node that is gone is Kubernetes' to clean up after", []client.Object{setting(on)}, false},
		"Joined": {"another node of its name is looked at when it is heard of", []client.Object{anew, setting(on)}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
				Namespace: "default", Name: "machine", Labels: map[string]string{"kubevirt.io": "virt-launcher"},
				Annotations: map[string]string{"kubevirt.io/domain": "machine"},
			}, Spec: corev1.PodSpec{NodeName: "back"}}
			live := known(t, append(tc.now, well.DeepCopy(), pod)...)
			old := known(t, unheard(corev1.ConditionUnknown), setting(on), well.DeepCopy())
			c := &reset.Controller{Client: behind.Reads(old, live), Live: live, Events: events.NewFakeRecorder(1), Now: time.Now}
			if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKey{Name: "back"}}); err != nil {
				t.Fatal(err)
			}
			err := live.Get(t.Context(), client.ObjectKeyFromObject(pod), pod)
			if gone := apierrors.IsNotFound(err); gone != tc.gone {
				t.Errorf("%s: the pod is gone: %t (%v)", tc.reason, gone, err)
			}
		})
	}
}

// known is a client that knows some objects.
func known(t *testing.T, objects ...client.Object) client.WithWatch {
	t.Helper()
	kinds := runtime.NewScheme()
	builder := runtime.SchemeBuilder{scheme.AddToScheme, harvesterv1.AddToScheme, kubevirt.AddToScheme}
	if err := builder.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(kinds).WithObjects(objects...).
		WithIndex(&corev1.Pod{}, "spec.nodeName", func(o client.Object) []string { return []string{o.(*corev1.Pod).Spec.NodeName} }).Build()
}
