package rancher

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"crofthci.io/croft/pkg/rancher/catalog"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 object paths=./...
//go:generate go run sigs.k8s.io/controller-tools/cmd/controller-gen@v0.23.0 crd paths=./... output:crd:dir=./crd

//go:embed crd/*.yaml
var crds embed.FS

// AddToScheme makes all of Rancher's kinds that Croft knows known to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	return errors.Join(management.AddToScheme(scheme), provisioning.AddToScheme(scheme), catalog.AddToScheme(scheme))
}

// CRDs are the definitions of the kinds, for an API server that has no Rancher.
func CRDs() ([]*apiextensionsv1.CustomResourceDefinition, error) {
	names, err := fs.Glob(crds, "crd/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list definitions: %w", err)
	}

	var result []*apiextensionsv1.CustomResourceDefinition

	for _, name := range names {
		content, err := crds.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}

		found, err := decode(content)
		if err != nil {
			return nil, fmt.Errorf("decode %s: %w", name, err)
		}

		result = append(result, found...)
	}

	return result, nil
}

func decode(content []byte) ([]*apiextensionsv1.CustomResourceDefinition, error) {
	var result []*apiextensionsv1.CustomResourceDefinition

	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)

	for {
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := decoder.Decode(definition); errors.Is(err, io.EOF) {
			return result, nil
		} else if err != nil {
			return nil, err
		}

		if definition.Name != "" {
			result = append(result, definition)
		}
	}
}
