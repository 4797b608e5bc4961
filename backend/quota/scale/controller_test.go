package scale_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/quota/scale"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api,
		manager.Open(kubevirt.VirtualMachineInstanceKind, false), manager.Open(kubevirt.MigrationKind, false)))
}

const namespace = "default"

// running is a machine with its pod, which takes a processor and 128 MiB.
func running(c *manager.Cluster, name string) {
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	vmi.Status.Phase, vmi.Status.NodeName = kubevirt.PhaseRunning, "a"
	c.Make(vmi)
	limits := corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("128Mi")}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Labels: map[string]string{kubevirt.AppLabel: kubevirt.AppLauncher},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(vmi, kubevirt.VirtualMachineInstanceKind)},
		},
		Spec: corev1.PodSpec{
			NodeName:   "a",
			Containers: []corev1.Container{{Name: "compute", Image: "launcher", Resources: corev1.ResourceRequirements{Limits: limits}}},
		},
	}
	c.Make(pod)
	manager.Report(c, pod, func(p *corev1.Pod) { p.Status.Phase = corev1.PodRunning })
}

// migration is one that begins.
func migration(c *manager.Cluster, name, machine string) *kubevirt.Migration {
	made := &kubevirt.Migration{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	made.Spec.VMIName = machine
	c.Make(made)
	return made
}

// limited is a quota of two processors.
func limited(c *manager.Cluster, name string, labels, annotations map[string]string) *corev1.ResourceQuota {
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels, Annotations: annotations}}
	quota.Spec.Hard = corev1.ResourceList{corev1.ResourceLimitsCPU: resource.MustParse("2")}
	c.Make(quota)
	return quota
}

func processors(want string) func(*corev1.ResourceQuota) bool {
	return func(q *corev1.ResourceQuota) bool {
		return q.Spec.Hard.Name(corev1.ResourceLimitsCPU, resource.DecimalSI).String() == want
	}
}

func start(t *testing.T) *manager.Cluster {
	t.Helper()
	return manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return scale.New(to).SetUp(to) },
	})
}

var rancher = map[string]string{management.LabelQuota: "true"}

func TestScale(t *testing.T) {
	c := start(t)
	c.Make(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "default"}}) // nobody else does here
	running(c, "web")
	running(c, "db")
	quota := limited(c, "default-x7fpr", rancher, nil)
	first := migration(c, "first", "web")
	manager.Until(c, quota, "have room for the machine that moves", processors("3"))
	second := migration(c, "second", "db")
	manager.Until(c, quota, "have room for both", processors("4"))

	t.Log("What is not Rancher's, and what is not to be touched, stays.")
	others := []*corev1.ResourceQuota{
		limited(c, "mine", nil, nil),
		limited(c, "fixed", rancher, map[string]string{harvesterv1.AnnotationSkipScaling: "true"}),
	}

	t.Log("Somebody gives the namespace more meanwhile.")
	manager.Change(c, quota, func(q *corev1.ResourceQuota) {
		q.Spec.Hard[corev1.ResourceLimitsCPU] = resource.MustParse("10")
	})
	manager.Until(c, quota, "have that, and room", processors("12"))
	manager.Change(c, first, func(m *kubevirt.Migration) { m.Status.Phase = kubevirt.MigrationSucceeded })
	manager.Until(c, quota, "give back what one has needed", processors("11"))
	if err := c.Delete(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	manager.Until(c, quota, "give back all", processors("10"))
	for _, other := range others {
		manager.Until(c, other, "be as it was", processors("2"))
	}
	if diff := cmp.Diff(map[string]string(nil), quota.Annotations); diff != "" {
		t.Errorf("nothing is left: -want +got:\n%s", diff)
	}
}

// TestScaleAfterDeath holds that a quota that was made larger by a process that has died is found by the next.
func TestScaleAfterDeath(t *testing.T) {
	quota := limited(manager.Start(t, api, manager.Options{SetUp: func(ctrl.Manager) error { return nil }}), "left", rancher, map[string]string{
		harvesterv1.AnnotationQuotaBefore:              `{"limits.cpu":"1"}`,
		harvesterv1.AnnotationMigratingPrefix + "gone": `{"limits.cpu":"1"}`,
	})
	manager.Until(start(t), quota, "be as it was before", processors("1"))
}
