package cdi

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ImportProxy is through whom CDI's importers reach the outside.
type ImportProxy struct {
	// HTTP and HTTPS are the URLs of the proxies, empty for none.
	HTTP, HTTPS string
	// No are hosts, domains and networks that are reached without one, separated by commas.
	No string
}

// Proxied is what server-side apply is to make of an installation: how its importers reach the outside, and nothing else.
// Nil takes back what was applied before. CDI hands it on to its configuration, and from there to each importer.
func Proxied(installation string, wanted *ImportProxy) runtime.ApplyConfiguration {
	spec := map[string]any{}
	if wanted != nil {
		spec["config"] = map[string]any{"importProxy": map[string]any{
			"HTTPProxy": wanted.HTTP, "HTTPSProxy": wanted.HTTPS, "noProxy": wanted.No,
		}}
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(InstallationKind)
	object.SetName(installation)
	return client.ApplyConfigurationFromUnstructured(object)
}
