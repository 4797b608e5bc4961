package entrust_test

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting/entrust"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func TestEntrust(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, corev1.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return entrust.New(to, metav1.NamespaceDefault).SetUp(to) },
	})
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "backup-target", Annotations: map[string]string{
		corev1.LastAppliedConfigAnnotation: "hidden", "mine": "stays",
	}}}
	c.Make(setting)
	manager.Change(c, setting, func(s *harvesterv1.Setting) {
		s.Value = `{"type":"s3","bucketName":"b","bucketRegion":"r","accessKeyId":"AKIA","secretAccessKey":"hidden"}`
	})
	// Nobody has made the secret: nothing is blanked before there is where to keep it.
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: entrust.SecretName}}
	c.Make(secret)
	holds := func(id, key string) func(*corev1.Secret) bool {
		return func(s *corev1.Secret) bool {
			return string(s.Data["AWS_ACCESS_KEY_ID"]) == id && string(s.Data["AWS_SECRET_ACCESS_KEY"]) == key
		}
	}
	manager.Until(c, secret, "have the credentials", holds("AKIA", "hidden"))
	manager.Until(c, setting, "have them blank, and the rest", func(s *harvesterv1.Setting) bool {
		return strings.Contains(s.Value, `"bucketName":"b"`) && strings.Contains(s.Value, `"secretAccessKey":""`) &&
			!strings.Contains(s.Value, "AKIA") && s.Annotations[corev1.LastAppliedConfigAnnotation] == "" && s.Annotations["mine"] == "stays"
	})
	manager.Change(c, setting, func(s *harvesterv1.Setting) {
		s.Value = `{"type":"s3","bucketName":"c","bucketRegion":"r","accessKeyId":"","secretAccessKey":"","virtualHostedStyle":true}`
	})
	manager.Until(c, secret, "keep them for another bucket", func(s *corev1.Secret) bool {
		return holds("AKIA", "hidden")(s) && string(s.Data["VIRTUAL_HOSTED_STYLE"]) == "true"
	})
	manager.Change(c, setting, func(s *harvesterv1.Setting) {
		s.Value = `{"type":"s3","endpoint":"https://s3.example.org","bucketName":"c","bucketRegion":"r","accessKeyId":"","secretAccessKey":""}`
	})
	manager.Until(c, secret, "not keep them for another server", func(s *corev1.Secret) bool {
		return holds("", "")(s) && string(s.Data["AWS_ENDPOINTS"]) == "https://s3.example.org"
	})
	manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = "" })
	manager.Until(c, secret, "forget them with the target", func(s *corev1.Secret) bool { return len(s.Data) == 0 })
}
