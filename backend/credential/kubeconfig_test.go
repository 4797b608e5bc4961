package credential

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

func filled() *corev1.Secret {
	secret := tokenSecret(owner("a"))
	secret.Data = map[string][]byte{corev1.ServiceAccountTokenKey: []byte("secret"), corev1.ServiceAccountRootCAKey: []byte("authority")}
	return secret
}

func TestKubeconfig(t *testing.T) {
	written, err := kubeconfig("https://192.0.2.1:6443", filled())
	if err != nil {
		t.Fatal(err)
	}
	config, err := clientcmd.NewClientConfigFromBytes(written)
	if err != nil {
		t.Fatal(err)
	}
	if namespace, _, err := config.Namespace(); err != nil || namespace != "tenant" {
		t.Errorf("the cloud provider takes its machines' namespace from here: %q %v", namespace, err)
	}
	raw, err := config.RawConfig()
	if err != nil {
		t.Fatal(err)
	}
	context := raw.Contexts[raw.CurrentContext]
	cluster, user := raw.Clusters[context.Cluster], raw.AuthInfos[context.AuthInfo]
	got := []string{cluster.Server, string(cluster.CertificateAuthorityData), user.Token}
	if diff := cmp.Diff([]string{"https://192.0.2.1:6443", "authority", "secret"}, got); diff != "" {
		t.Errorf("where, whom to trust, who: -want +got:\n%s", diff)
	}
}

func TestCloudInit(t *testing.T) {
	written, err := cloudInit([]byte("kind: Config\n"))
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		WriteFiles []writtenFile `json:"write_files"`
	}
	if err := yaml.UnmarshalStrict([]byte(written), &read); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, file := range read.WriteFiles {
		paths = append(paths, file.Path)
		content, err := base64.StdEncoding.DecodeString(file.Content)
		if err != nil || string(content) != "kind: Config\n" || file.Encoding != "b64" || file.Permissions != "0600" {
			t.Errorf("the guest's root reads its kubeconfig from %s, and nobody else does: %+v %v", file.Path, file, err)
		}
	}
	if diff := cmp.Diff(cloudInitPaths, paths); diff != "" {
		t.Errorf("a guest's programs look there: -want +got:\n%s", diff)
	}
}
