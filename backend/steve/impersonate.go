package steve

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"
)

// impersonation is how the headers begin in which Rancher says for whom it asks.
const impersonation = "Impersonate-"

// ByImpersonation is the Authenticator of the tunnel: Rancher has authenticated the caller and says in headers who it
// is. Nothing else may reach it.
func ByImpersonation(req *http.Request) (user.Info, error) {
	name := req.Header.Get(impersonation + "User")
	if name == "" {
		return nil, errNobody
	}
	info := &user.DefaultInfo{
		Name:   name,
		UID:    req.Header.Get(impersonation + "Uid"),
		Groups: withAuthenticated(name, req.Header.Values(impersonation+"Group")),
		Extra:  map[string][]string{},
	}
	for header, values := range req.Header {
		if key, ok := strings.CutPrefix(header, impersonation+"Extra-"); ok {
			info.Extra[extraKey(key)] = values
		}
	}
	return info, nil
}

// withAuthenticated adds the group that Kubernetes adds to everybody who is impersonated, so that the rights that are
// looked up here are the rights that the API server finds.
func withAuthenticated(name string, groups []string) []string {
	groups = slices.Clone(groups)
	if name == user.Anonymous || slices.Contains(groups, user.AllAuthenticated) || slices.Contains(groups, user.AllUnauthenticated) {
		return groups
	}
	return append(groups, user.AllAuthenticated)
}

// extraKey undoes what a header does to a key: it is percent-encoded, and its case is lost.
func extraKey(header string) string {
	key, err := url.PathUnescape(strings.ToLower(header))
	if err != nil {
		return strings.ToLower(header)
	}
	return key
}

// refuseImpersonation refuses the tunnel's headers to those who come another way, rather than to drop them silently: a
// caller who believes to act for somebody else must not act for himself.
func refuseImpersonation(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		for header := range req.Header {
			if strings.HasPrefix(header, impersonation) {
				writeFault(w, http.StatusForbidden, "Forbidden",
					"The header "+header+" is believed from Rancher's tunnel alone. Send the token of the user you act for.")
				return
			}
		}
		next.ServeHTTP(w, req)
	})
}
