package rights

import (
	"encoding/json"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/decode"
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
	// Cut says that the role has more rules than are kept: those that show nothing in a list are missing.
	Cut bool `json:"cut,omitempty"`
}

// longest is the most bytes of a role's rules that are kept whole. Of a role with more, what shows rows is kept alone, so
// that it does not grow beyond what the index takes.
const longest = 48 << 10

// Trim takes from a role or a binding what rights are worked out from. Nothing in it is shortened, because a name that is
// cut may be another's. Rules about URLs say nothing of objects and are left out.
func Trim(object []byte) ([]byte, error) {
	var kept Object
	if err := decode.Known(object, &kept); err != nil {
		return nil, fmt.Errorf("read a role or binding: %w", err)
	}
	kept.Cut = false
	kept.Rules = trimRules(kept.Rules, func(verbs []string) []string { return verbs })
	whole, err := json.Marshal(kept)
	if err != nil || len(whole) <= longest || len(kept.Rules) == 0 {
		return whole, err
	}
	kept.Rules, kept.Cut = trimRules(kept.Rules, shown), true
	return json.Marshal(kept)
}

// trimRules are the rules about resources, with those of their verbs that are kept.
func trimRules(rules []rbacv1.PolicyRule, keep func(verbs []string) []string) []rbacv1.PolicyRule {
	var kept []rbacv1.PolicyRule
	for _, rule := range rules {
		if verbs := keep(rule.Verbs); len(verbs) > 0 && len(rule.Resources) > 0 {
			kept = append(kept, rbacv1.PolicyRule{Verbs: verbs, APIGroups: rule.APIGroups, Resources: rule.Resources, ResourceNames: rule.ResourceNames})
		}
	}
	return kept
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
	if err := decode.Known(part, kept); err != nil {
		return nil, fmt.Errorf("read the kept role or binding %s/%s: %w", namespace, objectName, err)
	}
	kept.Namespace, kept.Name = namespace, objectName
	return kept, nil
}
