package steve

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"
)

// whileKnown ends a request that goes on, such as a subscription, a console or a watch, when its caller is not known any
// more: a token that was taken back opens nothing new, and must not keep open what it opened before. The caller is asked
// for again and again; while that cannot be found out, the request goes on.
func whileKnown(authenticate Authenticator, every time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ctx, end := context.WithCancel(req.Context())
		defer end()
		held := &held{ResponseWriter: w}
		question := (&http.Request{Header: http.Header{"Authorization": req.Header.Values("Authorization")}}).WithContext(ctx)
		go func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				if _, err := authenticate(question); errors.Is(err, errNobody) {
					end()
					held.hangUp()
					return
				}
			}
		}()
		next.ServeHTTP(held, req.WithContext(ctx))
	})
}

// held is a writer that can hang up, also when a websocket has taken its connection.
type held struct {
	http.ResponseWriter
	mutex sync.Mutex
	conn  net.Conn
	over  bool
}

// Hijack gives a websocket its connection, and remembers it.
func (h *held) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.conn = conn
	if h.over {
		conn.Close()
	}
	return conn, buffered, nil
}

// hangUp closes the connection of a websocket, or the one that is still to come.
func (h *held) hangUp() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.over = true
	if h.conn != nil {
		h.conn.Close()
	}
}

// Flush sends what has been written, for answers that do not end.
func (h *held) Flush() { _ = http.NewResponseController(h.ResponseWriter).Flush() }

// Unwrap is the writer inside, for those who need more of it.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }
