// Package credential tests the kubeconfigs of guest clusters in the whole
// sandbox: minted through the hub, used at the site.
package credential

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	site      = "site-1"
	namespace = "default"
	guest     = "guest"
)

func TestMintUseRemove(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	var config string
	s.Admin.Must(t, "POST", stage.OfSite(id, "kubeconfig"), request(namespace, guest), &config)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	as := "--kubeconfig=" + file
	inForce(t, s, file)
	for _, c := range []struct {
		reason string
		args   []string
		may    bool
	}{
		{"its own namespace is what the kubeconfig is for", []string{"get", "vm"}, true},
		{"the CSI driver's first question", []string{"get", "settings.harvesterhci.io", "server-version"}, true},
		{"and its second", []string{"get", "storageclasses"}, true},
		{"another namespace is another's", []string{"get", "vm", "-n", "kube-system"}, false},
		{"all are not its own", []string{"get", "vm", "-A"}, false},
		{"secrets are nobody's", []string{"get", "secrets"}, false},
	} {
		out, err := s.TryKubectl(t, site, "", append(c.args, as)...)
		if c.may != (err == nil) || err != nil && !strings.Contains(out, "forbidden") {
			t.Errorf("%s: kubectl %v: %v %s", c.reason, c.args, err, out)
		}
	}
	s.Delete(t, stage.OfSite(id, "serviceaccounts/"+namespace+"/"+guest))
	stage.Eventually(t, "the kubeconfig opens nothing", time.Minute, func() error {
		if out, err := s.TryKubectl(t, site, "", "get", "vm", as); err == nil {
			return fmt.Errorf("it still shows %s", out)
		}
		return nil
	})
}

func TestRefusals(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	body := request(namespace, guest)
	body["clusterRoleName"] = "cluster-admin"
	if answer := s.Admin.Refused(t, http.StatusUnprocessableEntity, "POST", stage.OfSite(id, "kubeconfig"), body); !strings.Contains(answer, "clusterRoleName") {
		t.Errorf("the refusal names the field: %s", answer)
	}
}

// inForce waits until a site's API server has heard of the rights of a kubeconfig that was minted a moment ago.
func inForce(t *testing.T, s *stage.Stage, kubeconfig string) {
	t.Helper()
	stage.Eventually(t, "the kubeconfig opens something", time.Minute, func() error {
		out, err := s.TryKubectl(t, site, "", "get", "vm", "--kubeconfig="+kubeconfig)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
}

// request is what Rancher's page sends.
func request(namespace, guest string) map[string]any {
	return map[string]any{
		"csiclusterRoleName": "harvesterhci.io:csi-driver", "clusterRoleName": "harvesterhci.io:cloudprovider",
		"namespace": namespace, "serviceAccountName": guest,
	}
}
