package standalone

import (
	"net/http"
	"strings"

	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/dashboard"
	"crofthci.io/croft/fleet/standalone/login"
	"crofthci.io/croft/fleet/standalone/proxy"
	"crofthci.io/croft/fleet/standalone/registration"
	"crofthci.io/croft/fleet/standalone/release"
	"crofthci.io/croft/fleet/standalone/session"
)

// routes are all paths of the hub, in the order in which a site, a person and a
// page meet them.
func (p *parts) routes(o Options) http.Handler {
	guard := &session.Guard{
		Tokens: p.tokens, Users: p.manager.GetClient(), Live: p.live, Cluster: proxy.ClusterOf,
		Strangers: p.strangers, Allows: p.access.Allows, Report: p.report,
	}
	door := &login.Door{
		Users: p.users, Tokens: p.tokens, Brake: p.brake, Settings: p.settings,
		Addresses: p.strangers.Addresses, Report: p.report,
	}
	manifest := &registration.Manifest{
		Known: p.manager.GetClient(), Live: p.live, Strangers: p.strangers,
		ServerURL: o.ServerURL, Checksum: p.checksum, Image: o.AgentImage, Report: p.report,
	}

	api := http.NewServeMux()
	door.Register(api)
	p.plugins.Register(api)
	api.HandleFunc("GET /rancherversion", version)
	api.Handle(proxy.Prefix, &proxy.Proxy{
		Client: p.live, Access: p.access, Clusters: p.clusters, Local: p.steve, Report: p.report, Steve: p.backend,
	})
	api.Handle("/v3", session.Require(p.norman))
	api.Handle("/v3/", session.Require(p.norman))
	for _, distribution := range release.Distributions {
		api.Handle("GET /v1-"+distribution+"-release/", session.Require(release.Handler(distribution)))
	}
	api.Handle("/v1/", p.openSettings(session.Require(p.aggregations.Wrap(p.backend, p.steve)), p.steve))
	api.Handle("/", p.page(session.Require(p.aggregations.Wrap(p.backend, p.steve))))

	mux := http.NewServeMux()
	mux.HandleFunc("/ping", health("pong"))
	mux.HandleFunc("/healthz", health("ok"))
	mux.HandleFunc("GET /cacerts", health(string(p.certificate.AuthorityPEM)))
	mux.HandleFunc("GET /v3/settings/cacerts", p.authority)
	mux.Handle("/v3/connect", p.tunnel)
	mux.Handle("/v3/connect/register", p.tunnel)
	mux.Handle("GET "+registration.ImportPrefix+"{file}", manifest)
	for path, handler := range o.Public {
		mux.Handle(path, handler)
	}

	mux.Handle(dashboard.Prefix, dashboard.Handler(o.DashboardDir))
	// Browsers look here by themselves, and the page too.
	for _, icon := range []string{"favicon.png", "favicon.ico"} {
		mux.Handle("GET /"+icon, http.RedirectHandler(dashboard.Prefix+icon, http.StatusFound))
	}

	mux.Handle("/dashboard", http.RedirectHandler(dashboard.Prefix, http.StatusFound))
	mux.Handle("/", p.strangers.Addresses.Direct(guard.Wrap(api)))

	return mux
}

// page sends browsers to the dashboard; programs get the API's root.
func (p *parts) page(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/" && !strings.Contains(req.Header.Get("Accept"), "json") {
			http.Redirect(rw, req, dashboard.Prefix, http.StatusFound)

			return
		}

		next.ServeHTTP(rw, req)
	})
}

// openSettings lets everybody read settings; which ones is the API server's to
// say, by the rights of system:unauthenticated.
func (p *parts) openSettings(closed, open http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		settings := strings.HasPrefix(req.URL.Path, "/v1/management.cattle.io.setting")
		if settings && req.Method == http.MethodGet {
			open.ServeHTTP(rw, req)

			return
		}

		closed.ServeHTTP(rw, req)
	})
}

// authority is where Rancher's agents of old look for the authority.
func (p *parts) authority(rw http.ResponseWriter, _ *http.Request) {
	answer.JSON(rw, http.StatusOK, map[string]any{
		"id": "cacerts", "type": "setting", "baseType": "setting", "name": "cacerts", "value": string(p.certificate.AuthorityPEM),
	})
}

func version(rw http.ResponseWriter, _ *http.Request) {
	answer.JSON(rw, http.StatusOK, map[string]string{"Version": RancherVersion, "GitCommit": "croft", "RancherPrime": "false"})
}
