package configure_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting"
	"crofthci.io/croft/backend/setting/admission"
	"crofthci.io/croft/backend/setting/configure"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func named(name string) *harvesterv1.Setting {
	return &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func configured(reason string, status metav1.ConditionStatus, customized bool) func(*harvesterv1.Setting) bool {
	return func(s *harvesterv1.Setting) bool {
		condition := harvesterv1.ConditionOf(s.Status.Conditions, harvesterv1.SettingConfigured)
		return condition != nil && condition.Reason == reason && condition.Status == status && s.Customized == customized
	}
}

func TestSettings(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	direct := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, Webhook: hooks.Server, SetUp: admission.Webhook{ServerVersion: "v1.8.0"}.SetUp,
	})
	direct.Make(&storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: "fast", Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"}},
		Provisioner: "csi.example.org",
	})
	hooks.Call(direct, admission.Path)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			if err := (&configure.Defaults{Client: to.GetClient(), ServerVersion: "v1.8.0"}).SetUp(to); err != nil {
				return err
			}
			return configure.New(to).SetUp(to)
		},
	})
	for _, known := range setting.All {
		manager.Until(c, named(known.Name), "be made", func(*harvesterv1.Setting) bool { return true })
	}
	version := named("server-version")
	manager.Until(c, version, "tell the version where clients read it", func(s *harvesterv1.Setting) bool { return s.Value == "v1.8.0" })
	class := named("default-storage-class")
	manager.Until(c, class, "be the site's own default", func(s *harvesterv1.Setting) bool { return s.Effective() == "fast" })

	grace := named("default-vm-termination-grace-period-seconds")
	manager.Until(c, grace, "be the default", configured(configure.ReasonDefault, metav1.ConditionTrue, false))
	manager.Change(c, grace, func(s *harvesterv1.Setting) { s.Value = "30" })
	manager.Until(c, grace, "be in force", configured(configure.ReasonInForce, metav1.ConditionTrue, true))

	checker := named("upgrade-checker-enabled")
	manager.Until(c, checker, "say so by default", configured(configure.ReasonNotServed, metav1.ConditionUnknown, false))
	manager.Change(c, checker, func(s *harvesterv1.Setting) { s.Value = "false" })
	manager.Until(c, checker, "say that nothing acts on it", configured(configure.ReasonNotServed, metav1.ConditionFalse, true))

	t.Run("Repeated", func(t *testing.T) {
		for reason, value := range map[string]string{
			"a key is not told to whoever reads the log":  `{"privateKey":"hidden","publicCertificate":"x"}`,
			"nor when it stands where it does not belong": "-----BEGIN PRIVATE KEY-----\nhidden",
			"nor is a refusal as long as what is refused": strings.Repeat("x", 1<<16) + "hidden",
		} {
			err := update(t, c, "ssl-certificates", value)
			if !apierrors.IsInvalid(err) || strings.Contains(err.Error(), "hidden") || len(err.Error()) > 2048 {
				t.Errorf("%s: %d bytes: %.300v", reason, len(fmt.Sprint(err)), err)
			}
		}
	})
	t.Run("Refused", func(t *testing.T) {
		cases := map[string]struct {
			reason string
			do     func() error
			is     func(error) bool
		}{
			"Value":   {"a wrong value is not kept", func() error { return update(t, c, "overcommit-config", `{"cpu":1}`) }, apierrors.IsInvalid},
			"Version": {"the version is the server's own", func() error { return update(t, c, "server-version", "v9.9.9") }, apierrors.IsInvalid},
			"Both": {"also together with its default", func() error {
				return change(t, c, "server-version", func(s *harvesterv1.Setting) { s.Value, s.Default = "v9.9.9", "v9.9.9" })
			}, apierrors.IsInvalid},
			"Name":   {"a setting that nobody reads is not made", func() error { return c.Create(t.Context(), named("speed")) }, apierrors.IsInvalid},
			"Delete": {"a setting is not deleted", func() error { return c.Delete(t.Context(), named("log-level")) }, apierrors.IsMethodNotSupported},
		}
		for name, tc := range cases {
			t.Run(name, func(t *testing.T) {
				if err := tc.do(); !tc.is(err) {
					t.Errorf("%s: got %v", tc.reason, err)
				}
			})
		}
	})
}

func update(t *testing.T, c *manager.Cluster, name, value string) error {
	t.Helper()
	return change(t, c, name, func(s *harvesterv1.Setting) { s.Value = value })
}

func change(t *testing.T, c *manager.Cluster, name string, how func(*harvesterv1.Setting)) error {
	t.Helper()
	object := named(name)
	manager.Until(c, object, "be there", func(*harvesterv1.Setting) bool { return true })
	how(object)
	return c.Update(t.Context(), object)
}
