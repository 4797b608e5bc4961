package norman

import (
	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
)

// bindingChecks keeps roles from being given that mean nothing.
func bindingChecks(o Options, k *kind, s *types.Schema) {
	s.Store = &bindingStore{store: store{options: o, kind: k}}
}

// bindingStore is the store of role bindings.
type bindingStore struct{ store }

// Create gives a role, if role, cluster or project, and somebody are named.
func (s *bindingStore) Create(request *types.APIContext, schema *types.Schema, data map[string]interface{}) (map[string]interface{}, error) {
	if err := s.check(request, data); err != nil {
		return nil, err
	}

	if project, _ := data["projectId"].(string); project != "" {
		if _, err := s.namespaceFor(data); err != nil {
			return nil, err
		}

		if err := s.options.awaitProject(request, project); err != nil {
			return nil, err
		}
	}

	return s.store.Create(request, schema, data)
}

func (s *bindingStore) check(request *types.APIContext, data map[string]any) error {
	somebody := false

	for _, name := range []string{"userId", "userPrincipalId", "groupId", "groupPrincipalId"} {
		value, _ := data[name].(string)
		somebody = somebody || value != ""
	}

	if !somebody {
		return httperror.NewFieldAPIError(httperror.MissingRequired, "userId", "a user or a group is required")
	}

	role, _ := data["roleTemplateId"].(string)
	if err := s.exists(request, &management.RoleTemplate{}, "roleTemplateId", "role template", role); err != nil {
		return err
	}

	if cluster, _ := data["clusterId"].(string); cluster != "" {
		if err := s.exists(request, &management.Cluster{}, "clusterId", "cluster", cluster); err != nil {
			return err
		}
	}

	if user, _ := data["userId"].(string); user != "" {
		return s.exists(request, &management.User{}, "userId", "user", user)
	}

	return nil
}

func (s *bindingStore) exists(request *types.APIContext, object client.Object, field, what, name string) error {
	err := s.options.Live.Get(request.Request.Context(), client.ObjectKey{Name: name}, object)
	if apierrors.IsNotFound(err) {
		return httperror.NewFieldAPIError(httperror.InvalidReference, field, "there is no "+what+" "+name)
	}

	return err
}

func objectKey(namespace, name string) client.ObjectKey {
	return client.ObjectKey{Namespace: namespace, Name: name}
}
