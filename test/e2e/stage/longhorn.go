package stage

import (
	"encoding/json"
	"testing"

	"crofthci.io/croft/test/controlplane"
)

// InstallLonghorn brings a site what Longhorn brings: its namespace, its kind and a class. Who plays its manager waits for
// that. All of it goes with the test, so that others find the site as it was.
func (s *Stage) InstallLonghorn(t testing.TB, site string) {
	t.Helper()
	definition, err := controlplane.Longhorn("backingimages")
	if err != nil {
		t.Fatal(err)
	}
	definition.APIVersion, definition.Kind = "apiextensions.k8s.io/v1", "CustomResourceDefinition"
	text, err := json.Marshal(definition)
	if err != nil {
		t.Fatal(err)
	}
	s.Kubectl(t, site, string(text), "apply", "-f", "-")
	s.Kubectl(t, site, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"longhorn-system"}}`, "apply", "-f", "-")
	s.Kubectl(t, site, `{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"longhorn"},
		"provisioner":"driver.longhorn.io","parameters":{"numberOfReplicas":"1"},"allowVolumeExpansion":true}`, "apply", "-f", "-")
	t.Cleanup(func() {
		s.Kubectl(t, site, "", "delete", "storageclass", "longhorn", "--ignore-not-found")
		s.Kubectl(t, site, "", "delete", "crd", definition.Name, "--ignore-not-found", "--timeout=3m")
	})
}
