package serve

import (
	"net/http"
	"sync"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
)

// mostWatches is how many subscriptions one user may have, with all of his pages.
const mostWatches = 64

// errTooMany refuses a subscription.
var errTooMany = apierror.NewAPIError(validation.ErrorCode{Code: "TooManyRequests", Status: http.StatusTooManyRequests}, "you have too many subscriptions; close some pages")

// places counts the subscriptions of each user.
type places struct {
	lock  sync.Mutex
	taken map[string]int
}

// take gives a user one more place, if there is one.
func (p *places) take(user string) bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.taken[user] >= mostWatches {
		return false
	}
	if p.taken == nil {
		p.taken = map[string]int{}
	}
	p.taken[user]++
	return true
}

// leave gives a place back.
func (p *places) leave(user string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if p.taken[user]--; p.taken[user] <= 0 {
		delete(p.taken, user)
	}
}
