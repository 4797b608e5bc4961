package stage

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Knock tries to open a websocket, and answers the status code: 101 where it
// was opened. Protocols are those that the caller speaks.
func (c *Client) Knock(path string, protocols ...string) (int, error) {
	connection, answer, err := c.dial(path, protocols...)
	if answer == nil {
		return 0, err
	}
	if err == nil {
		connection.Close()
	}
	return answer.StatusCode, nil
}

// Subscribe follows types of the hub until the test ends. The function that it
// returns answers what has been told until now, as it was sent.
func (c *Client) Subscribe(t testing.TB, types ...string) func() []string {
	t.Helper()
	connection, _, err := c.dial("/v1/croft/subscribe")
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	t.Cleanup(func() { connection.Close() })
	for _, resource := range types {
		if err := connection.WriteJSON(map[string]any{"resourceType": resource}); err != nil {
			t.Fatalf("subscribe to %s: %v", resource, err)
		}
	}
	var lock sync.Mutex
	var told []string
	go func() {
		for {
			_, message, err := connection.ReadMessage()
			if err != nil {
				return
			}
			lock.Lock()
			told = append(told, string(message))
			lock.Unlock()
		}
	}()
	return func() []string {
		lock.Lock()
		defer lock.Unlock()
		return slices.Clone(told)
	}
}

// Reads opens a websocket and reads until a text has been sent or the time is over, and answers all that was sent.
func (c *Client) Reads(t testing.TB, path, until string, deadline time.Duration, protocols ...string) string {
	t.Helper()
	connection, _, err := c.dial(path, protocols...)
	if err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	defer connection.Close()
	if err := connection.SetReadDeadline(time.Now().Add(deadline * loaded)); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for !strings.Contains(text.String(), until) {
		_, message, err := connection.ReadMessage()
		if err != nil {
			break // the caller says what he misses
		}
		text.Write(message)
	}
	return text.String()
}

func (c *Client) dial(path string, protocols ...string) (*websocket.Conn, *http.Response, error) {
	dialer := websocket.Dialer{TLSClientConfig: c.trust(), Subprotocols: protocols, HandshakeTimeout: longest}
	header := http.Header{}
	if c.Token != "" {
		header.Set("Authorization", "Bearer "+c.Token)
	}
	return dialer.Dial("wss"+strings.TrimPrefix(c.URL, "https")+path, header)
}

// trust is whom the client believes to be the hub.
func (c *Client) trust() *tls.Config {
	return c.http.Transport.(*http.Transport).TLSClientConfig.Clone()
}
