package token

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/test/behind"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newStore(t *testing.T, have ...client.Object) *Store {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := rancher.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}

	objects := fake.NewClientBuilder().WithScheme(scheme).WithObjects(have...).Build()

	return &Store{Client: objects, Live: objects, Now: func() time.Time { return noon }}
}

func TestCheck(t *testing.T) {
	made := func(change func(*management.Token)) *management.Token {
		have := &management.Token{
			ObjectMeta: metav1.ObjectMeta{Name: "token-abcde", CreationTimestamp: metav1.NewTime(noon.Add(-time.Hour))},
			Token:      Hash("secret"), UserID: "u-1",
		}
		if change != nil {
			change(have)
		}

		return have
	}

	cases := map[string]struct {
		reason    string
		token     *management.Token
		presented string
		want      error
	}{
		"Good":        {"name and secret are right", made(nil), "token-abcde:secret", nil},
		"WrongSecret": {"the secret must match", made(nil), "token-abcde:secreT", ErrInvalid},
		"TheHash":     {"the hash that the object shows must not open anything", made(nil), "token-abcde:" + Hash("secret"), ErrInvalid},
		"NoSecret":    {"a name alone is nothing", made(nil), "token-abcde:", ErrInvalid},
		"NoColon":     {"a word alone is nothing", made(nil), "token-abcde", ErrInvalid},
		"Unknown":     {"nobody minted it", made(nil), "token-fghij:secret", ErrInvalid},
		"Strange":     {"a name that no object can have", made(nil), "../x y:secret", ErrInvalid},
		"Long":        {"nobody presents a book", made(nil), "token-abcde:" + strings.Repeat("x", 600), ErrInvalid},
		"Expired":     {"its life is over", made(func(t *management.Token) { t.ExpiresAt = noon.Format(time.RFC3339) }), "token-abcde:secret", ErrInvalid},
		"TTL":         {"its life is over by its ttl", made(func(t *management.Token) { t.TTLMillis = 1000 }), "token-abcde:secret", ErrInvalid},
		"Alive":       {"its life goes on", made(func(t *management.Token) { t.TTLMillis = (2 * time.Hour).Milliseconds() }), "token-abcde:secret", nil},
		"Flagged":     {"somebody marked it as expired", made(func(t *management.Token) { t.Expired = true }), "token-abcde:secret", ErrInvalid},
		"Disabled":    {"somebody switched it off", made(func(t *management.Token) { t.Enabled = ptr.To(false) }), "token-abcde:secret", ErrInvalid},
		"BadDate":     {"an end that cannot be read is no reason to live for ever", made(func(t *management.Token) { t.ExpiresAt = "soon" }), "token-abcde:secret", ErrInvalid},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := newStore(t, tc.token).Check(t.Context(), tc.presented)
			if !errors.Is(err, tc.want) {
				t.Errorf("%s: want %v, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

func TestCheckKnown(t *testing.T) {
	fresh := &management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-fresh"}, Token: Hash("secret"), UserID: "u-1"}
	known := &management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-known"}, Token: Hash("secret"), UserID: "u-1"}
	store := newStore(t, known)
	store.Live = newStore(t, known, fresh).Client

	if _, err := store.Check(t.Context(), "token-fresh:secret"); err != nil {
		t.Errorf("a token that the cache does not know yet is good: %v", err)
	}

	if _, err := store.CheckKnown(t.Context(), "token-known:secret"); err != nil {
		t.Errorf("a token that is known is good, whoever else is behind the address: %v", err)
	}

	if _, err := store.CheckKnown(t.Context(), "token-fresh:secret"); !errors.Is(err, ErrInvalid) {
		t.Errorf("who guesses makes nobody look further, got %v", err)
	}
}

func TestMintAndRevoke(t *testing.T) {
	store := newStore(t)
	ctx := context.Background()

	first, made, err := store.Mint(ctx, Request{UserID: "u-1", Kind: "session", Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}

	second, _, err := store.Mint(ctx, Request{UserID: "u-1", Kind: "api"})
	if err != nil {
		t.Fatal(err)
	}

	if !strings.HasPrefix(first, "token-") || strings.Contains(made.Token, strings.SplitN(first, ":", 2)[1]) {
		t.Errorf("the object must hold the hash alone, got %q for %q", made.Token, first)
	}

	if made.ExpiresAt != "2026-11-22T13:00:00Z" {
		t.Errorf("an hour is an hour, got %s", made.ExpiresAt)
	}

	if err := store.RevokeAll(ctx, "u-1", made.Name); err != nil {
		t.Fatal(err)
	}

	if _, err := store.Check(ctx, first); err != nil {
		t.Errorf("the exception stays: %v", err)
	}

	if _, err := store.Check(ctx, second); !errors.Is(err, ErrInvalid) {
		t.Errorf("the others end, got %v", err)
	}
}

func TestSweep(t *testing.T) {
	ended := &management.Token{ObjectMeta: metav1.ObjectMeta{Name: "ended"}, ExpiresAt: noon.Add(-time.Second).Format(time.RFC3339)}
	alive := &management.Token{ObjectMeta: metav1.ObjectMeta{Name: "alive"}, ExpiresAt: noon.Add(time.Second).Format(time.RFC3339)}
	store := newStore(t, ended, alive)

	if err := store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}

	var left management.TokenList
	if err := store.Client.List(t.Context(), &left); err != nil {
		t.Fatal(err)
	}

	if len(left.Items) != 1 || left.Items[0].Name != "alive" {
		t.Errorf("only what has ended goes, got %v", left.Items)
	}
}

// TestSweepRemembered holds that a token is not deleted for what the cache remembers of it.
func TestSweepRemembered(t *testing.T) {
	token := &management.Token{ObjectMeta: metav1.ObjectMeta{Name: "ended"}, ExpiresAt: noon.Add(-time.Second).Format(time.RFC3339)}
	store := newStore(t, token)

	var known management.TokenList
	if err := store.Client.List(t.Context(), &known); err != nil {
		t.Fatal(err)
	}

	longer := known.Items[0].DeepCopy()
	longer.ExpiresAt = noon.Add(time.Hour).Format(time.RFC3339)

	if err := store.Client.Update(t.Context(), longer); err != nil {
		t.Fatal(err)
	}

	store.Client = behind.Remembers(store.Client.(client.WithWatch), &known.Items[0]) //nolint:forcetypeassert // the fake one is.

	if err := store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}

	if err := store.Live.Get(t.Context(), client.ObjectKeyFromObject(token), longer); err != nil {
		t.Errorf("a token whose life was made longer goes on: %v", err)
	}
}
