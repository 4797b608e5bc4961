package resilience

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// made are the kinds that deeds make in their namespace, and those that are made for them.
var made = []string{
	"virtualmachines", "virtualmachineinstances", "virtualmachineinstancemigrations", "virtualmachineexports", "virtualmachineimages",
	"virtualmachinetemplates", "virtualmachinetemplateversions", "keypairs", "volumesnapshots", "datavolumes", "persistentvolumeclaims",
	"pods", "secrets", "configmaps", "serviceaccounts", "controllerrevisions", "services",
}

// own is what a namespace has anyway.
var own = []string{"configmap/kube-root-ca.crt", "serviceaccount/default"}

// left says what is left of the deeds in a namespace: in itself, or in the storage of the site.
func left(t *testing.T, s *stage.Stage, namespace string) error {
	t.Helper()
	names := strings.Fields(s.Kubectl(t, "site-1", "", "get", strings.Join(made, ","), "-n", namespace, "-o", "name"))
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(own, name) })
	for kind, path := range map[string]string{
		"pv":                        `{.items[?(@.spec.claimRef.namespace=="` + namespace + `")].metadata.name}`,
		"volumesnapshotcontent":     `{.items[?(@.spec.volumeSnapshotRef.namespace=="` + namespace + `")].metadata.name}`,
		"storageclass":              `{.items[?(@.parameters.backingImage)].metadata.name}`,
		"backingimages.longhorn.io": `{.items[*].metadata.name}`,
	} {
		names = append(names, strings.Fields(s.Kubectl(t, "site-1", "", "get", kind, "-A", "-o", "jsonpath="+path))...)
	}
	if len(names) > 0 {
		return errors.New(strings.Join(names, " "))
	}
	return nil
}
