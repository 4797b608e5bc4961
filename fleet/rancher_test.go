package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/rancher/remotedialer"
	"k8s.io/client-go/rest"
)

// rancherStandIn is as much of Rancher as croft-fleet sees of it: the proxy to the sites, and the tunnel through which
// requests come in. The hub that stands in for Rancher has tests of its own; here it is in the way.
type rancherStandIn struct {
	*httptest.Server
	tunnels *remotedialer.Server

	lock sync.Mutex
	// sites are the API servers behind the proxy. One that is nil is down.
	sites map[string]http.Handler
	// token is what the fleet has to bring.
	token string
	// dialled counts the tunnels that were opened.
	dialled atomic.Int64
}

const (
	systemToken = "token-fleet:secret" //nolint:gosec // of a test
	tunnelToken = "aggregation"
)

func newRancher(t *testing.T) *rancherStandIn {
	t.Helper()
	r := &rancherStandIn{sites: map[string]http.Handler{}, token: systemToken}
	r.tunnels = remotedialer.New(func(request *http.Request) (string, bool, error) {
		known := request.Header.Get("Authorization") == "Bearer "+tunnelToken
		if known {
			r.dialled.Add(1)
		}
		return "stv-croft", known, nil
	}, remotedialer.DefaultErrorWriter)
	mux := http.NewServeMux()
	mux.Handle("/v3/connect", r.tunnels)
	mux.HandleFunc("/k8s/clusters/{id}/", r.proxy)
	mux.HandleFunc("GET /v3/tokens/token-fleet", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id":"token-fleet","created":"2026-01-01T00:00:00Z","expiresAt":"2026-01-02T00:00:00Z"}`))
	})
	r.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		r.CloseClientConnections()
		r.Close()
	})
	return r
}

func (r *rancherStandIn) proxy(w http.ResponseWriter, request *http.Request) {
	id := request.PathValue("id")
	r.lock.Lock()
	site, token := r.sites[id], r.token
	r.lock.Unlock()
	if request.Header.Get("Authorization") != "Bearer "+token {
		http.Error(w, "must authenticate", http.StatusUnauthorized)
		return
	}
	if site == nil {
		http.Error(w, "cluster "+id+" is disconnected", http.StatusServiceUnavailable)
		return
	}
	http.StripPrefix("/k8s/clusters/"+id, site).ServeHTTP(w, request)
}

func (r *rancherStandIn) set(id string, site http.Handler) {
	r.lock.Lock()
	r.sites[id] = site
	r.lock.Unlock()
	if site == nil {
		r.CloseClientConnections()
	}
}

// renew has the fleet's token be another.
func (r *rancherStandIn) renew(token string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.token = token
}

// apiServer is a handler in front of a real API server, as its administrator.
func apiServer(t *testing.T, config *rest.Config) http.Handler {
	t.Helper()
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	return &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(target)
			p.Out.Header.Del("Authorization")
		},
		ErrorLog: nil,
	}
}

// answering is a handler with other answers at some addresses.
func answering(next http.Handler, answers map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if answer, ok := answers[request.URL.Path]; ok {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(answer))
			return
		}
		next.ServeHTTP(w, request)
	})
}

// caller is somebody who asks through Rancher.
type caller struct {
	rancher *rancherStandIn
	user    string
	groups  []string
}

// headers are those that Rancher puts on what it hands over.
func (c caller) headers() http.Header {
	headers := http.Header{}
	if c.user != "" {
		headers.Set("Impersonate-User", c.user)
	}
	for _, group := range c.groups {
		headers.Add("Impersonate-Group", group)
	}
	return headers
}

func (c caller) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return c.rancher.tunnels.Dialer("stv-croft")(ctx, network, "croft:80")
}

// get asks and decodes the answer.
func (c caller) get(t *testing.T, path string, into any) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://hub"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = c.headers()
	transport := &http.Transport{DialContext: c.dial, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("GET %s answered %d %q: %v", path, response.StatusCode, text, err)
	}
	return response.StatusCode
}

// subscribe opens the websocket and asks for a type.
func (c caller) subscribe(t *testing.T, ask string) <-chan map[string]any {
	t.Helper()
	dialer := websocket.Dialer{NetDialContext: c.dial, HandshakeTimeout: time.Minute}
	connection, response, err := dialer.Dial("ws://hub/v1/croft/subscribe", c.headers())
	if err != nil {
		t.Fatalf("subscribe: %v (%+v)", err, response)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		t.Fatal(err)
	}
	events := make(chan map[string]any, 1000)
	go func() {
		defer close(events)
		for {
			var event map[string]any
			if err := connection.ReadJSON(&event); err != nil {
				return
			}
			events <- event
		}
	}()
	return events
}

// hears waits for an event whose name and id are the ones wanted.
func hears(t *testing.T, events <-chan map[string]any, name, id string) map[string]any {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	var heard []string
	for {
		select {
		case event, open := <-events:
			if !open {
				t.Fatalf("the websocket was closed before %s %s; heard %v", name, id, heard)
			}
			data, _ := event["data"].(map[string]any)
			if event["name"] == name && (id == "" || data["id"] == id) {
				return event
			}
			heard = append(heard, fmt.Sprint(event["name"], " ", data["id"], " ", data["error"]))
		case <-deadline:
			t.Fatalf("%s %s did not come; heard %v", name, id, strings.Join(heard, ", "))
		}
	}
}
