package reset_test

import (
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/node/reset"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
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
