package rights

import (
	"encoding/json"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Object is what is kept of a role or a binding of any of the four kinds.
type Object struct {
	// Namespace and Name are the object's address; they are set by whoever knows it, not by the object.
	Namespace string `json:"-"`
	Name      string `json:"-"`
	// Rules are a role's.
	Rules []rbacv1.PolicyRule `json:"rules,omitempty"`
	// RoleRef is the role that a binding grants.
	RoleRef *rbacv1.RoleRef `json:"roleRef,omitempty"`
	// Subjects are those whom a binding grants it to.
	Subjects []rbacv1.Subject `json:"subjects,omitempty"`
}

// Trim takes from a role or a binding what rights are worked out from. Nothing in it is shortened, because a name that is
// cut may be another's.
func Trim(object []byte) ([]byte, error) {
	var kept Object
	if err := json.Unmarshal(object, &kept); err != nil {
		return nil, fmt.Errorf("read a role or binding: %w", err)
	}
	rules := kept.Rules
	kept.Rules = nil
	for _, rule := range rules {
		if verbs := shown(rule.Verbs); len(verbs) > 0 && len(rule.Resources) > 0 {
			kept.Rules = append(kept.Rules, rbacv1.PolicyRule{Verbs: verbs, APIGroups: rule.APIGroups, Resources: rule.Resources, ResourceNames: rule.ResourceNames})
		}
	}
	return json.Marshal(kept)
}

// shown are those of a rule's verbs by which anything is shown here.
func shown(verbs []string) []string {
	var kept []string
	for _, verb := range []string{rbacv1.VerbAll, "get", "list"} {
		if slices.Contains(verbs, verb) {
			kept = append(kept, verb)
		}
	}
	return kept
}

// Decode reads what Trim wrote.
func Decode(part []byte, namespace, objectName string) (*Object, error) {
	kept := &Object{}
	if err := json.Unmarshal(part, kept); err != nil {
		return nil, fmt.Errorf("read the kept role or binding %s/%s: %w", namespace, objectName, err)
	}
	kept.Namespace, kept.Name = namespace, objectName
	return kept, nil
}
