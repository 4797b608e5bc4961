package registration_test

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting/registration"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

const manifest = `---
apiVersion: v1
kind: Namespace
metadata: {name: cattle-system}
---
apiVersion: v1
kind: Secret
metadata: {namespace: cattle-system, name: cattle-credentials-1}
stringData: {token: t}
---
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: cattle-system, name: cattle-cluster-agent}
spec:
  selector: {matchLabels: {app: cattle-cluster-agent}}
  template:
    metadata: {labels: {app: cattle-cluster-agent}}
    spec: {containers: [{name: agent, image: none}]}
`

func registered(status metav1.ConditionStatus, reason, part string) func(*harvesterv1.Setting) bool {
	return func(s *harvesterv1.Setting) bool {
		condition := harvesterv1.ConditionOf(s.Status.Conditions, "registered")
		return condition != nil && condition.Status == status && condition.Reason == reason && strings.Contains(condition.Message, part)
	}
}

func TestRegistration(t *testing.T) {
	rancher := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch req.URL.Path {
		case "/v3/import/token.yaml":
			_, _ = io.WriteString(w, manifest)
		case "/big":
			_, _ = io.WriteString(w, strings.Repeat("# much\n", 1<<18))
		case "/page":
			_, _ = io.WriteString(w, "<html>")
		default:
			http.NotFound(w, req)
		}
	}))
	t.Cleanup(rancher.Close)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme},
		SetUp: func(to ctrl.Manager) error { return registration.New(to).SetUp(to) },
	})
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "cluster-registration-url"}}
	c.Make(setting)
	authorities := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "additional-ca"}}
	c.Make(authorities)
	set := func(value string) {
		manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = value })
	}
	url := rancher.URL + "/v3/import/token.yaml"
	manager.Until(c, setting, "be joined to none", registered(metav1.ConditionFalse, registration.ReasonNone, ""))

	set(url)
	manager.Until(c, setting, "not believe a stranger", registered(metav1.ConditionFalse, registration.ReasonFailed, "certificate"))
	for path, sentence := range map[string]string{"/gone": "404 Not Found", "/big": "bigger than 1 MiB", "/page": "no manifest"} {
		set(`{"url":"` + rancher.URL + path + `","insecureSkipTLSVerify":true}`)
		manager.Until(c, setting, "say "+sentence, registered(metav1.ConditionFalse, registration.ReasonFailed, sentence))
	}
	manager.Change(c, authorities, func(s *harvesterv1.Setting) {
		s.Value = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rancher.Certificate().Raw}))
	})
	set(`{"url":"` + url + `","insecureSkipTLSVerify":false}`)
	manager.Until(c, setting, "believe a known authority", registered(metav1.ConditionTrue, registration.ReasonApplied, ""))
	agent := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "cattle-system", Name: "cattle-cluster-agent"}}
	manager.Until(c, agent, "be there", func(*appsv1.Deployment) bool { return true })
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "cattle-system", Name: "cattle-credentials-1"}}
	manager.Until(c, secret, "be there", func(*corev1.Secret) bool { return true })

	set("")
	manager.Until(c, setting, "be joined to none", registered(metav1.ConditionFalse, registration.ReasonNone, ""))
	manager.UntilGone(c, agent)
}
