package norman

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/rancher/norman/httperror"
	"github.com/rancher/norman/types"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/password"
)

const maxBody = 64 << 10

// userActions gives users their passwords.
func userActions(o Options, k *kind, s *types.Schema) {
	s.Store = &userStore{store: store{options: o, kind: k}}
	s.Formatter = func(request *types.APIContext, resource *types.RawResource) {
		resource.AddAction(request, "setpassword")

		if who := caller(request); who != nil && who.GetName() == resource.ID {
			resource.Values["me"] = true
		}
	}
	s.CollectionFormatter = func(request *types.APIContext, collection *types.GenericCollection) {
		collection.Actions["changepassword"] = request.URLBuilder.CollectionAction(request.Schema, nil, "changepassword")
	}
	s.ActionHandler = func(name string, _ *types.Action, request *types.APIContext) error {
		switch name {
		case "changepassword":
			return o.changePassword(request)
		case "setpassword":
			return o.setPassword(request, s.Store)
		default:
			return httperror.NewAPIError(httperror.InvalidAction, "there is no action "+name)
		}
	}
}

// userStore is the store of users, who bring a password that the object does not keep.
type userStore struct{ store }

// List answers all users, or the caller alone where me=true.
func (s *userStore) List(request *types.APIContext, schema *types.Schema, options *types.QueryOptions) ([]map[string]interface{}, error) {
	if request.Query.Get("me") != "true" {
		return s.store.List(request, schema, options)
	}

	one, err := s.store.ByID(request, schema, caller(request).GetName())
	if err != nil {
		return nil, err
	}

	// norman would filter by the field, which only the formatter writes.
	one["me"] = true

	return []map[string]interface{}{one}, nil
}

// Create makes a user as the caller and keeps the password as the server.
func (s *userStore) Create(request *types.APIContext, schema *types.Schema, data map[string]interface{}) (map[string]interface{}, error) {
	username, _ := data["username"].(string)
	password, _ := data["password"].(string)

	err := s.options.Users.Check(request.Request.Context(), username, password)
	if errors.Is(err, account.ErrNoUsername) {
		return nil, httperror.NewFieldAPIError(httperror.MissingRequired, "username", err.Error())
	}

	if err != nil {
		return nil, httperror.NewFieldAPIError(httperror.MinLengthExceeded, "password", err.Error())
	}

	taken, err := s.options.Users.Taken(request.Request.Context(), username)
	if err != nil {
		return nil, err
	}

	if taken {
		return nil, httperror.NewFieldAPIError(httperror.NotUnique, "username", account.ErrTaken.Error())
	}

	made, err := s.store.Create(request, schema, data)
	if err != nil {
		return nil, err
	}

	id, _ := made["id"].(string)

	if err := s.options.Users.Complete(request.Request.Context(), id, password); err != nil {
		return nil, err
	}

	return s.store.ByID(request, schema, id)
}

// Delete removes a user; nobody removes himself.
func (s *userStore) Delete(request *types.APIContext, schema *types.Schema, id string) (map[string]interface{}, error) {
	if id == caller(request).GetName() {
		return nil, httperror.NewAPIError(httperror.InvalidAction, "you cannot delete yourself")
	}

	return s.store.Delete(request, schema, id)
}

// changePassword is for the caller's own password, whose old one he must know.
func (o Options) changePassword(request *types.APIContext) error {
	var given struct {
		CurrentPassword string `json:"currentPassword"`
		NewPassword     string `json:"newPassword"`
	}
	if err := read(request, &given); err != nil {
		return err
	}

	if err := refusal(o.Passwords.Change(request.Request.Context(), caller(request), given.CurrentPassword, given.NewPassword)); err != nil {
		return err
	}

	request.WriteResponse(http.StatusOK, nil)

	return nil
}

// setPassword is for the password of another, who need not choose one any more.
func (o Options) setPassword(request *types.APIContext, users types.Store) error {
	var given struct {
		NewPassword string `json:"newPassword"`
	}
	if err := read(request, &given); err != nil {
		return err
	}

	if err := refusal(o.Passwords.Set(request.Request.Context(), caller(request), request.ID, given.NewPassword)); err != nil {
		return err
	}

	if _, err := users.Update(request, request.Schema, map[string]any{"mustChangePassword": false}, request.ID); err != nil {
		return err
	}

	have, err := users.ByID(request, request.Schema, request.ID)
	if err != nil {
		return err
	}

	request.WriteResponse(http.StatusOK, have)

	return nil
}

// refusal is what the desk says, as /v3 says it.
func refusal(err error) error {
	var braked *password.BrakedError

	switch {
	case errors.As(err, &braked):
		return httperror.NewAPIError(httperror.ErrorCode{Code: "TooManyRequests", Status: http.StatusTooManyRequests}, braked.Error())
	case errors.Is(err, password.ErrCurrent):
		return httperror.NewFieldAPIError(httperror.InvalidFormat, "currentPassword", err.Error())
	case errors.Is(err, password.ErrForbidden):
		return httperror.NewAPIError(httperror.PermissionDenied, err.Error())
	case errors.Is(err, account.ErrTooShort):
		return httperror.NewFieldAPIError(httperror.MinLengthExceeded, "newPassword", err.Error())
	case errors.Is(err, account.ErrBusy):
		return httperror.NewAPIError(httperror.ErrorCode{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable}, err.Error())
	default:
		return translate(err)
	}
}

func read(request *types.APIContext, into any) error {
	content, err := io.ReadAll(io.LimitReader(request.Request.Body, maxBody))
	if err != nil {
		return err
	}

	if err := json.Unmarshal(content, into); err != nil {
		return httperror.NewAPIError(httperror.InvalidBodyContent, "the body must be JSON")
	}

	return nil
}
