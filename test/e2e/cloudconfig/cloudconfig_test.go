// Package cloudconfig tests templates of user data in the whole sandbox.
package cloudconfig

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

func template(name, text string) map[string]any {
	return map[string]any{
		"type": "configmap", "apiVersion": "v1", "kind": "ConfigMap",
		"metadata": map[string]any{"namespace": "default", "name": name, "labels": map[string]any{"harvesterhci.io/cloud-init-template": "user"}},
		"data":     map[string]any{"cloudInit": text},
	}
}

func TestTemplate(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	s.Admin.Must(t, "POST", stage.OfSite(id, "configmaps"), template("agent", "#cloud-config\npackages: [qemu-guest-agent]\n"), nil)
	t.Cleanup(func() { s.Delete(t, stage.OfSite(id, "configmaps/default/agent")) })
	answer := s.Admin.Refused(t, http.StatusUnprocessableEntity, "POST", stage.OfSite(id, "configmaps"), template("none", "packages: []"))
	if !strings.Contains(answer, "data.cloudInit") {
		t.Errorf("the refusal names the field: %s", answer)
	}
	var list struct {
		Data []struct{ ID string }
	}
	stage.Eventually(t, "the templates of a namespace are found by their label", time.Minute, func() error {
		s.Admin.Must(t, "GET", stage.OfSite(id, "configmaps/default?filter=metadata.labels[harvesterhci.io/cloud-init-template]=user"), nil, &list)
		if len(list.Data) != 1 || list.Data[0].ID != "default/agent" {
			return fmt.Errorf("%+v", list.Data)
		}
		return nil
	})
}
