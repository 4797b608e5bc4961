package driver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// Rights are what a credential needs in the namespace of its machines. The site's chart has them as a role.
var Rights = []rbacv1.PolicyRule{
	{APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}, Verbs: []string{"get", "list", "watch", "create", "patch", "delete"}},
	{APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachineinstances"}, Verbs: []string{"get", "list", "watch"}},
	{APIGroups: []string{"subresources.kubevirt.io"}, Resources: []string{"virtualmachines/start", "virtualmachines/stop", "virtualmachines/restart"}, Verbs: []string{"update"}},
	{APIGroups: []string{""}, Resources: []string{"persistentvolumeclaims"}, Verbs: []string{"get", "list", "watch", "delete"}},
	{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"create"}},
	{APIGroups: []string{""}, Resources: []string{"resourcequotas"}, Verbs: []string{"list"}},
	{APIGroups: []string{"harvesterhci.io"}, Resources: []string{"virtualmachineimages"}, Verbs: []string{"get", "list", "watch"}},
	{APIGroups: []string{"harvesterhci.io"}, Resources: []string{"keypairs"}, Verbs: []string{"get"}},
	{APIGroups: []string{"k8s.cni.cncf.io"}, Resources: []string{"network-attachment-definitions"}, Verbs: []string{"get"}},
}

// may says which rights a credential lacks, one sentence for each kind.
func (m *maker) may(ctx context.Context) ([]string, error) {
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: m.namespace}}
	if err := m.client.Create(ctx, review); err != nil {
		return nil, m.site.explain(err)
	}
	if review.Status.Incomplete {
		return nil, nil // the site cannot tell; it will when it is asked for each
	}
	var lacks []string
	for _, rule := range Rights {
		for _, resource := range rule.Resources {
			verbs := slices.DeleteFunc(slices.Clone(rule.Verbs), func(verb string) bool {
				return granted(review.Status.ResourceRules, rule.APIGroups[0], resource, verb)
			})
			if len(verbs) > 0 {
				lacks = append(lacks, fmt.Sprintf("the credential may not %s %s in namespace %s", strings.Join(verbs, ", "), resource, m.namespace))
			}
		}
	}
	return lacks, nil
}

// granted says whether some rule has a verb.
func granted(rules []authorizationv1.ResourceRule, group, resource, verb string) bool {
	return slices.ContainsFunc(rules, func(rule authorizationv1.ResourceRule) bool {
		_, sub, _ := strings.Cut(resource, "/")
		has := func(list []string, words ...string) bool {
			return slices.ContainsFunc(list, func(word string) bool { return word == "*" || slices.Contains(words, word) })
		}
		return len(rule.ResourceNames) == 0 && has(rule.Verbs, verb) && has(rule.APIGroups, group) && has(rule.Resources, resource, "*/"+sub)
	})
}
