package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
)

// plain is a service whose requests all come through the listener.
type plain http.HandlerFunc

func (p plain) Handler() http.Handler { return http.HandlerFunc(p) }
func (p plain) Stopping()             {}
func (p plain) Drain(context.Context) {}

func TestServeUntilLetsRequestsEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	arrived, release := make(chan struct{}), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serveUntil(ctx, listener, plain(func(w http.ResponseWriter, _ *http.Request) {
			close(arrived)
			<-release
			_, _ = io.WriteString(w, "done")
		}))
	}()
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		answered <- string(body)
	}()
	<-arrived
	stop()
	close(release)
	if got := <-answered; got != "done" {
		t.Errorf("a request under way is answered: %s", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
}
