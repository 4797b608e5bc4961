package main

import (
	"strings"
	"testing"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/openapi3"
	"k8s.io/client-go/rest"
	"k8s.io/kube-openapi/pkg/validation/spec"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// TestExplain reads what a field is for as `kubectl explain` does, at the backend's own port, by both versions of OpenAPI.
func TestExplain(t *testing.T) {
	const sentence = "checksum is the SHA-512"
	talk, err := discovery.NewDiscoveryClientForConfig(&rest.Config{
		Host: site.api.URL, BearerToken: site.tokens[viewer], TLSClientConfig: rest.TLSClientConfig{Insecure: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	var image *spec.Schema
	eventually(t, "OpenAPI v3 has images", func() bool { // a definition is published some time after it is made
		served, err := openapi3.NewRoot(talk.OpenAPIV3()).GVSpec(harvesterv1.GroupVersion)
		if err == nil && served.Components != nil {
			image = served.Components.Schemas["io.harvesterhci.v1beta1.VirtualMachineImage"]
		}
		return image != nil
	})
	for path, want := range map[string]string{"spec.checksum": sentence, "spec.retry": "Default 3", "status.progress": "percent"} {
		if got := fieldOf(image, path); !strings.Contains(got, want) {
			t.Errorf("v3 says of %s %q, want %q in it", path, got, want)
		}
	}
	eventually(t, "v2 explains the checksum", func() bool {
		old, err := talk.OpenAPISchema()
		return err == nil && strings.Contains(old.String(), sentence)
	})
}

// fieldOf is what a schema says of a field.
func fieldOf(schema *spec.Schema, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		field, found := schema.Properties[name]
		if !found {
			return "no field " + name
		}
		schema = &field
	}
	return schema.Description
}
