package lasting

import (
	"bufio"
	"net"
	"net/http"
	"sync"
)

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
