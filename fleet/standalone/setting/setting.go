// Package setting reads the settings that this server obeys itself; all others
// are kept for the page alone (see package bootstrap). It writes none. Begin
// reading at Reader.
package setting

import (
	"context"
	"strconv"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
)

// Number is a setting that counts something.
type Number struct {
	// Name is the setting's name.
	Name string
	// Default is Rancher's.
	Default int64
}

// Numbers are the settings that this server obeys.
func Numbers() []Number {
	return []Number{passwordLength, sessionMinutes, kubeconfigMinutes, tokenMinutes}
}

var (
	// passwordLength is how many characters a password has at least.
	passwordLength = Number{"password-min-length", 12}
	// sessionMinutes is how long a login lasts.
	sessionMinutes = Number{"auth-user-session-ttl-minutes", 16 * 60}
	// kubeconfigMinutes is how long the token in a kubeconfig lives.
	kubeconfigMinutes = Number{"kubeconfig-default-token-ttl-minutes", 30 * 24 * 60}
	// tokenMinutes is the longest life of a token that is no login; 0 is forever.
	tokenMinutes = Number{"auth-token-max-ttl-minutes", 90 * 24 * 60}
)

// Reader reads settings. A nil reader knows the defaults.
type Reader struct {
	// Client reads, perhaps from a cache.
	Client client.Reader
}

// PasswordLength is how many characters a password has at least.
func (r *Reader) PasswordLength(ctx context.Context) int {
	return int(r.number(ctx, passwordLength))
}

// SessionLife is how long a login lasts. It always ends.
func (r *Reader) SessionLife(ctx context.Context) time.Duration {
	if life := r.minutes(ctx, sessionMinutes); life > 0 {
		return life
	}

	return time.Duration(sessionMinutes.Default) * time.Minute
}

// KubeconfigLife is how long the token in a kubeconfig lives; 0 is forever.
func (r *Reader) KubeconfigLife(ctx context.Context) time.Duration {
	return r.TokenLife(ctx, r.minutes(ctx, kubeconfigMinutes))
}

// TokenLife is how long a token lives for which somebody asked this long; 0 is
// forever.
func (r *Reader) TokenLife(ctx context.Context, asked time.Duration) time.Duration {
	most := r.minutes(ctx, tokenMinutes)
	if most > 0 && (asked <= 0 || asked > most) {
		return most
	}

	return asked
}

func (r *Reader) minutes(ctx context.Context, n Number) time.Duration {
	return time.Duration(r.number(ctx, n)) * time.Minute
}

// number is a setting's value. What cannot be read, or is no number that makes
// sense, is the default: a mistake there must not let passwords be short or
// tokens live for ever.
func (r *Reader) number(ctx context.Context, n Number) int64 {
	if r == nil {
		return n.Default
	}

	have := &management.Setting{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: n.Name}, have); err != nil {
		return n.Default
	}

	// Four thousand years are forever enough, and do not overflow.
	value, err := strconv.ParseInt(have.Effective(), 10, 32)
	if err != nil || value < 0 {
		return n.Default
	}

	return value
}
