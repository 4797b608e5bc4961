package deploy

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// Release says where a chart goes.
type Release struct {
	// Chart is the chart's directory.
	Chart string
	// Name is the release's name.
	Name string
	// Namespace is where objects go that name none.
	Namespace string
	// Values are set over the chart's own.
	Values map[string]any
}

// Chart renders a chart for a cluster with Helm's own engine, its lookups
// answered by the cluster.
func Chart(r Release, config *rest.Config) (Manifest, error) {
	chart, err := loader.Load(r.Chart)
	if err != nil {
		return Manifest{}, fmt.Errorf("chart %s: %w", r.Chart, err)
	}
	options := common.ReleaseOptions{Name: r.Name, Namespace: r.Namespace, Revision: 1, IsInstall: true}
	values, err := util.ToRenderValues(chart, r.Values, options, nil)
	if err != nil {
		return Manifest{}, fmt.Errorf("values of chart %s: %w", r.Chart, err)
	}
	files, err := render(config).Render(chart, values)
	if err != nil {
		return Manifest{}, fmt.Errorf("render chart %s: %w", r.Chart, err)
	}
	for _, crd := range chart.CRDObjects() {
		files[crd.Filename] = string(crd.File.Data)
	}
	return join(files, r.Namespace)
}

// render is Helm's engine, with lookups where there is a cluster to ask.
func render(config *rest.Config) engine.Engine {
	if config == nil {
		return engine.Engine{}
	}
	return engine.New(config)
}

// join parses the rendered files and sorts them as Helm does: what others need
// comes first.
func join(files map[string]string, namespace string) (Manifest, error) {
	var all Manifest
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(path.Base(name), "_") || path.Ext(name) == ".txt" {
			continue
		}
		one, err := Parse(files[name])
		if err != nil {
			return Manifest{}, fmt.Errorf("%s: %w", name, err)
		}
		all.Objects = append(all.Objects, one.Objects...)
		all.Deployments = append(all.Deployments, one.Deployments...)
	}
	for i := range all.Deployments {
		if all.Deployments[i].Namespace == "" {
			all.Deployments[i].Namespace = namespace
		}
	}
	slices.SortStableFunc(all.Objects, func(a, b *unstructured.Unstructured) int { return rank(a) - rank(b) })
	return all, nil
}

// first are the kinds that others need; webhooks come last, because they stop
// everything until their server runs.
var first = []string{"Namespace", "CustomResourceDefinition", "ServiceAccount", "Secret", "ConfigMap"}

func rank(object *unstructured.Unstructured) int {
	if at := slices.Index(first, object.GetKind()); at >= 0 {
		return at
	}
	if strings.HasSuffix(object.GetKind(), "WebhookConfiguration") {
		return len(first) + 1
	}
	return len(first)
}
