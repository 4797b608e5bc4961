package collect

import (
	"context"
	"net"
	"sync"
	"time"
)

// line knows whether the site answers: those who wait to try again are woken when it does, and open watches are cut when
// it does not, because a watch whose other end is gone looks just like one on which nothing happens.
type line struct {
	lock sync.Mutex
	up   bool
	// open is closed when the site begins to answer.
	open chan struct{}
	cuts map[int]context.CancelFunc
	next int
}

// set says whether the site answers.
func (l *line) set(up bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if up == l.up {
		return
	}
	l.up = up
	if up {
		close(l.open)
		return
	}
	l.open = make(chan struct{})
	for _, cut := range l.cuts {
		cut()
	}
}

// woken is closed when the site begins to answer. While it answers there is nothing to be woken for.
func (l *line) woken() <-chan struct{} {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.up {
		return nil
	}
	return l.open
}

// hold gives a context that ends when the site stops answering.
func (l *line) hold(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.cuts == nil {
		l.cuts = map[int]context.CancelFunc{}
	}
	number := l.next
	l.next++
	l.cuts[number] = cancel
	return ctx, func() {
		cancel()
		l.lock.Lock()
		defer l.lock.Unlock()
		delete(l.cuts, number)
	}
}

// newDial makes a dialer. client-go shares a connection between all configurations that look alike; one with a dialer
// of its own is not shared.
func newDial() func(context.Context, string, string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return dialer.DialContext
}
