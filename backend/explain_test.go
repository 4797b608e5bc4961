package main

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"
	"k8s.io/kube-openapi/pkg/validation/spec"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/controlplane"
)

// explained is a field of each kind, by the name that its list has in a URL, and words of the sentence that it is explained by.
var explained = []struct {
	resource, kind, path, says string
}{
	{"keypairs", "KeyPair", "spec.publicKey", "authorized_keys"},
	{"resourcequotas", "ResourceQuota", "spec.snapshotLimit.namespaceTotalSnapshotSizeQuota", "how many bytes"},
	{"settings", "Setting", "value", "It may change at any time"},
	{"virtualmachineimagedownloaders", "VirtualMachineImageDownloader", "spec.compressType", "Default qcow2"},
	{"virtualmachineimages", "VirtualMachineImage", "spec.checksum", "It stays as it was made"},
	{"virtualmachinetemplates", "VirtualMachineTemplate", "status.latestVersion", "Numbers are not used twice"},
	{"virtualmachinetemplateversions", "VirtualMachineTemplateVersion", "status.conditions.reason", "one word for programs"},
}

// TestExplain reads what fields are for as a program does that goes by either version of OpenAPI, at the backend's own port.
func TestExplain(t *testing.T) {
	talk, err := discovery.NewDiscoveryClientForConfig(&rest.Config{
		Host: site.api.URL, BearerToken: site.tokens[viewer], TLSClientConfig: rest.TLSClientConfig{Insecure: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range explained {
		eventually(t, "OpenAPI v3 explains "+field.kind, func() bool { // a definition is published some time after it is made
			served, err := openapi3.NewRoot(talk.OpenAPIV3()).GVSpec(harvesterv1.GroupVersion)
			if err != nil || served.Components == nil {
				return false
			}
			return strings.Contains(purposeOf(served.Components.Schemas["io.harvesterhci.v1beta1."+field.kind], field.path), field.says)
		})
	}
	eventually(t, "OpenAPI v2 explains all kinds", func() bool {
		served, err := talk.OpenAPISchema()
		if err != nil {
			return false
		}
		text := strings.Join(strings.Fields(served.String()), " ")
		for _, field := range explained {
			if !strings.Contains(text, field.says) {
				return false
			}
		}
		return true
	})
}

// purposeOf is what a schema says of a field, on one line.
func purposeOf(schema *spec.Schema, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		if schema == nil {
			return ""
		}
		if schema.Items != nil {
			schema = schema.Items.Schema
		}
		field, found := schema.Properties[name]
		if !found {
			return ""
		}
		schema = &field
	}
	return strings.Join(strings.Fields(schema.Description), " ")
}

// TestKubectlExplain asks as a person does, who has a kubeconfig of the backend's own port.
func TestKubectlExplain(t *testing.T) {
	kubernetes, err := controlplane.Binary("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	read := func(version, field, says string) {
		command := exec.Command(kubernetes, "kubectl", "explain", field, "--api-version="+version, "--server="+site.api.URL,
			"--token="+site.tokens[viewer], "--insecure-skip-tls-verify", "--cache-dir="+t.TempDir())
		out, err := command.CombinedOutput()
		if err != nil || !strings.Contains(strings.Join(strings.Fields(string(out)), " "), says) {
			t.Errorf("kubectl explain %s: %v, want %q in\n%s", field, err, says, out)
		}
	}
	for _, field := range explained {
		read(harvesterv1.GroupVersion.String(), field.resource+"."+field.path, field.says)
	}
	read("kubevirt.io/v1", "virtualmachines.spec.runStrategy", "VirtualMachineInstance")
	read("v1", "persistentvolumeclaims.spec.storageClassName", "StorageClass")
}

// TestSchemaDefinitions asks as the pages of Rancher do, who show it beside the field.
func TestSchemaDefinitions(t *testing.T) {
	for _, base := range []string{"/v1/schemaDefinitions/", "/v1/harvester/schemaDefinitions/"} {
		eventually(t, base+" explains images", func() bool { // Steve reads the definitions some seconds after it has started
			got := ask(t, admin, http.MethodGet, base+"harvesterhci.io.virtualmachineimage", "")
			var definition struct {
				DefinitionType string
				Definitions    map[string]struct {
					ResourceFields map[string]struct{ Description string }
				}
			}
			if got.status != http.StatusOK || json.Unmarshal([]byte(got.text), &definition) != nil {
				return false
			}
			image := definition.Definitions[definition.DefinitionType]
			return strings.Contains(image.ResourceFields["spec"].Description, "what the image is")
		})
	}
}
