// Package userstore is what the dashboard's form for users writes by Steve: a
// User, and then a Secret with his password as it was typed. Here the user gets
// his name and his identity, and the password is hashed before anything keeps it.
// Everything else, and who may do it, is Steve's and the API server's. Begin
// reading at Users and at Passwords.
package userstore

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/data"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"

	"crofthci.io/croft/fleet/standalone/account"
)

// Users wraps Steve's store of users.
func Users(inner types.Store, accounts *account.Store) types.Store {
	return &users{Store: inner, accounts: accounts}
}

type users struct {
	types.Store
	accounts *account.Store
}

// Create makes a user with a username of his own.
func (s *users) Create(request *types.APIRequest, schema *types.APISchema, given types.APIObject) (types.APIObject, error) {
	object := given.Data()
	if err := s.check(request.Context(), object); err != nil {
		return types.APIObject{}, err
	}

	name := object.String("metadata", "name")
	if name == "" {
		var err error
		if name, err = account.NewName(); err != nil {
			return types.APIObject{}, err
		}

		object.SetNested(name, "metadata", "name")
	}

	object["principalIds"] = []any{account.Principal(name)}

	return s.Store.Create(request, schema, types.APIObject{Type: given.Type, ID: given.ID, Object: map[string]any(object)})
}

func (s *users) check(ctx context.Context, object data.Object) error {
	if object.String("password") != "" {
		return apierror.NewFieldAPIError(validation.InvalidOption, "password", "a user's object keeps no password: write a secret to "+account.PasswordNamespace)
	}

	username := object.String("username")
	if strings.TrimSpace(username) == "" {
		return apierror.NewFieldAPIError(validation.MissingRequired, "username", account.ErrNoUsername.Error())
	}

	taken, err := s.accounts.Taken(ctx, username)
	if err != nil {
		return err
	}

	if taken {
		return apierror.NewFieldAPIError(validation.NotUnique, "username", account.ErrTaken.Error())
	}

	return nil
}

// Update changes a user, but for his username: another may have taken it since.
func (s *users) Update(request *types.APIRequest, schema *types.APISchema, given types.APIObject, id string) (types.APIObject, error) {
	object := given.Data()
	if object.String("password") != "" {
		return types.APIObject{}, apierror.NewFieldAPIError(validation.InvalidOption, "password", "passwords are changed by ext.cattle.io.passwordchangerequest")
	}

	if request.Method == http.MethodPut {
		have, err := s.ByID(request, schema, id)
		if err != nil {
			return types.APIObject{}, err
		}

		before := have.Data()
		if object.String("username") != before.String("username") {
			return types.APIObject{}, apierror.NewFieldAPIError(validation.InvalidOption, "username", "a username stays")
		}
	}

	return s.Store.Update(request, schema, given, id)
}

// Passwords wraps Steve's store of Secrets, for those that are passwords.
func Passwords(inner types.Store, accounts *account.Store) types.Store {
	return &passwords{Store: inner, accounts: accounts}
}

type passwords struct {
	types.Store
	accounts *account.Store
}

// Create keeps the hash of a password in the place of the password.
func (s *passwords) Create(request *types.APIRequest, schema *types.APISchema, given types.APIObject) (types.APIObject, error) {
	object := given.Data()

	namespace := object.String("metadata", "namespace")
	if namespace == "" {
		namespace = request.Namespace
	}

	if namespace != account.PasswordNamespace {
		return s.Store.Create(request, schema, given)
	}

	typed, err := typedPassword(object)
	if err != nil {
		return types.APIObject{}, err
	}

	name := object.String("metadata", "name")

	hashed, err := s.accounts.HashFor(request.Context(), name, typed)
	if err != nil {
		return types.APIObject{}, refusal(err)
	}

	annotations := map[string]any{}
	for key, value := range account.PasswordAnnotations() {
		annotations[key] = value
	}

	made, err := s.Store.Create(request, schema, types.APIObject{Type: given.Type, Object: map[string]any{
		"metadata": map[string]any{"namespace": namespace, "name": name, "annotations": annotations},
		"data":     map[string]any{account.PasswordKey: base64.StdEncoding.EncodeToString([]byte(hashed))},
	}})
	if err != nil {
		return types.APIObject{}, err
	}

	// Who may make a password need not be one who may read its hash.
	shown := made.Data()
	delete(shown, "data")

	return types.APIObject{Type: made.Type, ID: made.ID, Object: map[string]any(shown)}, nil
}

// Update refuses passwords: what is there is a hash, and a new password also ends
// sessions.
func (s *passwords) Update(request *types.APIRequest, schema *types.APISchema, given types.APIObject, id string) (types.APIObject, error) {
	if request.Namespace == account.PasswordNamespace || strings.HasPrefix(id, account.PasswordNamespace+"/") {
		return types.APIObject{}, apierror.NewAPIError(validation.MethodNotAllowed, "passwords are changed by ext.cattle.io.passwordchangerequest")
	}

	return s.Store.Update(request, schema, given, id)
}

func typedPassword(object data.Object) (string, error) {
	if typed := object.String("stringData", account.PasswordKey); typed != "" {
		return typed, nil
	}

	decoded, err := base64.StdEncoding.DecodeString(object.String("data", account.PasswordKey))
	if err != nil {
		return "", apierror.NewFieldAPIError(validation.InvalidFormat, "data."+account.PasswordKey, "a secret's data is base64")
	}

	return string(decoded), nil
}

func refusal(err error) error {
	switch {
	case errors.Is(err, account.ErrTooShort):
		return apierror.NewFieldAPIError(validation.MinLengthExceeded, "data."+account.PasswordKey, err.Error())
	case errors.Is(err, account.ErrNobody):
		return apierror.NewFieldAPIError(validation.InvalidReference, "metadata.name", err.Error())
	case errors.Is(err, account.ErrBusy):
		return apierror.NewAPIError(validation.ErrorCode{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable}, err.Error())
	default:
		return err
	}
}
