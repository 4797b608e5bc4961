package proxy

import (
	"context"
	"net/http"
	"net/http/httputil"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/tunnel"
)

// Backend leads requests through a session to the one HTTP handler at its other
// end (Steve's aggregation): the Steve server of a site, or a program behind an
// APIService. The handler believes the Impersonate headers, because only this
// server can reach it.
type Backend struct {
	// Tunnel has the sessions.
	Tunnel *tunnel.Server
	// Report is told what went wrong inside.
	Report func(ctx context.Context, err error)

	transports transports
}

// Connected tells whether somebody is there under a key.
func (b *Backend) Connected(key string) bool { return b.Tunnel.Connected(key) }

// Forget drops the connections of a key, as its session is gone.
func (b *Backend) Forget(key string) { b.transports.forget(key) }

// Serve hands a request over, as that user. The prefix is what the client sees
// before the path, so that links lead back here; whoever has one is a site.
func (b *Backend) Serve(rw http.ResponseWriter, req *http.Request, key string, who user.Info, prefix string) {
	cleaned := clean
	if prefix != "" {
		cleaned = cleanSite
	}

	forward := &httputil.ReverseProxy{
		Transport:     b.transports.get(key, b.Tunnel.Dial(key)),
		FlushInterval: -1,
		ErrorLog:      silent,
		Rewrite: func(out *httputil.ProxyRequest) {
			out.Out.URL.Scheme, out.Out.URL.Host = "http", steveAddress
			out.Out.URL.RawQuery = withoutMethod(out.Out.URL.RawQuery)
			out.Out.Host = out.In.Host
			Impersonate(out.Out.Header, who)

			if prefix != "" {
				out.Out.Header.Set("X-API-URL-Prefix", prefix)
			}

			out.Out.Header.Set("X-Forwarded-Proto", "https")
			out.Out.Header.Set("X-Forwarded-Host", out.In.Host)
			// Steve refuses a websocket whose origin is not its host; the origin was
			// checked at the door.
			if isUpgrade(out.Out) {
				out.Out.Header.Set("Origin", "https://"+out.In.Host)
			}
		},
		ModifyResponse: cleaned,
		ErrorHandler: func(rw http.ResponseWriter, req *http.Request, err error) {
			if req.Context().Err() != nil {
				return
			}

			b.Report(req.Context(), err)
			answer.Error(rw, http.StatusServiceUnavailable, "ClusterUnavailable", "Handler disconnected: the tunnel broke while it answered")
		},
	}
	forward.ServeHTTP(rw, req)
}

func isUpgrade(req *http.Request) bool {
	return strings.EqualFold(req.Header.Get("Upgrade"), "websocket")
}
