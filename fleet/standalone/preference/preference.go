// Package preference keeps what each user likes, the theme or the last page, as
// management.cattle.io/v3 Preference objects in the namespace that is named as
// the user. It is the store behind Steve's type userpreference, whose own store
// has one file for everybody. Begin reading at Store.
package preference

import (
	"context"
	"fmt"
	"net/http"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/store/empty"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/resources/userpreferences"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apivalidation "k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/pkg/rancher/management"
)

// mostValue bounds one preference and most their number: this is no file store.
const (
	mostValue = 64 << 10
	most      = 200
)

// Store reads and writes the preferences of the user who asks, and of no other.
type Store struct {
	empty.Store
	// Client reads and writes past any cache, so that a page reads what it wrote.
	Client client.Client
}

// ByID answers the caller's preferences.
func (s *Store) ByID(apiOp *types.APIRequest, _ *types.APISchema, id string) (types.APIObject, error) {
	name, err := caller(apiOp, id)
	if err != nil {
		return types.APIObject{}, err
	}

	have, err := s.read(apiOp.Context(), name)
	if err != nil {
		return types.APIObject{}, err
	}

	data := map[string]string{}
	for _, one := range have {
		data[one.Name] = one.Value
	}

	return types.APIObject{Type: "userpreference", ID: name, Object: userpreferences.UserPreference{Data: data}}, nil
}

// List answers one object, the caller's.
func (s *Store) List(apiOp *types.APIRequest, schema *types.APISchema) (types.APIObjectList, error) {
	one, err := s.ByID(apiOp, schema, "")
	if err != nil {
		return types.APIObjectList{}, err
	}

	return types.APIObjectList{Objects: []types.APIObject{one}}, nil
}

// Update writes the caller's preferences; those that are not named stay.
func (s *Store) Update(apiOp *types.APIRequest, schema *types.APISchema, data types.APIObject, id string) (types.APIObject, error) {
	name, err := caller(apiOp, id)
	if err != nil {
		return types.APIObject{}, err
	}

	wanted := data.Data().Map("data")

	tooMany, err := s.tooMany(apiOp.Context(), name, wanted)
	if err != nil {
		return types.APIObject{}, err
	}

	if tooMany {
		return types.APIObject{}, apierror.NewFieldAPIError(validation.MaxLengthExceeded, "data", fmt.Sprintf("at most %d preferences", most))
	}

	if err := s.ensureNamespace(apiOp.Context(), name); err != nil {
		return types.APIObject{}, err
	}

	for key := range wanted {
		value := wanted.String(key)
		if problems := apivalidation.IsDNS1123Subdomain(key); len(problems) > 0 || len(value) > mostValue {
			return types.APIObject{}, apierror.NewFieldAPIError(validation.InvalidFormat, "data."+key, "the preference's name or value cannot be kept")
		}

		if err := s.write(apiOp.Context(), name, key, value); err != nil {
			return types.APIObject{}, err
		}
	}

	return s.ByID(apiOp, schema, id)
}

// Delete forgets the caller's preferences.
func (s *Store) Delete(apiOp *types.APIRequest, schema *types.APISchema, id string) (types.APIObject, error) {
	name, err := caller(apiOp, id)
	if err != nil {
		return types.APIObject{}, err
	}

	err = s.Client.DeleteAllOf(apiOp.Context(), &management.Preference{}, client.InNamespace(name))
	if client.IgnoreNotFound(err) != nil {
		return types.APIObject{}, fmt.Errorf("forget the preferences of %s: %w", name, err)
	}

	return s.ByID(apiOp, schema, id)
}

// caller is who asks; another's preferences are nobody's business.
func caller(apiOp *types.APIRequest, id string) (string, error) {
	who := session.UserFrom(apiOp.Context())
	if who == nil {
		return "", apierror.NewAPIError(validation.Unauthorized, "must authenticate")
	}

	if id != "" && id != who.GetName() {
		return "", apierror.NewAPIError(validation.ErrorCode{Code: "NotFound", Status: http.StatusNotFound}, "there are no such preferences")
	}

	return who.GetName(), nil
}

func (s *Store) read(ctx context.Context, name string) ([]management.Preference, error) {
	var have management.PreferenceList
	if err := s.Client.List(ctx, &have, client.InNamespace(name)); err != nil {
		return nil, fmt.Errorf("read the preferences of %s: %w", name, err)
	}

	return have.Items, nil
}

// tooMany tells whether somebody would have too many with those that he has.
func (s *Store) tooMany(ctx context.Context, name string, wanted map[string]any) (bool, error) {
	have, err := s.read(ctx, name)
	if err != nil {
		return false, err
	}

	all := map[string]bool{}
	for i := range have {
		all[have[i].Name] = true
	}

	for key := range wanted {
		all[key] = true
	}

	return len(all) > most, nil
}

func (s *Store) write(ctx context.Context, name, key, value string) error {
	have := &management.Preference{}

	err := s.Client.Get(ctx, client.ObjectKey{Namespace: name, Name: key}, have)
	if apierrors.IsNotFound(err) {
		have = &management.Preference{ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: key}, Value: value}
		err = s.Client.Create(ctx, have)
	} else if err == nil && have.Value != value {
		have.Value = value
		err = s.Client.Update(ctx, have)
	}

	if err != nil {
		return fmt.Errorf("keep the preference %s of %s: %w", key, name, err)
	}

	return nil
}

func (s *Store) ensureNamespace(ctx context.Context, name string) error {
	err := s.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("namespace of user %s: %w", name, err)
	}

	return nil
}
