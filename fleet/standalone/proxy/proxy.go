// Package proxy is /k8s/clusters/<id>: the Kubernetes API of a site, and its
// Steve API below /v1, both as the user who asks. It lets in who may get the
// cluster on the hub; what he may do in the site is decided there, by the site's
// own RBAC for the user's name and groups. Nothing that a client writes about
// who he is passes on; whom he may act as was settled by the session. Begin
// reading at Proxy.
package proxy

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/access"
	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/downstream"
	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/pkg/rancher/management"
)

// Prefix is where clusters are.
const Prefix = "/k8s/clusters/"

// steveAddress is what Rancher dials in a session that leads to one handler; the
// other end takes every address.
const steveAddress = "127.0.0.1:6080"

// Proxy leads into clusters.
type Proxy struct {
	// Client reads clusters of the hub.
	Client client.Reader
	// Access asks the hub who may get a cluster.
	Access *access.Reviewer
	// Clusters finds the ways.
	Clusters *downstream.Clusters
	// Local serves the cluster "local", the hub itself.
	Local http.Handler
	// Report is told what went wrong inside.
	Report func(ctx context.Context, err error)
	// Steve leads through sessions to the Steve servers of sites.
	Steve *Backend
}

// ServeHTTP leads one request into its cluster.
func (p *Proxy) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	cluster, path := Split(req.URL.Path)

	who := session.UserFrom(req.Context())
	if who == nil {
		answer.Status(rw, path, http.StatusUnauthorized, "Unauthorized", "must authenticate")

		return
	}

	allowed, err := p.mayEnter(req.Context(), who, cluster)
	if err != nil {
		p.Report(req.Context(), err)
		answer.Status(rw, path, http.StatusInternalServerError, "ServerError", "your rights could not be checked, try again")

		return
	}

	if !allowed {
		answer.Status(rw, path, http.StatusForbidden, "Forbidden", "you have no right to the cluster "+cluster)

		return
	}

	if cluster == management.LocalCluster {
		p.Local.ServeHTTP(rw, below(req, path))

		return
	}

	if !answer.IsKubernetes(path) {
		p.serveSteve(rw, req, cluster, path, who)

		return
	}

	p.serveKubernetes(rw, req, cluster, path, who)
}

func (p *Proxy) serveSteve(rw http.ResponseWriter, req *http.Request, cluster, path string, who user.Info) {
	if !p.Steve.Connected(downstream.SteveKey(cluster)) {
		p.unavailable(rw, req, cluster, path, "its backend has no tunnel to this server")

		return
	}

	p.Steve.Serve(rw, below(req, path), downstream.SteveKey(cluster), who, Prefix+cluster)
}

func (p *Proxy) serveKubernetes(rw http.ResponseWriter, req *http.Request, cluster, path string, who user.Info) {
	endpoint, transport, err := p.Clusters.Transport(req.Context(), cluster)
	if errors.Is(err, downstream.ErrDisconnected) || apierrors.IsNotFound(err) {
		p.unavailable(rw, req, cluster, path, "its agent has no tunnel to this server")

		return
	}

	if err != nil {
		p.Report(req.Context(), err)
		answer.Status(rw, path, http.StatusInternalServerError, "ServerError", "the way into the cluster could not be found, try again")

		return
	}

	target, err := url.Parse(endpoint)
	if err != nil {
		p.Report(req.Context(), err)
		answer.Status(rw, path, http.StatusBadGateway, "ServerError", "the cluster's address is not a URL")

		return
	}

	forward := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		ErrorLog:      silent,
		Rewrite: func(out *httputil.ProxyRequest) {
			out.Out.URL.Scheme, out.Out.URL.Host = target.Scheme, target.Host
			out.Out.Host = target.Host
			inner := below(req, path)
			out.Out.URL.Path, out.Out.URL.RawPath = join(target.Path, path), ""

			if inner.URL.RawPath != "" {
				out.Out.URL.RawPath = join(target.EscapedPath(), inner.URL.RawPath)
			}

			out.Out.URL.RawQuery = withoutMethod(out.Out.URL.RawQuery)
			Impersonate(out.Out.Header, who)
		},
		ModifyResponse: cleanSite,
		ErrorHandler: func(rw http.ResponseWriter, req *http.Request, err error) {
			p.broken(rw, req, cluster, path, err)
		},
	}
	forward.ServeHTTP(rw, req)
}

