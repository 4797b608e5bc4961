package norman

import (
	"fmt"
	"slices"

	"github.com/rancher/norman/types"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// reads asks the API server once which of the secrets that keep credentials the caller may read. An answer that is not
// whole shows the fewer.
func (s *credentialStore) reads(request *types.APIContext) (func(name string) bool, error) {
	as, err := s.options.as(caller(request))
	if err != nil {
		return nil, err
	}

	ask := &unstructured.Unstructured{Object: map[string]any{"spec": map[string]any{"namespace": credentialNamespace}}}
	ask.SetGroupVersionKind(authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectRulesReview"))

	told, err := as.Resource(authorizationv1.SchemeGroupVersion.WithResource("selfsubjectrulesreviews")).Create(request.Request.Context(), ask, metav1.CreateOptions{})
	if err != nil {
		return nil, translate(err)
	}

	review := &authorizationv1.SelfSubjectRulesReview{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(told.Object, review); err != nil {
		return nil, fmt.Errorf("read what %s may: %w", caller(request).GetName(), err)
	}

	return func(name string) bool { return readsSecret(review.Status.ResourceRules, name) }, nil
}

// readsSecret says whether some rule lets a secret be read.
func readsSecret(rules []authorizationv1.ResourceRule, name string) bool {
	has := func(list []string, word string) bool {
		return slices.Contains(list, word) || slices.Contains(list, "*")
	}

	return slices.ContainsFunc(rules, func(rule authorizationv1.ResourceRule) bool {
		return has(rule.Verbs, "get") && has(rule.APIGroups, "") && has(rule.Resources, "secrets") &&
			(len(rule.ResourceNames) == 0 || slices.Contains(rule.ResourceNames, name))
	})
}
