package session

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apiserver/pkg/authentication/user"
)

// What Kubernetes' Impersonate headers begin with, and those that there are.
const (
	impersonate      = "impersonate-"
	impersonateUser  = "impersonate-user"
	impersonateGroup = "impersonate-group"
	impersonateExtra = "impersonate-extra-"
	accountPrefix    = "system:serviceaccount:"
)

// actAs is who a request is done as: the caller, or whom he names by Kubernetes'
// Impersonate headers (kubectl --as), if the hub's RBAC lets him impersonate each
// part of that. The headers end here: the proxies write their own.
func (g *Guard) actAs(req *http.Request, who user.Info) (*http.Request, user.Info, *refusal, error) {
	named, needed, err := impersonated(req.Header)
	if err != nil {
		return req, nil, &refusal{http.StatusBadRequest, "InvalidFormat", err.Error()}, nil
	}

	if named == nil {
		return req, who, nil, nil
	}

	for _, what := range needed {
		allowed, err := g.Allows(req.Context(), who, what)
		if err != nil {
			return req, nil, nil, err
		}

		if !allowed {
			message := fmt.Sprintf("%s may not act as somebody else: that needs the right to impersonate %s %q on the hub", who.GetName(), what.Resource, what.Name)

			return req, nil, &refusal{http.StatusForbidden, "Forbidden", message}, nil
		}
	}

	return asNobodyElse(req), named, nil, nil
}

// asNobodyElse is a request without those headers.
func asNobodyElse(req *http.Request) *http.Request {
	req = req.Clone(req.Context())
	for key := range req.Header {
		if strings.HasPrefix(strings.ToLower(key), impersonate) {
			delete(req.Header, key)
		}
	}

	return req
}

// impersonated is whom the headers name, or nil, and what one must be allowed for
// that, as Kubernetes asks it.
// See https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
func impersonated(header http.Header) (*user.DefaultInfo, []authorizationv1.ResourceAttributes, error) {
	named := &user.DefaultInfo{Extra: map[string][]string{}}
	given := false

	var needed []authorizationv1.ResourceAttributes

	need := func(group, resource, subresource string, values []string) {
		for _, value := range values {
			needed = append(needed, authorizationv1.ResourceAttributes{
				Verb: "impersonate", Group: group, Resource: resource, Subresource: subresource, Name: value,
			})
		}
	}

	for key, values := range header {
		lower := strings.ToLower(key)
		if !strings.HasPrefix(lower, impersonate) {
			continue
		}

		given = true

		switch {
		case lower == impersonateUser:
			named.Name = values[0]
		case lower == impersonateGroup:
			named.Groups = slices.Clone(values)
			need("", "groups", "", values)
		case strings.HasPrefix(lower, impersonateExtra):
			extra, err := url.PathUnescape(strings.TrimPrefix(lower, impersonateExtra))
			if err != nil {
				return nil, nil, fmt.Errorf("the header %s cannot be read", key)
			}

			named.Extra[extra] = slices.Clone(values)
			need("authentication.k8s.io", "userextras", extra, values)
		default:
			return nil, nil, fmt.Errorf("this server does not know the header %s", key)
		}
	}

	if !given {
		return nil, nil, nil
	}

	if named.Name == "" {
		return nil, nil, fmt.Errorf("whoever acts as somebody else names a user (%s)", http.CanonicalHeaderKey(impersonateUser))
	}

	named.UID = named.Name
	needed = append(needed, userAttributes(named.Name))

	if !slices.Contains(named.Groups, GroupAuthenticated) {
		named.Groups = append(named.Groups, GroupAuthenticated)
	}

	return named, needed, nil
}

// userAttributes are those of a user, or of a service account.
func userAttributes(name string) authorizationv1.ResourceAttributes {
	if account, ok := strings.CutPrefix(name, accountPrefix); ok {
		namespace, short, _ := strings.Cut(account, ":")

		return authorizationv1.ResourceAttributes{Verb: "impersonate", Resource: "serviceaccounts", Namespace: namespace, Name: short}
	}

	return authorizationv1.ResourceAttributes{Verb: "impersonate", Resource: "users", Name: name}
}
