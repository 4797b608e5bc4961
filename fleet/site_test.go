package main

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/sets"
)

// TestKindsOfOthersAreOptional holds that any cluster of provider harvester can be followed: what Kubernetes itself does not
// serve everywhere may be missing, and a site without it is whole all the same.
func TestKindsOfOthersAreOptional(t *testing.T) {
	everywhere := sets.New("", "apps", "storage.k8s.io", "rbac.authorization.k8s.io")
	for _, kind := range indexed {
		for _, source := range kind.Sources {
			if !everywhere.Has(source.Resource.Group) && !source.Optional {
				t.Errorf("%s: the source %s is not optional, so a site that does not serve it is never in sync", kind.Name, source.Name())
			}
		}
	}
}
