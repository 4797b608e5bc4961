package steve

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/rancher/apiserver/pkg/urlbuilder"
)

// forwarded are the headers in which a proxy says what address its client has asked. Links in answers begin with it.
var forwarded = []string{
	urlbuilder.PrefixHeader, urlbuilder.ForwardedAPIHostHeader, urlbuilder.ForwardedHostHeader,
	urlbuilder.ForwardedProtoHeader, urlbuilder.ForwardedPortHeader,
}

// direct takes requests on the server's own port as they are addressed. Which address a client has asked elsewhere is
// believed from Rancher's tunnel alone: here anybody could say so, and the links of an answer, where clients send their
// tokens next, would lead where he likes. A proxy before this port keeps the header Host, as proxies do.
func direct(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if origin := foreign(req); origin != "" {
			writeFault(w, http.StatusForbidden, "Forbidden",
				"A page of "+origin+" opens no websocket here: the header Origin must name this server, "+req.Host+", or be left out.")
			return
		}
		req = req.Clone(req.Context())
		for _, name := range forwarded {
			req.Header.Del(name)
		}
		next.ServeHTTP(w, req)
	})
}

// foreign is the origin of a page of another server that opens a websocket, "" when there is none. Browsers let pages
// open websockets anywhere, and leave it to the server whether it answers.
func foreign(req *http.Request) string {
	origin := req.Header.Get("Origin")
	if origin == "" || !strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		return ""
	}
	page, err := url.Parse(origin)
	if err == nil && page.Host != "" && strings.EqualFold(page.Host, req.Host) {
		return ""
	}
	return origin
}
