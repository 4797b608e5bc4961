// Package password changes passwords: one's own by who knows the old one, and
// another's by who may update users and their passwords. It ends the sessions
// that the old password opened. It keeps no hashes, that is package account's,
// and speaks no HTTP: /v3 and ext.cattle.io both bring requests here. Begin
// reading at Desk.
package password

import (
	"context"
	"errors"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/authentication/user"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/access"
	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/login"
	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher/management"
)

var (
	// ErrCurrent is the answer to a wrong current password.
	ErrCurrent = errors.New("the current password is wrong")
	// ErrForbidden is the answer to who may not set another's password.
	ErrForbidden = errors.New("you may not set this user's password")
)

// BrakedError is the answer to who guessed too often.
type BrakedError struct {
	// Wait is how long until the next try.
	Wait time.Duration
}

// Error says how long to wait.
func (e *BrakedError) Error() string {
	return "too many wrong passwords, try again in " + e.Wait.String()
}

// Desk is where passwords are changed.
type Desk struct {
	// Live reads and writes past any cache, as the server itself.
	Live client.Client
	// Access asks who may set another's.
	Access *access.Reviewer
	// Users keeps the hashes.
	Users *account.Store
	// Tokens ends what the old password opened.
	Tokens *token.Store
	// Brake slows the guessing of a current password.
	Brake *login.Brake
}

// place is the brake's word for this desk, where logins have the client's
// address: whoever has a session guesses under his own name alone.
const place = "change-password "

// Change gives the caller a new password. The errors are ErrCurrent,
// *BrakedError and account.ErrTooShort.
func (d *Desk) Change(ctx context.Context, who user.Info, current, wanted string) error {
	if wait, ok := d.Brake.Allow(who.GetName(), place+who.GetName()); !ok {
		return &BrakedError{Wait: wait}
	}

	err := d.Users.VerifyID(ctx, who.GetName(), current)
	if errors.Is(err, account.ErrCredentials) {
		return ErrCurrent
	}

	if err != nil {
		return err
	}

	d.Brake.Forgive(who.GetName(), place+who.GetName())

	if err := d.keep(ctx, who.GetName(), wanted); err != nil {
		return err
	}

	return d.chosen(ctx, who.GetName())
}

// Set gives a user a new password without the old one. The caller must have what
// Rancher asks for: to update users, and the Secrets that have their passwords.
// The errors are ErrForbidden, account.ErrTooShort and the API server's NotFound.
func (d *Desk) Set(ctx context.Context, who user.Info, userID, wanted string) error {
	for _, needed := range []authorizationv1.ResourceAttributes{
		{Verb: "update", Group: management.GroupVersion.Group, Resource: "users", Name: userID},
		{Verb: "update", Resource: "secrets", Namespace: account.PasswordNamespace, Name: userID},
	} {
		allowed, err := d.Access.Allows(ctx, who, needed)
		if err != nil {
			return err
		}

		if !allowed {
			return ErrForbidden
		}
	}

	return d.keep(ctx, userID, wanted)
}

// keep keeps a password and ends the sessions that the old one opened, but for
// the one that asks.
func (d *Desk) keep(ctx context.Context, userID, wanted string) error {
	if err := d.Live.Get(ctx, client.ObjectKey{Name: userID}, &management.User{}); err != nil {
		return fmt.Errorf("user %s: %w", userID, err)
	}

	if err := d.Users.SetPassword(ctx, userID, wanted); err != nil {
		return err
	}

	asking := ""
	if presented := session.TokenFrom(ctx); presented != nil {
		asking = presented.Name
	}

	return d.Tokens.RevokeAll(ctx, userID, asking)
}

// chosen notes that a user has a password of his own choice.
func (d *Desk) chosen(ctx context.Context, userID string) error {
	patch := client.RawPatch(types.MergePatchType, []byte(`{"mustChangePassword":false}`))

	err := d.Live.Patch(ctx, &management.User{ObjectMeta: metav1.ObjectMeta{Name: userID}}, patch)
	if err != nil {
		return fmt.Errorf("user %s: %w", userID, err)
	}

	return nil
}
