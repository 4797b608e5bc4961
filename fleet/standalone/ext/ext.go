// Package ext is Rancher's API group ext.cattle.io, as far as the dashboard asks
// for it: requests that are posted, done and answered, and kept nowhere. Rancher
// serves them from an API server of its own; here they are schemas of the hub's
// Steve, with the same names and answers. Begin reading at Add.
package ext

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/store/empty"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/data"
	"github.com/rancher/wrangler/v3/pkg/schemas"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/fleet/standalone/kubeconfig"
	"crofthci.io/croft/fleet/standalone/password"
	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/fleet/standalone/session"
)

const (
	apiVersion = "ext.cattle.io/v1"
	prefix     = "ext.cattle.io."
	nameLength = 5
)

// Add makes the group's types known to a Steve server.
func Add(known *types.APISchemas, passwords *password.Desk, kubeconfigs *kubeconfig.Desk) error {
	for kind, done := range map[string]deed{
		"SelfUser":              selfUser,
		"PasswordChangeRequest": passwordChange(passwords),
		"Kubeconfig":            makeKubeconfig(kubeconfigs),
	} {
		id := prefix + strings.ToLower(kind)

		err := known.AddSchema(types.APISchema{
			Schema: &schemas.Schema{ID: id, PluralName: id + "s", CollectionMethods: []string{http.MethodPost}},
			Store:  &store{kind: kind, done: done},
		})
		if err != nil {
			return fmt.Errorf("schema %s: %w", id, err)
		}
	}

	return nil
}

// deed does what a request's spec asks for, as its caller, and answers its status.
type deed func(ctx context.Context, who user.Info, spec data.Object) (map[string]any, error)

// store is a deed as Steve's store, in which things can be created and are gone.
type store struct {
	empty.Store
	kind string
	done deed
}

// Create does the deed.
func (s *store) Create(request *types.APIRequest, schema *types.APISchema, given types.APIObject) (types.APIObject, error) {
	who := session.UserFrom(request.Context())
	if who == nil {
		return types.APIObject{}, apierror.NewAPIError(validation.Unauthorized, "must authenticate")
	}

	status, err := s.done(request.Context(), who, given.Data().Map("spec"))
	if err != nil {
		return types.APIObject{}, err
	}

	suffix, err := random.Word(nameLength)
	if err != nil {
		return types.APIObject{}, err
	}

	name := strings.ToLower(s.kind) + "-" + suffix

	return types.APIObject{Type: schema.ID, ID: name, Object: map[string]any{
		"apiVersion": apiVersion, "kind": s.kind, "metadata": map[string]any{"name": name}, "status": status,
	}}, nil
}

// selfUser tells a page who it is logged in as.
func selfUser(_ context.Context, who user.Info, _ data.Object) (map[string]any, error) {
	return map[string]any{"userID": who.GetName()}, nil
}
