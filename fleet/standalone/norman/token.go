package norman

import (
	"cmp"
	"net/http"
	"time"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/store/empty"
	"github.com/rancher/norman/types"
	"github.com/rancher/norman/types/convert"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher/management"
)

// mostLife is the longest life that can be asked for: ten years.
const mostLife = 10 * 365 * 24 * time.Hour

func tokenSchema(o Options) types.Schema {
	made := types.Schema{
		ID: "token", PluralName: "tokens", Version: version, CodeName: "Token",
		ResourceMethods:   []string{http.MethodGet, http.MethodDelete},
		CollectionMethods: []string{http.MethodGet, http.MethodPost},
		CollectionActions: map[string]types.Action{"logout": {}},
		ResourceFields:    map[string]types.Field{},
		Store:             &tokenStore{options: o},
		ActionHandler: func(_ string, _ *types.Action, request *types.APIContext) error {
			err := o.Tokens.Revoke(request.Request.Context(), session.TokenFrom(request.Request.Context()).Name)
			if err != nil {
				return err
			}

			http.SetCookie(request.Response, &http.Cookie{
				Name: session.Cookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1,
			})
			request.WriteResponse(http.StatusOK, nil)

			return nil
		},
	}

	for _, f := range []field{
		{api: "name", rule: readOnly}, {api: "userId", rule: readOnly}, {api: "token", rule: readOnly},
		{api: "description"}, {api: "ttl", kind: "int"}, {api: "clusterId", rule: createOnly},
		{api: "expired", kind: "boolean", rule: readOnly}, {api: "expiresAt", rule: readOnly},
		{api: "isDerived", kind: "boolean", rule: readOnly}, {api: "current", kind: "boolean", rule: readOnly},
		{api: "enabled", kind: "boolean", rule: readOnly}, {api: "authProvider", rule: readOnly},
		{api: "created", kind: "date", rule: readOnly}, {api: "userPrincipal", rule: readOnly},
	} {
		made.ResourceFields[f.api] = f.norman()
	}

	return made
}

// tokenStore is for the caller's own tokens; nobody sees or ends another's here.
type tokenStore struct {
	empty.Store
	options Options
}

// ByID reads one of the caller's tokens.
func (s *tokenStore) ByID(request *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	have, err := s.own(request, id)
	if err != nil {
		return nil, err
	}

	return showToken(request, have), nil
}

// List reads the caller's tokens.
func (s *tokenStore) List(request *types.APIContext, _ *types.Schema, _ *types.QueryOptions) ([]map[string]interface{}, error) {
	var all management.TokenList

	err := s.options.Live.List(request.Request.Context(), &all, client.MatchingLabels{token.LabelUserID: caller(request).GetName()})
	if err != nil {
		return nil, translate(err)
	}

	result := make([]map[string]interface{}, 0, len(all.Items))

	for i := range all.Items {
		if all.Items[i].UserID == caller(request).GetName() {
			result = append(result, showToken(request, &all.Items[i]))
		}
	}

	return result, nil
}

// Create makes an API key for the caller, which lives no longer than the setting
// auth-token-max-ttl-minutes says; only now is its secret shown. A token
// for one cluster never comes here: it is worth nothing outside of its cluster.
func (s *tokenStore) Create(request *types.APIContext, _ *types.Schema, data map[string]interface{}) (map[string]interface{}, error) {
	asked, err := convert.ToNumber(cmp.Or(data["ttl"], any(0)))
	if err != nil || asked < 0 || asked > mostLife.Milliseconds() {
		return nil, httperror.NewFieldAPIError(httperror.InvalidFormat, "ttl", "ttl is milliseconds, at most ten years; 0 is as long as tokens may live")
	}

	presented, made, err := s.options.Tokens.Mint(request.Request.Context(), token.Request{
		UserID: caller(request).GetName(), Kind: "api", Description: convert.ToString(data["description"]),
		Life:        s.options.Settings.TokenLife(request.Request.Context(), time.Duration(asked)*time.Millisecond),
		ClusterName: convert.ToString(data["clusterId"]),
	})
	if err != nil {
		return nil, translate(err)
	}

	result := showToken(request, made)
	result["token"] = presented

	return result, nil
}

// Delete ends one of the caller's tokens.
func (s *tokenStore) Delete(request *types.APIContext, _ *types.Schema, id string) (map[string]interface{}, error) {
	have, err := s.own(request, id)
	if err != nil {
		return nil, err
	}

	return showToken(request, have), s.options.Tokens.Revoke(request.Request.Context(), have.Name)
}

func (s *tokenStore) own(request *types.APIContext, id string) (*management.Token, error) {
	have := &management.Token{}

	err := s.options.Live.Get(request.Request.Context(), client.ObjectKey{Name: id}, have)
	if client.IgnoreNotFound(err) != nil {
		return nil, translate(err)
	}

	if err != nil || have.UserID != caller(request).GetName() {
		return nil, httperror.NewAPIError(httperror.NotFound, "you have no token "+id)
	}

	return have, nil
}

func showToken(request *types.APIContext, have *management.Token) map[string]any {
	current := session.TokenFrom(request.Request.Context())

	return map[string]any{
		"id": have.Name, "type": "token", "baseType": "token", "name": have.Name, "userId": have.UserID,
		"description": have.Description, "ttl": have.TTLMillis, "expiresAt": have.ExpiresAt,
		"expired": token.Ended(have, time.Now()), "isDerived": have.IsDerived, "enabled": have.IsEnabled(),
		"authProvider": have.AuthProvider, "clusterId": have.ClusterName, "userPrincipal": "local://" + have.UserID,
		"created": have.CreationTimestamp.UTC().Format(time.RFC3339), "current": current != nil && current.Name == have.Name,
	}
}
