package importproxy_test

import (
	"os"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting/importproxy"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.OpenCluster(cdi.InstallationKind)))
}

func TestImportProxy(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return importproxy.New(to).SetUp(to) },
	})
	installation := &cdi.Installation{ObjectMeta: metav1.ObjectMeta{Name: "cdi"}}
	installation.Spec.Config = &cdi.ConfigSpec{FeatureGates: []string{"HonorWaitForFirstConsumer"}}
	c.Make(installation)
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "http-proxy"}, Default: "{}"}
	c.Make(setting)

	manager.Change(c, setting, func(s *harvesterv1.Setting) {
		s.Value = `{"httpProxy":"http://proxy:3128","httpsProxy":"http://proxy:3129","noProxy":".example.org"}`
	})
	manager.Until(c, installation, "import through the proxies, and else be as it was installed", func(i *cdi.Installation) bool {
		got := i.Spec.Config.ImportProxy
		return got != nil && ptr.Deref(got.HTTPProxy, "") == "http://proxy:3128" && ptr.Deref(got.HTTPSProxy, "") == "http://proxy:3129" &&
			strings.HasPrefix(ptr.Deref(got.NoProxy, ""), ".example.org,") && strings.Contains(*got.NoProxy, ".svc") &&
			len(i.Spec.Config.FeatureGates) == 1
	})
	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = "{}" })
	manager.Until(c, installation, "import as it was installed", func(i *cdi.Installation) bool {
		return i.Spec.Config.ImportProxy == nil && len(i.Spec.Config.FeatureGates) == 1
	})
	manager.Change(c, installation, func(i *cdi.Installation) {
		i.Spec.Config.ImportProxy = &cdi.ImportProxySpec{HTTPProxy: ptr.To("http://another:8080")}
	})
	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = "" })
	manager.Until(c, installation, "keep what somebody else has written", func(i *cdi.Installation) bool {
		return i.Spec.Config.ImportProxy != nil && ptr.Deref(i.Spec.Config.ImportProxy.HTTPProxy, "") == "http://another:8080"
	})
}
