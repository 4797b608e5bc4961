package login

import (
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
	// forget is how long a brake without use is kept.
	forget = time.Hour
	// most is how many brakes are kept; beyond it the oldest go.
	most = 10_000
)

// Brake slows guessing: per user and address, and per address over all users. A
// guesser elsewhere cannot lock a user out, because the address is in the key.
type Brake struct {
	// Now is the clock.
	Now func() time.Time

	mutex   sync.Mutex
	brakes  map[string]*brake
	cleaned time.Time
}

type brake struct {
	limiter *rate.Limiter
	used    time.Time
}

// Allow takes one try, or answers how long to wait for the next. It is asked
// before the password is checked, so that tries at once count too.
func (b *Brake) Allow(username, address string) (time.Duration, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	now := b.Now()
	b.clean(now)

	pair := b.get("user\x00"+strings.ToLower(username)+"\x00"+address, refill, burst, now)
	whole := b.get("address\x00"+address, addressRefill, addressBurst, now)

	if whole.TokensAt(now) < 1 {
		return addressRefill, false
	}

	if pair.TokensAt(now) < 1 {
		return refill, false
	}

	return 0, pair.AllowN(now, 1) && whole.AllowN(now, 1)
}

// Forgive forgets the tries of a user who knew the password.
func (b *Brake) Forgive(username, address string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()

	delete(b.brakes, "user\x00"+strings.ToLower(username)+"\x00"+address)
}

func (b *Brake) get(key string, every time.Duration, most int, now time.Time) *rate.Limiter {
	if b.brakes == nil {
		b.brakes = map[string]*brake{}
	}

	found, ok := b.brakes[key]
	if !ok {
		found = &brake{limiter: rate.NewLimiter(rate.Every(every), most)}
		b.brakes[key] = found
	}

	found.used = now

	return found.limiter
}

// clean bounds the memory that guessing can take.
func (b *Brake) clean(now time.Time) {
	if len(b.brakes) < most && now.Sub(b.cleaned) < forget {
		return
	}

	b.cleaned = now
	oldest := forget

	for len(b.brakes) >= most || oldest == forget {
		for key, have := range b.brakes {
			if now.Sub(have.used) >= oldest {
				delete(b.brakes, key)
			}
		}

		oldest /= 2
		if oldest < time.Second {
			break
		}
	}
}
