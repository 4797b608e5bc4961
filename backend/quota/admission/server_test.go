package admission_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/quota/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(csi.VolumeSnapshotKind, true), manager.Open(kubevirt.MigrationKind, false)))
}

// requireAnswer holds that a refusal has a code and says something, or that there is none.
func requireAnswer(t *testing.T, err error, code int32, says, reason string) {
	t.Helper()
	if says == "" {
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		return
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Code != code || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: want %d %q, got %v", reason, code, says, err)
	}
}

func start(t *testing.T) (*manager.Cluster, *manager.Webhooks) {
	t.Helper()
	hooks := manager.NewWebhooks(t)
	return manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, csi.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.SetUp, Webhook: hooks.Server,
	}), hooks
}

func TestLimits(t *testing.T) {
	c, hooks := start(t)
	hooks.Call(c, admission.QuotaPath)
	for name, tc := range map[string]struct {
		reason, machine, says string
	}{
		"Machine": {"a machine that may come", "web-1", ""},
		"Upper":   {"what can be no machine's name", "Web", "vmTotalSnapshotSizeQuota[Web]"},
		"Path":    {"nor can a path", "a/b", "is no name of a machine"},
	} {
		t.Run(name, func(t *testing.T) {
			limits := &harvesterv1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: harvesterv1.ResourceQuotaName}}
			limits.Spec.SnapshotLimit.VMTotalSnapshotSizeQuota = map[string]int64{tc.machine: 1}
			err := c.Create(t.Context(), limits)
			if err == nil {
				c.For(t).RemoveLater(limits)
			}
			requireAnswer(t, err, http.StatusUnprocessableEntity, tc.says, tc.reason)
		})
	}
}

func TestSnapshots(t *testing.T) {
	c, hooks := start(t)
	hooks.Call(c, admission.SnapshotPath)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{
		Namespace: "default", Name: "data", Annotations: map[string]string{
			harvesterv1.AnnotationOwnedBy: `[{"schema":"kubevirt.io.virtualmachine","refs":["default/web"]}]`,
		},
	}}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	c.MakeUnheard(claim)
	limits := &harvesterv1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: harvesterv1.ResourceQuotaName}}
	c.Make(limits)
	const gibi = 1 << 30
	cases := []struct {
		reason string
		limit  harvesterv1.SnapshotLimit
		says   string
	}{
		{"who has no limit has room", harvesterv1.SnapshotLimit{}, ""},
		{"what is there counts", harvesterv1.SnapshotLimit{NamespaceTotalSnapshotSizeQuota: gibi}, "The snapshots of namespace default take 1Gi of the 1Gi that they may take"},
		{"there is room for one more", harvesterv1.SnapshotLimit{NamespaceTotalSnapshotSizeQuota: 2 * gibi}, ""},
		{"a machine has its own", harvesterv1.SnapshotLimit{VMTotalSnapshotSizeQuota: map[string]int64{"web": 2 * gibi}}, "The snapshots of machine web take 2Gi of the 2Gi"},
		{"another's is not its", harvesterv1.SnapshotLimit{VMTotalSnapshotSizeQuota: map[string]int64{"db": 1}}, ""},
	}
	for i, tc := range cases {
		manager.Change(c, limits, func(q *harvesterv1.ResourceQuota) { q.Spec.SnapshotLimit = tc.limit })
		snapshot := csi.Take("default", "data", "taken-"+string(rune('a'+i)), "", nil)
		err := c.Create(t.Context(), snapshot)
		if err == nil {
			c.RemoveLater(snapshot)
		}
		requireAnswer(t, err, http.StatusForbidden, tc.says, tc.reason)
	}
}

func TestNamespaces(t *testing.T) {
	c, hooks := start(t)
	hooks.Call(c, admission.NamespacePath)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "shop-"}} // nothing here ever ends one
	c.Make(namespace)
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace.Name, Name: "default-x7fpr", Labels: map[string]string{management.LabelQuota: "true"},
	}}
	c.Make(quota)
	manager.Report(c, quota, func(q *corev1.ResourceQuota) {
		q.Status.Used = corev1.ResourceList{corev1.ResourceLimitsCPU: resource.MustParse("4"), corev1.ResourceLimitsMemory: resource.MustParse("4Gi")}
	})
	migration := &kubevirt.Migration{ObjectMeta: metav1.ObjectMeta{Namespace: namespace.Name, Name: "moves"}}
	migration.Spec.VMIName = "web"
	try := func(written string) error {
		wanted := namespace.DeepCopy()
		wanted.Annotations = map[string]string{management.AnnotationQuota: written}
		return c.Update(t.Context(), wanted, client.DryRunAll)
	}
	const full = `{"limit":{"limitsCpu":"4000m","limitsMemory":"4Gi"}}`
	requireAnswer(t, try(full), 0, "", "as much as is used is enough")
	requireAnswer(t, try(`{"limit":{"limitsCpu":"3","limitsMemory":"8Gi"}}`), http.StatusUnprocessableEntity,
		"limits.cpu cannot be 3: 4 are used already", "less would stop machines")
	requireAnswer(t, try(`much`), http.StatusUnprocessableEntity, "is no JSON object", "a text is no quota")
	c.MakeUnheard(migration)
	requireAnswer(t, try(full), http.StatusConflict, "cannot change while machines migrate: web", "what is used is counted twice meanwhile")
	labelled := namespace.DeepCopy()
	labelled.Labels["of"] = "mine"
	requireAnswer(t, c.Update(t.Context(), labelled, client.DryRunAll), 0, "", "everything else may change")
	manager.Change(c, migration, func(m *kubevirt.Migration) { m.Status.Phase = kubevirt.MigrationFailed })
	requireAnswer(t, try(full), 0, "", "what has ended is counted once")
}
