package account

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/pkg/rancher/management"
)

const (
	// labelBootstrap marks the first administrator, as in Rancher.
	labelBootstrap      = "authz.management.cattle.io/bootstrapping"
	labelBootstrapValue = "admin-user"
	// madeNamespace and madeName are the ConfigMap by which Rancher remembers that
	// there was a first administrator. What people did with him since is theirs.
	madeNamespace       = "cattle-system"
	madeName            = "admincreated"
	firstPasswordLength = 20
)

// First is how the first administrator was made.
type First struct {
	// User is the administrator; nil when there was one before.
	User *management.User
	// Password is the one to print, once; empty when the caller gave it.
	Password string
}

// EnsureFirst makes the user admin on a hub that never had an administrator, with
// the given password or a random one.
func (s *Store) EnsureFirst(ctx context.Context, password string) (First, error) {
	before, err := s.hadFirst(ctx)
	if err != nil {
		return First{}, fmt.Errorf("look for the first administrator: %w", err)
	}

	if before {
		return First{}, s.rememberFirst(ctx)
	}

	shown := ""

	if password == "" {
		word, err := random.Word(firstPasswordLength)
		if err != nil {
			return First{}, err
		}

		password, shown = word, word
	}

	made, err := s.firstUser(ctx, password)
	if err != nil {
		return First{}, err
	}

	if err := s.Grant(ctx, made.Name, RoleAdmin); err != nil {
		return First{}, err
	}

	// The label last: only who has a password and the right counts as made.
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": map[string]string{labelBootstrap: labelBootstrapValue}}})
	if err != nil {
		return First{}, err
	}

	if err := s.Client.Patch(ctx, made, client.RawPatch("application/merge-patch+json", patch)); err != nil {
		return First{}, fmt.Errorf("mark the first administrator: %w", err)
	}

	return First{User: made, Password: shown}, s.rememberFirst(ctx)
}

// hadFirst tells whether there was a first administrator. The label is for a hub
// that stopped before it wrote the ConfigMap.
func (s *Store) hadFirst(ctx context.Context) (bool, error) {
	err := s.Client.Get(ctx, client.ObjectKey{Namespace: madeNamespace, Name: madeName}, &corev1.ConfigMap{})
	if err == nil || !apierrors.IsNotFound(err) {
		return err == nil, err
	}

	var admins management.UserList
	if err := s.Client.List(ctx, &admins, client.MatchingLabels{labelBootstrap: labelBootstrapValue}); err != nil {
		return false, err
	}

	return len(admins.Items) > 0, nil
}

func (s *Store) rememberFirst(ctx context.Context) error {
	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: madeNamespace, Name: madeName}}
	if err := s.Client.Create(ctx, made); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("remember the first administrator: %w", err)
	}

	return nil
}

// firstUser makes the user, or goes on with one whom a crash left half made.
func (s *Store) firstUser(ctx context.Context, password string) (*management.User, error) {
	found, err := s.find(ctx, "admin")
	if err != nil {
		return nil, err
	}

	if found != nil {
		return found, s.setPassword(ctx, found.Name, password)
	}

	suffix, err := random.Word(idLength)
	if err != nil {
		return nil, err
	}

	return s.Create(ctx, Request{
		Name: "user-" + suffix, Username: "admin", DisplayName: "Default Admin", Password: password,
	})
}

// EnsureSystem makes a user for a program, who has no password.
func (s *Store) EnsureSystem(ctx context.Context, name, displayName string) (*management.User, error) {
	found := &management.User{}

	err := s.Client.Get(ctx, client.ObjectKey{Name: name}, found)
	if apierrors.IsNotFound(err) {
		found, err = s.Create(ctx, Request{Name: name, DisplayName: displayName, Principal: "system://" + name})
	}

	if err != nil {
		return nil, fmt.Errorf("system user %s: %w", name, err)
	}

	return found, s.Grant(ctx, name, RoleAdmin)
}

// Grant gives a global role to a user.
func (s *Store) Grant(ctx context.Context, userID, role string) error {
	binding := &management.GlobalRoleBinding{
		ObjectMeta:     metav1.ObjectMeta{Name: "grb-" + userID + "-" + role},
		UserName:       userID,
		GlobalRoleName: role,
	}

	err := s.Client.Create(ctx, binding)
	if apierrors.IsAlreadyExists(err) {
		return nil
	}

	if err != nil {
		return fmt.Errorf("give the role %s to %s: %w", role, userID, err)
	}

	return nil
}
