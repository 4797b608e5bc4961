package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/setting/entrust"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// telling are settings whose values have credentials in them, each with the word hidden.
var telling = map[string]string{
	"backup-target":            `{"type":"s3","bucketName":"b","bucketRegion":"r","accessKeyId":"AKIA","secretAccessKey":"hidden"}`,
	"cluster-registration-url": `{"url":"https://rancher.example.org/v3/import/hidden.yaml","insecureSkipTLSVerify":false}`,
	"containerd-registry":      `{"Configs":{"registry.example.org":{"Auth":{"Username":"me","Password":"hidden"}}}}`,
	"http-proxy":               `{"httpProxy":"http://me:hidden@proxy:3128","httpsProxy":"","noProxy":""}`,
	"ssl-certificates":         `{"ca":"","publicCertificate":"x","privateKey":"hidden"}`,
}

// set gives a setting a value.
func set(t *testing.T, name, value string) *harvesterv1.Setting {
	t.Helper()
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}}
	stay(t, setting.DeepCopy())
	patch := []byte(`{"value":` + strconv.Quote(value) + `}`)
	if err := site.admin.Patch(t.Context(), setting, client.RawPatch(types.MergePatchType, patch)); err != nil {
		t.Fatal(err)
	}
	return setting
}

// TestCredentialsInSettings asks for the credentials that settings hold by every road, as people who only use the site, with
// the roles of the chart. Its administrator reads back what he has written, as Terraform does.
func TestCredentialsInSettings(t *testing.T) {
	letIn(t)
	enlist(t)
	set(t, "server-version", "v1.8.0")
	for name, value := range telling {
		set(t, name, value)
	}
	defer func() {
		for name := range telling {
			if err := site.admin.Delete(t.Context(), &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
				t.Error(err)
			}
		}
	}()
	const (
		settings = "/v1/harvester/harvesterhci.io.settings"
		plain    = "/apis/harvesterhci.io/v1beta1/settings"
	)
	for _, user := range []string{reader, editor, owner, stranger} {
		eventually(t, user+" reads the version of the site", func() bool {
			return ask(t, user, http.MethodGet, settings+"/server-version", "").status == http.StatusOK
		})
		for name := range telling {
			for _, path := range []string{settings + "/" + name, "/v1/harvesterhci.io.settings/" + name, plain + "/" + name} {
				got := ask(t, user, http.MethodGet, path, "")
				if got.status != http.StatusForbidden && got.status != http.StatusNotFound || strings.Contains(got.text, "hidden") {
					t.Errorf("%s of %s: %d %s", path, user, got.status, got.text)
				}
			}
		}
		for _, path := range []string{settings, settings + "?filter=value~hidden", plain, "/v1/harvester/ui-info"} {
			if got := ask(t, user, http.MethodGet, path, ""); strings.Contains(got.text, "hidden") {
				t.Errorf("%s of %s: %d %s", path, user, got.status, got.text)
			}
		}
	}
	for name := range telling {
		eventually(t, "the administrator reads back "+name, func() bool {
			got := ask(t, admin, http.MethodGet, settings+"/"+name, "")
			return got.status == http.StatusOK && strings.Contains(got.text, "hidden")
		})
	}
}

// credentialsMove names a backup target, and finds its credentials where only those read them who may read secrets.
func credentialsMove(t *testing.T) {
	setting := set(t, "backup-target", telling["backup-target"])
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: croft, Name: entrust.SecretName}}
	eventually(t, "the setting is blank", func() bool {
		value := read(t, setting).Value
		return !strings.Contains(value, "hidden") && !strings.Contains(value, "AKIA") && strings.Contains(value, `"bucketName":"b"`)
	})
	if got := string(read(t, secret).Data["AWS_SECRET_ACCESS_KEY"]); got != "hidden" {
		t.Errorf("the secret has %q", got)
	}
	set(t, "backup-target", "")
	eventually(t, "the secret forgets a target that is none", func() bool { return len(read(t, secret).Data) == 0 })
}
