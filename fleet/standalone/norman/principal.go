package norman

import (
	"net/http"
	"strings"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/store/empty"
	"github.com/rancher/norman/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
)

const principalPrefix = "local://"

func principalSchema(o Options) types.Schema {
	principals := &principalStore{options: o}
	made := types.Schema{
		ID: "principal", PluralName: "principals", Version: version, CodeName: "Principal",
		ResourceMethods: []string{http.MethodGet}, CollectionMethods: []string{http.MethodGet},
		CollectionActions: map[string]types.Action{"search": {Input: "searchPrincipalsInput", Output: "collection"}},
		ResourceFields:    map[string]types.Field{},
		Store:             principals,
		ActionHandler: func(_ string, _ *types.Action, request *types.APIContext) error {
			return principals.search(request)
		},
		CollectionFormatter: func(request *types.APIContext, collection *types.GenericCollection) {
			collection.Actions["search"] = request.URLBuilder.CollectionAction(request.Schema, nil, "search")
		},
	}

	for _, f := range []field{
		{api: "name", rule: readOnly}, {api: "loginName", rule: readOnly}, {api: "provider", rule: readOnly},
		{api: "principalType", rule: readOnly}, {api: "me", kind: "boolean", rule: readOnly},
		{api: "memberOf", kind: "boolean", rule: readOnly}, {api: "profilePicture", rule: readOnly},
	} {
		made.ResourceFields[f.api] = f.norman()
	}

	return made
}

// principalStore shows who the caller is, and others by name.
type principalStore struct {
	empty.Store
	options Options
}

// List answers the caller's identities: he has one.
func (s *principalStore) List(request *types.APIContext, schema *types.Schema, _ *types.QueryOptions) ([]map[string]interface{}, error) {
	me, err := s.ByID(request, schema, principalPrefix+caller(request).GetName())
	if err != nil {
		return nil, err
	}

	return []map[string]interface{}{me}, nil
}

// ByID finds one local user by identity.
func (s *principalStore) ByID(request *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	name, ok := strings.CutPrefix(id, principalPrefix)
	if !ok {
		return nil, httperror.NewAPIError(httperror.NotFound, "there is no principal "+id)
	}

	have := &management.User{}
	if err := s.options.Live.Get(request.Request.Context(), client.ObjectKey{Name: name}, have); err != nil {
		return nil, translate(err)
	}

	return showPrincipal(request, have), nil
}

// search finds local users whose name begins with what was typed.
func (s *principalStore) search(request *types.APIContext) error {
	var given struct {
		Name string `json:"name"`
	}
	if err := read(request, &given); err != nil {
		return err
	}

	var all management.UserList
	if err := s.options.Live.List(request.Request.Context(), &all); err != nil {
		return translate(err)
	}

	found := []map[string]interface{}{}
	typed := strings.ToLower(given.Name)

	for i := range all.Items {
		have := &all.Items[i]
		if typed != "" && have.Username != "" &&
			(strings.HasPrefix(strings.ToLower(have.Username), typed) || strings.HasPrefix(strings.ToLower(have.DisplayName), typed)) {
			found = append(found, showPrincipal(request, have))
		}
	}

	request.WriteResponse(http.StatusOK, found)

	return nil
}

func showPrincipal(request *types.APIContext, have *management.User) map[string]any {
	me := caller(request).GetName() == have.Name

	name := have.DisplayName
	if name == "" {
		name = have.Username
	}

	return map[string]any{
		"id": principalPrefix + have.Name, "type": "principal", "baseType": "principal", "name": name,
		"loginName": have.Username, "provider": "local", "principalType": "user", "me": me, "memberOf": false,
	}
}
