package login

import (
	"crypto/sha256"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// burst are the wrong passwords that cost nothing: people mistype.
	burst = 5
	// refill is how long one more try takes to come back.
	refill = 10 * time.Second
	// addressBurst and addressRefill brake one address that tries many names.
	addressBurst  = 50
	addressRefill = time.Second
	// most is how many brakes of a kind are kept.
	most = 10_000
	// shared is how many brakes strangers share while so many are kept.
	shared = 256
	// looked is how many brakes each try looks at for one that is at rest.
	looked = 8
)

// Brake slows guessing: per address over all users, and per user and address. A
// guesser elsewhere cannot lock a user out, because the address is in the key. No
// flood of names or addresses makes it forget a brake that holds somebody: only
// brakes at rest go, and strangers share a few while there is no room.
type Brake struct {
	// Now is the clock.
	Now func() time.Time

	mutex     sync.Mutex
	pairs     shelf
	addresses shelf
	strangers shelf
}

// Allow takes one try, or answers how long to wait for the next. It is asked
// before the password is checked, so that tries at once count too.
func (b *Brake) Allow(username, address string) (time.Duration, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	now := b.Now()

	// The address first: who has no try left adds no name.
	whole := b.addresses.get(keyOf(address), addressRefill, addressBurst, now)
	if whole.TokensAt(now) < 1 {
		return addressRefill, false
	}

	pair := b.pairs.get(keyOf(strings.ToLower(username), address), refill, burst, now)
	if pair.TokensAt(now) < 1 {
		return refill, false
	}

	return 0, pair.AllowN(now, 1) && whole.AllowN(now, 1)
}

// Forgive forgets the tries of a user who knew the password.
func (b *Brake) Forgive(username, address string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	delete(b.pairs.known, keyOf(strings.ToLower(username), address))
}

// Blame takes a try from an address that presented a token that nobody knows.
func (b *Brake) Blame(address string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	now := b.Now()
	b.strangers.get(keyOf(address), addressRefill, addressBurst, now).AllowN(now, 1)
}

// Blamed tells whether an address presented too many of those. It is refused
// nothing that is known: behind one address there may be others.
func (b *Brake) Blamed(address string) bool {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	found := b.strangers.known[keyOf(address)]

	return found != nil && found.TokensAt(b.Now()) < 1
}

// key is what a brake is kept under: short, whatever a guesser sends.
type key [sha256.Size]byte

func keyOf(parts ...string) key { return sha256.Sum256([]byte(strings.Join(parts, "\x00"))) }

// shelf keeps the brakes of one kind.
type shelf struct {
	known map[key]*rate.Limiter
	rest  [shared]*rate.Limiter
}

func (s *shelf) get(k key, every time.Duration, burst int, now time.Time) *rate.Limiter {
	if found := s.known[k]; found != nil {
		return found
	}

	s.tidy(burst, now)

	made := rate.NewLimiter(rate.Every(every), burst)

	if len(s.known) < most {
		if s.known == nil {
			s.known = map[key]*rate.Limiter{}
		}

		s.known[k] = made

		return made
	}

	if s.rest[k[0]] == nil {
		s.rest[k[0]] = made
	}

	return s.rest[k[0]]
}

// tidy drops a few brakes that are at rest, and so as good as new ones. A map is
// gone through from another place each time.
func (s *shelf) tidy(burst int, now time.Time) {
	left := looked

	for k, have := range s.known {
		if left--; left < 0 {
			return
		}

		if have.TokensAt(now) >= float64(burst) {
			delete(s.known, k)
		}
	}
}
