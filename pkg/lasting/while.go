// Package lasting ends requests that go on, such as a subscription, a console or a watch, when their caller is not known any
// more: who has logged out, or whose token was taken back, opens nothing new, and must not keep open what he opened before.
// Begin reading with While.
package lasting

import (
	"context"
	"net/http"
	"time"
)

// While serves a request as long as its caller is known: known is asked each time that every has passed, and the first no
// ends the request's context and hangs up its connection. What cannot be found out is a yes to known: the request goes on.
func While(known func(ctx context.Context) bool, every time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ctx, end := context.WithCancel(req.Context())
		defer end()
		held := &held{ResponseWriter: w}
		go func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				if !known(ctx) {
					end()
					held.hangUp()
					return
				}
			}
		}()
		next.ServeHTTP(held, req.WithContext(ctx))
	})
}
