package defaultclass_test

import (
	"os"
	"testing"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting/defaultclass"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func TestDefaultClass(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return defaultclass.New(to).SetUp(to) },
	})
	class := func(name, is string) *storagev1.StorageClass {
		made := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: "csi.example.org"}
		if is != "" {
			made.Annotations = map[string]string{harvesterv1.AnnotationDefaultClass: is}
		}
		c.Make(made)
		return made
	}
	is := func(want string) func(*storagev1.StorageClass) bool {
		return func(s *storagev1.StorageClass) bool { return s.Annotations[harvesterv1.AnnotationDefaultClass] == want }
	}
	slow, fast := class("slow", "true"), class("fast", "")
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "default-storage-class"}, Default: "slow"}
	c.Make(setting)
	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = "fast" })
	manager.Until(c, fast, "be the default", is("true"))
	manager.Until(c, slow, "be it no more", is("false"))

	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = "later" })
	later := class("later", "")
	manager.Until(c, later, "be the default when it comes", is("true"))
	manager.Until(c, fast, "be it no more", is("false"))
}

// TestTwoDefaults marks two classes, as in a moment in which no webhook could know of the other: the setting names none of
// them.
func TestTwoDefaults(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return defaultclass.New(to).SetUp(to) },
	})
	marked := func(name string) *storagev1.StorageClass {
		made := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{
			Name: name, Annotations: map[string]string{harvesterv1.AnnotationDefaultClass: "true"},
		}, Provisioner: "csi.example.org"}
		c.Make(made)
		return made
	}
	older, younger := marked("b-older"), marked("a-younger")
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "default-storage-class"}, Default: "longhorn"}
	c.Make(setting)
	manager.Until(c, older, "give way to the one that Kubernetes takes", func(s *storagev1.StorageClass) bool {
		return s.Annotations[harvesterv1.AnnotationDefaultClass] == "false"
	})
	manager.Until(c, younger, "stay the default", func(s *storagev1.StorageClass) bool {
		return s.Annotations[harvesterv1.AnnotationDefaultClass] == "true"
	})
}
