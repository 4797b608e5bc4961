package session

import (
	"context"
	"net/http"
	"time"

	"crofthci.io/croft/pkg/lasting"
)

// lookAgain is how often a session is looked at whose request goes on.
const lookAgain = 5 * time.Second

// whileKnown ends a request that goes on when its session has ended. While the session cannot be looked at, the request
// goes on.
func (g *Guard) whileKnown(next http.Handler, presented string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		known := func(ctx context.Context) bool {
			_, found, err := g.identify(req.WithContext(ctx), presented)

			return err != nil || found != nil
		}

		lasting.While(known, lookAgain, next).ServeHTTP(rw, req)
	})
}
