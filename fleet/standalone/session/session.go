// Package session finds out who sends a request and keeps browsers from being
// misused: it reads the cookie, the bearer token or the basic password, checks
// the CSRF token and the origin of what a browser sends by itself, and puts the
// user into the request's context, where Steve, norman and the proxies look for
// him. It decides nothing about rights. Begin reading at Guard.
package session

import (
	"context"
	"errors"
	"net/http"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher/management"
)

// Names on the wire, as Rancher's.
const (
	// Cookie holds the token of a browser's session.
	Cookie = "R_SESS"
	// HeaderAuth tells the page whether it is logged in: true, false or none.
	HeaderAuth = "X-API-Cattle-Auth"
)

// Groups of every user who is logged in.
const (
	GroupAuthenticated       = "system:authenticated"
	GroupCattleAuthenticated = "system:cattle:authenticated"
	GroupUnauthenticated     = "system:unauthenticated"
)

// Guard is the middleware before everything that needs to know the user.
type Guard struct {
	// Tokens checks what is presented.
	Tokens *token.Store
	// Users reads users, perhaps from a cache.
	Users client.Reader
	// Live reads past any cache, a user who was made a moment ago.
	Live client.Reader
	// Cluster is the cluster that a request is for, empty for the hub itself. A
	// token for one cluster is worth nothing elsewhere.
	Cluster func(req *http.Request) string
	// Strangers counts tokens that nobody knows; who presents many makes this server
	// look no further than its cache. May be nil.
	Strangers Strangers
	// Allows tells whether somebody may do a thing on the hub.
	Allows func(ctx context.Context, who user.Info, what authorizationv1.ResourceAttributes) (bool, error)
	// Report is told what went wrong inside; the client is told nothing of it.
	Report func(ctx context.Context, err error)
}

// Strangers counts the tokens that nobody knows, by where they come from.
type Strangers interface {
	// Blame counts one.
	Blame(req *http.Request)
	// Blamed tells whether there were too many.
	Blamed(req *http.Request) bool
}

type contextKey struct{}

// TokenFrom is the token that the request came with, or nil.
func TokenFrom(ctx context.Context) *management.Token {
	found, _ := ctx.Value(contextKey{}).(*management.Token)

	return found
}

// UserFrom is the user who is logged in, or nil.
func UserFrom(ctx context.Context) user.Info {
	info, ok := request.UserFrom(ctx)
	if !ok || TokenFrom(ctx) == nil {
		return nil
	}

	return info
}

type callerKey struct{}

// CallerFrom is the user who logged in, also where he acts as somebody else; nil
// where nobody did.
func CallerFrom(ctx context.Context) user.Info {
	caller, _ := ctx.Value(callerKey{}).(user.Info)

	return caller
}

// Wrap lets every request pass, with its user in the context; who is not known
// is system:unauthenticated. Only what a browser was tricked into is refused.
func (g *Guard) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		presented, source := presentedBy(req)

		info, found, err := g.identify(req, presented)
		if err != nil {
			g.Report(req.Context(), err)
			answer.Error(rw, http.StatusInternalServerError, "ServerError", "the login could not be checked, try again")

			return
		}

		if found == nil {
			rw.Header().Set(HeaderAuth, "false")
			next.ServeHTTP(rw, asNobodyElse(req).WithContext(request.WithUser(req.Context(), anonymous())))

			return
		}

		rw.Header().Set(HeaderAuth, "true")

		if source == fromCookie {
			req = withCSRFCookie(rw, req)

			if refusal := unlessSameSite(req); refusal != nil {
				answer.Error(rw, refusal.status, refusal.code, refusal.message)

				return
			}
		}

		req, acting, refusal, err := g.actAs(req, info)
		if err != nil {
			g.Report(req.Context(), err)
			answer.Error(rw, http.StatusInternalServerError, "ServerError", "your rights could not be checked, try again")

			return
		}

		if refusal != nil {
			answer.Status(rw, req.URL.Path, refusal.status, refusal.code, refusal.message)

			return
		}

		ctx := context.WithValue(request.WithUser(req.Context(), acting), contextKey{}, found)
		ctx = context.WithValue(ctx, callerKey{}, info)

		g.whileKnown(next, presented).ServeHTTP(rw, req.WithContext(ctx))
	})
}

// Require refuses who is not logged in.
func Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if UserFrom(req.Context()) == nil {
			answer.Error(rw, http.StatusUnauthorized, "Unauthorized", "must authenticate")

			return
		}

		next.ServeHTTP(rw, req)
	})
}

// identify answers no token where there is none or a bad one.
func (g *Guard) identify(req *http.Request, presented string) (user.Info, *management.Token, error) {
	if presented == "" {
		return nil, nil, nil
	}

	ctx := req.Context()

	check := g.Tokens.Check
	if g.Strangers != nil && g.Strangers.Blamed(req) {
		check = g.Tokens.CheckKnown
	}

	found, err := check(ctx, presented)
	if errors.Is(err, token.ErrInvalid) {
		if g.Strangers != nil {
			g.Strangers.Blame(req)
		}

		return nil, nil, nil
	}

	if err != nil {
		return nil, nil, err
	}

	if found.ClusterName != "" && found.ClusterName != g.Cluster(req) {
		return nil, nil, nil
	}

	who := &management.User{}

	err = g.Users.Get(ctx, client.ObjectKey{Name: found.UserID}, who)
	if apierrors.IsNotFound(err) {
		err = g.Live.Get(ctx, client.ObjectKey{Name: found.UserID}, who)
	}

	if err != nil {
		return nil, nil, client.IgnoreNotFound(err)
	}

	if !who.IsEnabled() || who.DeletionTimestamp != nil {
		return nil, nil, nil
	}

	return Info(who), found, nil
}

// Info is a user as API servers see him.
func Info(who *management.User) user.Info {
	return &user.DefaultInfo{
		Name:   who.Name,
		UID:    who.Name,
		Groups: []string{GroupAuthenticated, GroupCattleAuthenticated},
		Extra: map[string][]string{
			"username":    {who.Username},
			"principalid": {"local://" + who.Name},
		},
	}
}

func anonymous() user.Info {
	return &user.DefaultInfo{Name: "system:unauthenticated", UID: "system:unauthenticated", Groups: []string{GroupUnauthenticated}}
}

type source int

const (
	fromNothing source = iota
	fromHeader
	fromCookie
)

// presentedBy finds the token of a request. A header wins over the cookie: it
// cannot be sent by accident.
func presentedBy(req *http.Request) (string, source) {
	if header := req.Header.Get("Authorization"); header != "" {
		if kind, rest, ok := strings.Cut(header, " "); ok && strings.EqualFold(kind, "Bearer") {
			return strings.TrimSpace(rest), fromHeader
		}

		if name, secret, ok := req.BasicAuth(); ok {
			return name + ":" + secret, fromHeader
		}

		return "", fromHeader
	}

	cookie, err := req.Cookie(Cookie)
	if err != nil || cookie.Value == "" {
		return "", fromNothing
	}

	return cookie.Value, fromCookie
}
