package deploy

import (
	"encoding/base64"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Namespace is a namespace to apply before what goes into it.
func Namespace(name string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
}

// Secret is a Secret of a type with its files.
func Secret(namespace, name, kind string, files map[string][]byte) *unstructured.Unstructured {
	data := map[string]any{}
	for file, content := range files {
		data[file] = base64.StdEncoding.EncodeToString(content)
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": kind,
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"data":     data,
	}}
}
