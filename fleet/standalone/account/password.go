package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// hashing are the costs of argon2id that OWASP asks for at least: 19 MiB, two
// passes. A login takes about 20 ms of one core.
var hashing = cost{memory: 19 * 1024, passes: 2, threads: 1}

const (
	saltLength = 16
	keyLength  = 32
)

type cost struct {
	memory, passes uint32
	threads        uint8
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
	if used.memory > 1<<20 || used.passes == 0 || used.passes > 16 || used.threads == 0 {
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
