// Package token mints, checks and revokes what clients present: the sessions of
// browsers and the API keys of programs, both as management.cattle.io/v3 Token.
// A client holds "token-xxxxx:secret"; the cluster holds the name and the hash of
// the secret, so that whoever reads the objects cannot log in with them. It knows
// nothing of HTTP. Begin reading at Store.
package token

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/random"
	"crofthci.io/croft/pkg/rancher/management"
)

// ErrInvalid is the answer to every token that is not good, whatever the reason,
// so that a guesser learns nothing.
var ErrInvalid = errors.New("the token is not valid")

// LabelUserID is the label by which the tokens of one user are found.
const LabelUserID = "authn.management.cattle.io/token-userId"

// LabelKind tells a session from an API key.
const LabelKind = "authn.management.cattle.io/kind"

const (
	nameLength   = 5
	secretLength = 54
	hashPrefix   = "$sha256:"
)

// Store keeps tokens in the hub's API server.
type Store struct {
	// Client reads, perhaps from a cache, and writes.
	Client client.Client
	// Live reads past any cache.
	Live client.Reader
	// Now is the clock.
	Now func() time.Time
}

// Request says what token is wanted.
type Request struct {
	// UserID is the name of the user.
	UserID string
	// Kind is "session" or "api".
	Kind string
	// Name is the name of the object; none means a random token-xxxxx.
	Name string
	// Description is free text.
	Description string
	// Life is how long it lives; 0 is forever.
	Life time.Duration
	// ClusterName limits the token to one cluster.
	ClusterName string
}

// Mint makes a token and returns what the client is to present.
func (s *Store) Mint(ctx context.Context, req Request) (string, *management.Token, error) {
	secret, err := random.Word(secretLength)
	if err != nil {
		return "", nil, err
	}

	name := req.Name
	if name == "" {
		suffix, err := random.Word(nameLength)
		if err != nil {
			return "", nil, err
		}

		name = "token-" + suffix
	}

	made := &management.Token{
		ObjectMeta: metav1.ObjectMeta{
			Name:   name,
			Labels: map[string]string{LabelUserID: req.UserID, LabelKind: req.Kind},
		},
		Token:        Hash(secret),
		UserID:       req.UserID,
		AuthProvider: "local",
		TTLMillis:    req.Life.Milliseconds(),
		IsDerived:    req.Kind != "session",
		Description:  req.Description,
		ClusterName:  req.ClusterName,
	}
	if req.Life > 0 {
		made.ExpiresAt = s.Now().Add(req.Life).UTC().Format(time.RFC3339)
	}

	if err := s.Client.Create(ctx, made); err != nil {
		return "", nil, fmt.Errorf("create token %s: %w", name, err)
	}

	return name + ":" + secret, made, nil
}

// Check finds the token that a client presented, or answers ErrInvalid.
func (s *Store) Check(ctx context.Context, presented string) (*management.Token, error) {
	return s.check(ctx, presented, s.Live)
}

// CheckKnown is Check for who presented too much that nobody knows: it asks the
// cache alone, which costs nothing.
func (s *Store) CheckKnown(ctx context.Context, presented string) (*management.Token, error) {
	return s.check(ctx, presented, nil)
}

func (s *Store) check(ctx context.Context, presented string, live client.Reader) (*management.Token, error) {
	name, secret, ok := strings.Cut(presented, ":")
	if !ok || secret == "" || len(presented) > 512 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return nil, ErrInvalid
	}

	found := &management.Token{}

	err := s.Client.Get(ctx, client.ObjectKey{Name: name}, found)
	if apierrors.IsNotFound(err) && live != nil {
		// A token that was minted a moment ago is not in the cache yet.
		err = live.Get(ctx, client.ObjectKey{Name: name}, found)
	}

	if apierrors.IsNotFound(err) {
		return nil, ErrInvalid
	}

	if err != nil {
		return nil, fmt.Errorf("read token %s: %w", name, err)
	}

	if !Matches(found.Token, secret) || !found.IsEnabled() || found.DeletionTimestamp != nil || Ended(found, s.Now()) {
		return nil, ErrInvalid
	}

	return found, nil
}

// Revoke ends a token.
func (s *Store) Revoke(ctx context.Context, name string) error {
	err := s.Client.Delete(ctx, &management.Token{ObjectMeta: metav1.ObjectMeta{Name: name}})

	return client.IgnoreNotFound(err)
}

// RevokeAll ends every token of a user, except the one named. It looks past the
// cache, which may not know yet what was minted a moment ago.
func (s *Store) RevokeAll(ctx context.Context, userID, except string) error {
	var all management.TokenList
	if err := s.Live.List(ctx, &all, client.MatchingLabels{LabelUserID: userID}); err != nil {
		return fmt.Errorf("list tokens of %s: %w", userID, err)
	}

	for i := range all.Items {
		if all.Items[i].Name == except {
			continue
		}

		if err := s.Revoke(ctx, all.Items[i].Name); err != nil {
			return fmt.Errorf("revoke token %s: %w", all.Items[i].Name, err)
		}
	}

	return nil
}

// Sweep deletes the tokens that have ended. One that is another than the cache
// remembers stays: it may have been given a longer life, or be a new one of its name.
func (s *Store) Sweep(ctx context.Context) error {
	var all management.TokenList
	if err := s.Client.List(ctx, &all); err != nil {
		return fmt.Errorf("list tokens: %w", err)
	}

	for i := range all.Items {
		if !Ended(&all.Items[i], s.Now()) {
			continue
		}

		this := client.Preconditions{UID: &all.Items[i].UID, ResourceVersion: &all.Items[i].ResourceVersion}

		err := s.Client.Delete(ctx, &all.Items[i], this)
		if client.IgnoreNotFound(err) != nil && !apierrors.IsConflict(err) {
			return fmt.Errorf("delete ended token %s: %w", all.Items[i].Name, err)
		}
	}

	return nil
}

// Ended tells whether a token's life is over.
func Ended(t *management.Token, now time.Time) bool {
	if t.Expired {
		return true
	}

	if t.ExpiresAt != "" {
		end, err := time.Parse(time.RFC3339, t.ExpiresAt)

		return err != nil || !now.Before(end)
	}

	if t.TTLMillis <= 0 {
		return false
	}

	return !now.Before(t.CreationTimestamp.Add(time.Duration(t.TTLMillis) * time.Millisecond))
}

// Hash is what the cluster keeps of a secret. The secret is long and random, so a
// plain hash is enough; passwords are another matter (see package account).
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))

	return hashPrefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

// Matches compares in a time that does not depend on where they differ.
func Matches(hash, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(Hash(secret))) == 1
}
