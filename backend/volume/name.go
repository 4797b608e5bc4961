package volume

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/backend/capability"
)

// named refuses a name that no object can have, or none.
func named(field, name string) error {
	if name == "" {
		return capability.Refuse(field, "%s is needed.", field)
	}
	if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
		return capability.Refuse(field, "%s %q is no name for an object: %s.", field, name, strings.Join(problems, "; "))
	}
	return nil
}
