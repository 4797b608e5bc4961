package shape

import (
	"slices"
	"strings"
	"testing"
)

// An arrow says who alone may import what.
type arrow struct {
	reason string
	// target is a prefix of import paths.
	target string
	// only are the prefixes of the folders that may import it.
	only []string
	// tests tells whether tests are free to import it from anywhere.
	tests bool
}

var arrows = []arrow{
	{"KubeVirt's API is spoken in one place", "kubevirt.io/api", []string{"pkg/kubevirt", "test"}, true},
	{"CDI's API is spoken in one place", "kubevirt.io/containerized-data-importer-api", []string{"pkg/cdi", "test"}, true},
	{"Steve is an adapter, not a friend of capabilities", "github.com/rancher/steve", []string{"backend/steve", "fleet", "test"}, false},
	{"Rancher's API server library likewise", "github.com/rancher/apiserver", []string{"backend/steve", "fleet", "test"}, false},
	{"wrangler likewise", "github.com/rancher/wrangler", []string{"backend/steve", "fleet", "test"}, false},
	{"norman is the standalone hub's", "github.com/rancher/norman", []string{"fleet/standalone", "test"}, false},
	{"rancher-machine is the node driver's", "github.com/rancher/machine", []string{"fleet/driver"}, true},
	{"the backend is the site's alone", module + "/backend", []string{"backend", "test"}, false},
	{"the fleet is the hub's alone", module + "/fleet", []string{"fleet", "test"}, false},
	{"the product does not know its tests", module + "/test", []string{"test"}, true},
}

func TestArrows(t *testing.T) {
	for _, p := range tree(t) {
		for _, a := range arrows {
			imports := slices.Clone(p.Imports)
			if !a.tests {
				imports = append(append(imports, p.TestImports...), p.XTestImports...)
			}
			if within(p.path(), a.only) {
				continue
			}
			for _, i := range imports {
				if i == a.target || strings.HasPrefix(i, a.target+"/") {
					t.Errorf("%s imports %s: %s", p.path(), i, a.reason)
				}
			}
		}
	}
}

// TestNounsImportNothing keeps pkg/apis the ground floor.
func TestNounsImportNothing(t *testing.T) {
	for _, p := range tree(t) {
		if !within(p.path(), []string{"pkg/apis"}) {
			continue
		}
		for _, i := range p.Imports {
			standard := !strings.Contains(strings.Split(i, "/")[0], ".")
			known := strings.HasPrefix(i, "k8s.io/apimachinery/") || strings.HasPrefix(i, "k8s.io/api/") ||
				strings.HasPrefix(i, module+"/pkg/apis/") || i == "sigs.k8s.io/controller-runtime/pkg/scheme"
			if !standard && !known {
				t.Errorf("%s imports %s: nouns import only the standard library and apimachinery", p.path(), i)
			}
		}
	}
}

// TestCapabilitiesAreStrangers holds that no capability imports another.
func TestCapabilitiesAreStrangers(t *testing.T) {
	names := capabilities(t)
	for _, p := range tree(t) {
		own := owner(p.path(), names)
		if own == "" {
			continue
		}
		for _, i := range p.Imports {
			other := owner(strings.TrimPrefix(i, module+"/"), names)
			if other != "" && other != own {
				t.Errorf("%s imports capability %s: what both need is a world in pkg/", p.path(), other)
			}
		}
	}
}

// owner is the capability that a folder belongs to, "" when none.
func owner(path string, names []string) string {
	for _, name := range names {
		if within(path, []string{"backend/" + name}) {
			return name
		}
	}
	return ""
}

// within tells whether a folder is one of those or below it.
func within(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return path == folder || strings.HasPrefix(path, folder+"/")
	})
}
