package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"
)

// hashing are the costs of argon2id that OWASP asks for at least: 19 MiB, two
// passes. A login takes about 20 ms of one core.
var hashing = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltLength = 16
	keyLength  = 32
	// mostMemory is the most KiB that a kept hash may ask for.
	mostMemory = 64 * 1024
)

type cost struct {
	memory, passes uint32
	threads        uint8
}

const (
	// atOnce is how many passwords are hashed at the same time: what a crowd of
	// guessers can take of memory and cores.
	atOnce = 4
	// turnTime bounds how long one waits for that.
	turnTime = 10 * time.Second
)

// ErrBusy means that too many passwords are being checked.
var ErrBusy = errors.New("too many logins at once, try again")

// turns lets a few hash at a time.
type turns struct {
	once  sync.Once
	taken chan struct{}
}

// wait takes a turn, which must be given back, or answers ErrBusy.
func (t *turns) wait(ctx context.Context) (done func(), err error) {
	t.once.Do(func() { t.taken = make(chan struct{}, atOnce) })

	ctx, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()

	select {
	case t.taken <- struct{}{}:
		return func() { <-t.taken }, nil
	case <-ctx.Done():
		return nil, ErrBusy
	}
}

// matches is matches in its turn.
func (s *Store) matches(ctx context.Context, hashed, password string) (bool, error) {
	done, err := s.turns.wait(ctx)
	if err != nil {
		return false, err
	}
	defer done()

	return matches(hashed, password), nil
}

// hash is hash in its turn.
func (s *Store) hash(ctx context.Context, password string) (string, error) {
	done, err := s.turns.wait(ctx)
	if err != nil {
		return "", err
	}
	defer done()

	return hash(password)
}

// hash is a password as it is kept, in the PHC format that names its own costs.
func hash(password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}

	key := argon2.IDKey([]byte(password), salt, hashing.passes, hashing.memory, hashing.threads, keyLength)

	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashing.memory, hashing.passes,
		hashing.threads, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// matches tells whether a password is the one that was hashed. A hash that
// cannot be read matches nothing.
func matches(hashed, password string) bool {
	parts := strings.Split(hashed, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}

	var used cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &used.memory, &used.passes, &used.threads); err != nil {
		return false
	}

	// A hash that asks for absurd costs would be a way to stop the hub.
	if used.memory > mostMemory || used.passes == 0 || used.passes > 16 || used.threads == 0 {
		return false
	}

	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}

	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 || len(want) > 64 {
		return false
	}

	have := argon2.IDKey([]byte(password), salt, used.passes, used.memory, used.threads, uint32(len(want)))

	return subtle.ConstantTimeCompare(have, want) == 1
}