// mayEnter tells whether the way into a cluster is open: for who asks, or for who
// logged in and may act as him. A service account of the site has no rights here.
func (p *Proxy) mayEnter(ctx context.Context, who user.Info, cluster string) (bool, error) {
	allowed, err := p.Access.MayGetCluster(ctx, who, cluster)
	if caller := session.CallerFrom(ctx); err == nil && !allowed && caller != nil && caller != who {
		return p.Access.MayGetCluster(ctx, caller, cluster)
	}

	return allowed, err
}

// unavailable says at once that a cluster is down, or that there is none.
func (p *Proxy) unavailable(rw http.ResponseWriter, req *http.Request, cluster, path, why string) {
	have := &management.Cluster{}

	err := p.Client.Get(req.Context(), client.ObjectKey{Name: cluster}, have)
	if apierrors.IsNotFound(err) {
		answer.Status(rw, path, http.StatusNotFound, "NotFound", "there is no cluster "+cluster)

		return
	}

	name := have.Spec.DisplayName
	if name == "" {
		name = cluster
	}

	rw.Header().Set("Retry-After", "5")
	answer.Status(rw, path, http.StatusServiceUnavailable, "ClusterUnavailable", "the cluster "+name+" is not connected: "+why)
}

func (p *Proxy) broken(rw http.ResponseWriter, req *http.Request, cluster, path string, err error) {
	if req.Context().Err() != nil {
		return
	}

	if !p.Clusters.Connected(cluster) {
		p.unavailable(rw, req, cluster, path, "the tunnel broke while it answered")

		return
	}

	p.Report(req.Context(), err)
	answer.Status(rw, path, http.StatusBadGateway, "ServerError", "the cluster did not answer")
}

// ClusterOf is the cluster that a request is for, or empty.
func ClusterOf(req *http.Request) string {
	if !strings.HasPrefix(req.URL.Path, Prefix) {
		return ""
	}

	cluster, _ := Split(req.URL.Path)

	return cluster
}

// Split cuts a path below Prefix into the cluster and the path inside it.
func Split(path string) (cluster, rest string) {
	cluster, rest, _ = strings.Cut(strings.TrimPrefix(path, Prefix), "/")

	return cluster, "/" + rest
}

func below(req *http.Request, path string) *http.Request {
	inner := req.Clone(req.Context())
	inner.URL.Path, inner.URL.RawPath = path, ""

	// Names in a path may hold an escaped slash; net/url drops the raw path where
	// it does not spell the same path.
	if raw := req.URL.RawPath; raw != "" {
		_, inner.URL.RawPath = Split(raw)
	}

	return inner
}

func join(base, path string) string {
	return strings.TrimSuffix(base, "/") + path
}

// clean keeps what answers through a tunnel from acting in the hub's name in a
// browser: its cookies would be the hub's cookies, and a prompt for a password
// would look like the hub's.
func clean(resp *http.Response) error {
	for _, name := range []string{"Set-Cookie", session.HeaderAuth, "Clear-Site-Data", "Service-Worker-Allowed", "Strict-Transport-Security", "Www-Authenticate"} {
		resp.Header.Del(name)
	}

	resp.Header.Set("X-Content-Type-Options", "nosniff")

	return nil
}

// cleanSite is clean for a site, which is trusted less than a program that an
// administrator of the hub let in: a page from there is shown without scripts and
// with an origin of its own. The site's own policy stays: both are enforced.
// See https://www.w3.org/TR/CSP3/#directive-sandbox
func cleanSite(resp *http.Response) error {
	resp.Header.Add("Content-Security-Policy", "sandbox")

	return clean(resp)
}

// silent takes what net/http says of streams that break with their tunnel: the
// tunnel's end is told once, by the cluster's condition.
var silent = log.New(io.Discard, "", 0)

// waitForHeaders bounds how long a handler behind a session may think about a
// request before it says anything at all.
const waitForHeaders = 2 * time.Minute
