package proxy

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// transports keeps one transport, and so one pool of connections, for each key.
type transports struct {
	mutex sync.Mutex
	known map[string]*http.Transport
}

func (t *transports) get(key string, dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	if have := t.known[key]; have != nil {
		return have
	}

	made := &http.Transport{
		DialContext:           dial,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: waitForHeaders,
	}

	if t.known == nil {
		t.known = map[string]*http.Transport{}
	}

	t.known[key] = made

	return made
}

func (t *transports) forget(key string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()

	if have := t.known[key]; have != nil {
		have.CloseIdleConnections()
		delete(t.known, key)
	}
}
