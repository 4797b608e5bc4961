package bootstrap

import (
	"embed"
	"fmt"
	"io/fs"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

//go:embed crd/*.yaml
var ofPage embed.FS

// pageDefinitions are kinds that the dashboard's pages of clusters ask for and no program here reads: CroftConfig, which
// Rancher makes of the node driver's flags, and KontainerDriver, of which there are none.
func pageDefinitions() ([]*apiextensionsv1.CustomResourceDefinition, error) {
	files, err := fs.Glob(ofPage, "crd/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list definitions: %w", err)
	}

	var result []*apiextensionsv1.CustomResourceDefinition

	for _, file := range files {
		content, err := ofPage.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}

		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, definition); err != nil {
			return nil, fmt.Errorf("decode %s: %w", file, err)
		}

		result = append(result, definition)
	}

	return result, nil
}
