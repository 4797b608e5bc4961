package admission_test

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/backend/cloudconfig/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func config(name, kind, text string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{harvesterv1.LabelCloudInitTemplate: kind}},
		Data:       map[string]string{"cloudInit": text},
	}
}

func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, SetUp: admission.SetUp, Webhook: hooks.Server,
	})
	old := config("old", "user", "packages: [qemu-guest-agent]")
	c.Make(old)
	hooks.Call(c, admission.Path)
	cases := map[string]struct {
		reason string
		config *corev1.ConfigMap
		field  string
	}{
		"User":      {"what cloud-init takes", config("a", "user", "#cloud-config\npackages:\n- qemu-guest-agent\n"), ""},
		"Empty":     {"a person may begin with nothing", config("b", "user", "#cloud-config\n"), ""},
		"Windows":   {"lines may end as on Windows", config("c", "user", "#cloud-config\r\nhostname: a\r\n"), ""},
		"Script":    {"cloud-init runs programs", config("k", "user", "#!/bin/sh\necho [\n"), ""},
		"Jinja":     {"and fills in what it knows of the machine", config("l", "user", "## template: jinja\n#cloud-config\nhostname: {{ v1.region }}\n"), ""},
		"Parts":     {"and takes several things at once", config("m", "user", "Content-Type: multipart/mixed; boundary=x\n"), ""},
		"Remark":    {"no other remark says what follows", config("n", "user", "# a remark\npackages: []\n"), "data.cloudInit"},
		"Network":   {"network data has no header", config("d", "network", "version: 2\nethernets: {eth0: {dhcp4: true}}"), ""},
		"NoHeader":  {"cloud-init would pass over it", config("e", "user", "packages: []"), "data.cloudInit"},
		"NotYAML":   {"nor would it read this", config("f", "user", "#cloud-config\npackages: [\n"), "data.cloudInit"},
		"List":      {"settings have names", config("g", "network", "- dhcp"), "data.cloudInit"},
		"NoNetwork": {"a network of nothing", config("h", "network", "# none"), "data.cloudInit"},
		"NoText":    {"clients read this key", config("i", "user", ""), "data.cloudInit"},
		"Kind":      {"a kind that nobody lists", config("j", "meta", "a: b"), "metadata.labels[harvesterhci.io/cloud-init-template]"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := c.Create(t.Context(), tc.config)
			if err == nil {
				c.For(t).RemoveLater(tc.config)
			}
			requireField(t, err, tc.field, tc.reason)
		})
	}
	t.Run("Plain", func(t *testing.T) {
		plain := config("plain", "", "[")
		plain.Labels = nil
		c.For(t).Make(plain)
	})
	t.Run("Old", func(t *testing.T) {
		old.Annotations = map[string]string{"of": "mine"}
		requireField(t, c.Update(t.Context(), old), "", "what is older than the check can be annotated")
		old.Data["cloudInit"] = "packages: []"
		requireField(t, c.Update(t.Context(), old), "data.cloudInit", "but not made wrong anew")
	})
}

// requireField holds that a refusal is a 422 that names a field, or that there is none.
func requireField(t *testing.T, err error, field, reason string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		return
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Code != http.StatusUnprocessableEntity || !strings.Contains(err.Error(), field) {
		t.Errorf("%s: want a 422 that names %s, got %v", reason, field, err)
	}
}
