package count_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/backend/quota/count"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/behind"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.VirtualMachineKind, true), manager.Open(csi.VolumeSnapshotKind, true)))
}

const (
	namespace = "default"
	gibi      = 1 << 30
)

// volume is one that a machine uses.
func volume(c *manager.Cluster, name, machine string) {
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, Annotations: map[string]string{
			harvesterv1.AnnotationOwnedBy: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/` + machine + `"]}]`,
		},
	}}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	c.Make(claim)
}

// machine is one that is there.
func machine(c *manager.Cluster, name string) *kubevirt.VirtualMachine {
	vm := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	vm.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	c.Make(vm)
	return vm
}

func TestCount(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme, csi.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return count.New(to).SetUp(to) },
	})
	limits := &harvesterv1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: harvesterv1.ResourceQuotaName},
		Spec: harvesterv1.ResourceQuotaSpec{SnapshotLimit: harvesterv1.SnapshotLimit{
			VMTotalSnapshotSizeQuota: map[string]int64{"web": 4 * gibi, "coming": gibi},
		}},
	}
	c.Make(limits)
	vm := machine(c, "web")
	volume(c, "root", "web")
	says := func(what string, namespace int64, machines map[string]int64) {
		t.Helper()
		want := harvesterv1.SnapshotLimitStatus{NamespaceTotalSnapshotSizeUsage: namespace, VMTotalSnapshotSizeUsage: machines}
		manager.Until(c, limits, what, func(q *harvesterv1.ResourceQuota) bool {
			return cmp.Equal(want, q.Status.SnapshotLimitStatus) && c.Health(q) == manager.Current
		})
	}
	says("name the machine that has a limit", 0, map[string]int64{"web": 0})

	taken := csi.Take(namespace, "root", "monday", "", nil)
	c.Make(taken)
	says("count a snapshot with the size of its volume", gibi, map[string]int64{"web": gibi})
	manager.Report(c, taken, func(s *csi.VolumeSnapshot) {
		s.Status = &csi.VolumeSnapshotStatus{RestoreSize: ptr.To(resource.MustParse("2Gi"))}
	})
	says("count it with what its driver says", 2*gibi, map[string]int64{"web": 2 * gibi})
	if err := c.Delete(t.Context(), taken); err != nil {
		t.Fatal(err)
	}
	says("forget what is gone", 0, map[string]int64{"web": 0})

	if err := c.Delete(t.Context(), vm); err != nil {
		t.Fatal(err)
	}
	manager.Until(c, limits, "take the limit of a machine away that is gone", func(q *harvesterv1.ResourceQuota) bool {
		return cmp.Equal(map[string]int64{"coming": gibi}, q.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota)
	})
	says("count for nobody", 0, nil)
	_ = machine(c, "coming")
	says("and take the next for counted", 0, map[string]int64{"coming": 0})
}

// TestLimitOfAMachineThatIsNotKnownYet keeps the limit of a machine that was made anew under its name, before the cache
// has heard of it.
func TestLimitOfAMachineThatIsNotKnownYet(t *testing.T) {
	limits := &harvesterv1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: harvesterv1.ResourceQuotaName},
		Spec: harvesterv1.ResourceQuotaSpec{SnapshotLimit: harvesterv1.SnapshotLimit{
			VMTotalSnapshotSizeQuota: map[string]int64{"web": gibi, "gone": gibi},
		}},
		Status: harvesterv1.ResourceQuotaStatus{SnapshotLimitStatus: harvesterv1.SnapshotLimitStatus{
			VMTotalSnapshotSizeUsage: map[string]int64{"web": 0, "gone": 0},
		}},
	}
	kinds := runtime.NewScheme()
	builder := runtime.SchemeBuilder{scheme.AddToScheme, harvesterv1.AddToScheme, kubevirt.AddToScheme, csi.AddToScheme}
	if err := builder.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	web := &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"}}
	live := fake.NewClientBuilder().WithScheme(kinds).WithStatusSubresource(limits).WithObjects(limits, web).Build()
	c := &count.Controller{Client: behind.Misses(live, web), Live: live, Now: time.Now}
	if _, err := c.Reconcile(t.Context(), ctrl.Request{NamespacedName: client.ObjectKeyFromObject(limits)}); err != nil {
		t.Fatal(err)
	}
	if err := live.Get(t.Context(), client.ObjectKeyFromObject(limits), limits); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"web": gibi}, limits.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota); diff != "" {
		t.Errorf("the limit of a machine that is there stays, and no other: -want +got:\n%s", diff)
	}
}
