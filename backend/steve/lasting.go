package steve

import (
	"context"
	"errors"
	"net/http"
	"time"

	"crofthci.io/croft/pkg/lasting"
)

// whileKnown ends a request that goes on when its token is not known any more. The caller is asked for again and again;
// while that cannot be found out, the request goes on.
func whileKnown(authenticate Authenticator, every time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		token := http.Header{"Authorization": req.Header.Values("Authorization")}
		known := func(ctx context.Context) bool {
			_, err := authenticate((&http.Request{Header: token}).WithContext(ctx))
			return !errors.Is(err, errNobody)
		}
		lasting.While(known, every, next).ServeHTTP(w, req)
	})
}
