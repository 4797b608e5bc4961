package session

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// lookAgain is how often a session is looked at whose request goes on.
const lookAgain = 5 * time.Second

// whileKnown ends a request that goes on, such as a subscription, a console or a
// watch, when its session has ended: who has logged out opens nothing new, and must
// not keep open what he opened before. While the session cannot be looked at, the
// request goes on.
func (g *Guard) whileKnown(next http.Handler, presented string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		ctx, end := context.WithCancel(req.Context())
		defer end()

		h := &held{ResponseWriter: rw}
		question := req.WithContext(ctx)

		go func() {
			tick := time.NewTicker(lookAgain)
			defer tick.Stop()

			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}

				if _, found, err := g.identify(question, presented); err == nil && found == nil {
					end()
					h.hangUp()

					return
				}
			}
		}()

		next.ServeHTTP(h, question)
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
		_ = conn.Close()
	}

	return conn, buffered, nil
}

// hangUp closes the connection of a websocket, or the one that is still to come.
func (h *held) hangUp() {
	h.mutex.Lock()
	defer h.mutex.Unlock()

	h.over = true
	if h.conn != nil {
		_ = h.conn.Close()
	}
}

// Flush sends what has been written, for answers that do not end.
func (h *held) Flush() { _ = http.NewResponseController(h.ResponseWriter).Flush() }

// Unwrap is the writer inside, for those who need more of it.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }
