package proxy

import (
	"net/http"
	"net/url"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"
)

// Impersonate makes the headers say who asks, and takes out everything else that
// could: the client's own Impersonate headers, credentials and cookies, and what
// an earlier proxy is believed to have said.
func Impersonate(header http.Header, who user.Info) {
	for name := range header {
		if strings.HasPrefix(strings.ToLower(name), "impersonate-") || strings.HasPrefix(strings.ToLower(name), "x-remote-") {
			header.Del(name)
			delete(header, name)
		}
	}

	for _, name := range []string{"Authorization", "Cookie", "X-Api-Csrf", "X-Api-Tunnel-Token", "X-Api-Url-Prefix", "X-Api-Host", "X-Forwarded-Port"} {
		header.Del(name)
	}

	header.Set("Impersonate-User", who.GetName())

	for _, group := range who.GetGroups() {
		header.Add("Impersonate-Group", group)
	}

	for key, values := range who.GetExtra() {
		for _, value := range values {
			header.Add("Impersonate-Extra-"+url.PathEscape(key), value)
		}
	}
}

// withoutMethod takes out of a query what would have Steve obey another method
// than the one that the session let through.
func withoutMethod(query string) string {
	values, err := url.ParseQuery(query)
	if err == nil && !values.Has("_method") {
		return query
	}

	values.Del("_method")

	return values.Encode()
}
