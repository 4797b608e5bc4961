// Package deploy puts manifests into a cluster as Helm or kubectl would, with
// one difference: no kubelet of a sandbox runs Croft's own programs, so a
// Deployment is not applied but turned into a process on this machine, with the
// arguments, the environment, the files and the rights that its pod would have.
// So the chart is what runs.
//
// Chart renders, Manifest splits, Cluster applies, Program makes the process,
// Token gives it the rights. It does not supervise anything.
package deploy

import (
	"errors"
	"fmt"
	"io"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Manifest is what a chart or an import manifest consists of.
type Manifest struct {
	// Objects go into the cluster, in this order.
	Objects []*unstructured.Unstructured
	// Deployments become processes.
	Deployments []appsv1.Deployment
}

// Parse splits a stream of YAML documents.
func Parse(text string) (Manifest, error) {
	var m Manifest
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return Manifest{}, fmt.Errorf("manifest: %w", err)
		}
		if err := m.add(object); err != nil {
			return Manifest{}, err
		}
	}
}

func (m *Manifest) add(object *unstructured.Unstructured) error {
	if len(object.Object) == 0 {
		return nil // a document of comments
	}
	if object.GetKind() != "Deployment" || object.GroupVersionKind().Group != appsv1.GroupName {
		m.Objects = append(m.Objects, object)
		return nil
	}
	var deployment appsv1.Deployment
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &deployment); err != nil {
		return fmt.Errorf("deployment %s: %w", object.GetName(), err)
	}
	m.Deployments = append(m.Deployments, deployment)
	return nil
}
