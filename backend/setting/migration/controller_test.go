package migration_test

import (
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting/migration"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(kubevirt.KubeVirtKind, true)))
}

func TestMigration(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return migration.New(to).SetUp(to) },
	})
	kv := &kubevirt.KubeVirt{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kubevirt"}}
	kv.Spec.Configuration.MigrationConfiguration = &kubevirt.MigrationConfiguration{ProgressTimeout: ptr.To(int64(99))}
	c.Make(kv)
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "kubevirt-migration"}}
	c.Make(setting)

	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = `{"parallelMigrationsPerCluster":7}` })
	manager.Until(c, kv, "migrate as the setting says, and else as it was installed", func(kv *kubevirt.KubeVirt) bool {
		got := kv.Spec.Configuration.MigrationConfiguration
		return got != nil && ptr.Deref(got.ParallelMigrationsPerCluster, 0) == 7 && ptr.Deref(got.ProgressTimeout, 0) == 99
	})
	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = "" })
	manager.Until(c, kv, "migrate as it was installed", func(kv *kubevirt.KubeVirt) bool {
		got := kv.Spec.Configuration.MigrationConfiguration
		return got != nil && got.ParallelMigrationsPerCluster == nil && ptr.Deref(got.ProgressTimeout, 0) == 99
	})
}
