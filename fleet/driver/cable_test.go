package driver

import (
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cable is what lies between a driver and its site. It can be cut, and heals.
type cable struct {
	at net.Listener
	to string
	// rounds counts how often somebody has begun to connect anew since it was cut; tries at once are one.
	rounds atomic.Int32

	mu    sync.Mutex
	fault fault
	whole chan struct{} // closed while nothing is held back
	ends  map[net.Conn]bool
	tried time.Time
}

// fault is how a cable is cut.
type fault string

const (
	none fault = ""
	// hangUp ends every connection, and takes no new one.
	hangUp fault = "HangUp"
	// silent lets nothing through, and says nothing: what was sent comes when the cable is whole again.
	silent fault = "Silent"
)

// newCable lays one to the site.
func newCable(t *testing.T) *cable {
	t.Helper()
	// A client looks after so many seconds whether a silent server is still there; in production after 30 and 15.
	t.Setenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "1")
	t.Setenv("HTTP2_PING_TIMEOUT_SECONDS", "1")
	server, err := url.Parse(world.server)
	if err != nil {
		t.Fatal(err)
	}
	at, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{at: at, to: server.Host, ends: map[net.Conn]bool{}, whole: make(chan struct{})}
	close(c.whole)
	go c.serve()
	t.Cleanup(func() {
		at.Close()
		c.set(hangUp)
	})
	return c
}

// through is a tenant whose credential leads through a cable. The name of the server gives it connections of its own.
func (t tenant) through(c *cable) tenant {
	t.Helper()
	server := "https://" + c.at.Addr().String() + "\n    tls-server-name: 127.0.0.1"
	t.kubeconfig = strings.Replace(t.kubeconfig, world.server, server, 1)
	return t
}

func (c *cable) serve() {
	for {
		near, err := c.at.Accept()
		if err != nil {
			return
		}
		go c.join(near)
	}
}

// join passes bytes on in both directions until one end has none.
func (c *cable) join(near net.Conn) {
	far, err := net.Dial("tcp", c.to)
	if err != nil || !c.holds(near, far) {
		near.Close()
		if far != nil {
			far.Close()
		}
		return
	}
	var both sync.WaitGroup
	both.Go(func() { c.pass(far, near) })
	both.Go(func() { c.pass(near, far) })
	both.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.ends, near)
	delete(c.ends, far)
}

// holds keeps both ends, to cut them later, unless the cable is cut.
func (c *cable) holds(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.tried) > again/2 {
		c.rounds.Add(1)
	}
	c.tried = time.Now()
	if c.fault == hangUp {
		return false
	}
	for _, end := range ends {
		c.ends[end] = true
	}
	return true
}

func (c *cable) pass(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		<-c.gate()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (c *cable) gate() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.whole
}

// set cuts the cable, or makes it whole.
func (c *cable) set(how fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault == silent {
		close(c.whole)
	}
	c.fault = how
	c.tried = time.Time{}
	c.rounds.Store(0)
	switch how {
	case silent:
		c.whole = make(chan struct{})
	case hangUp:
		for end := range c.ends {
			end.Close()
		}
	}
}
