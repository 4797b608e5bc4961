package steve

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/cache"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Authenticator finds out who sends a request. It answers errNobody when the request does not say, or says wrongly;
// any other error means that it could not find out.
type Authenticator func(req *http.Request) (user.Info, error)

// errNobody is the answer for a request from nobody that the cluster knows.
var errNobody = errors.New("no valid bearer token")

// How long the answer to a token is remembered, and how many answers are. A token that is revoked is good that long.
const (
	tokenMemory   = 10 * time.Second
	tokensInCache = 4096
)

// ByToken is the Authenticator of the server's own port: a Kubernetes bearer token, which the API server reviews. It
// refuses impersonation headers, which are only believed from the tunnel.
func ByToken(config *rest.Config) (Authenticator, error) {
	clients, err := kubernetes.NewForConfig(unthrottled(config))
	if err != nil {
		return nil, fmt.Errorf("reach the cluster to review tokens: %w", err)
	}
	known := cache.NewLRUExpireCache(tokensInCache)
	return func(req *http.Request) (user.Info, error) {
		token, ok := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
		if token = strings.TrimSpace(token); !ok || token == "" {
			return nil, errNobody
		}
		key := sha256.Sum256([]byte(token))
		if info, ok := known.Get(key); ok {
			return info.(user.Info), nil
		}
		info, err := review(req.Context(), clients, token)
		if err == nil {
			known.Add(key, info, tokenMemory)
		}
		return info, err
	}, nil
}

func review(ctx context.Context, clients kubernetes.Interface, token string) (user.Info, error) {
	answer, err := clients.AuthenticationV1().TokenReviews().Create(ctx,
		&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("review a token: %w", err)
	}
	if !answer.Status.Authenticated {
		return nil, errNobody
	}
	return infoOf(answer.Status.User), nil
}

func infoOf(u authenticationv1.UserInfo) user.Info {
	info := &user.DefaultInfo{Name: u.Username, UID: u.UID, Groups: u.Groups, Extra: map[string][]string{}}
	for key, values := range u.Extra {
		info.Extra[key] = values
	}
	return info
}

// authenticated lets through what the authenticator knows, with the caller in the request's context and without the
// caller's credentials, which nothing behind it needs.
func authenticated(authenticate Authenticator, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		info, err := authenticate(req)
		switch {
		case errors.Is(err, errNobody):
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeFault(w, http.StatusUnauthorized, "Unauthorized", "Log in first: "+err.Error()+".")
		case err != nil:
			writeFault(w, http.StatusServiceUnavailable, "ServiceUnavailable", "Cannot find out who you are: "+err.Error())
		default:
			next.ServeHTTP(w, as(info, req))
		}
	})
}

// as is the request with the caller in its context and not in its headers.
func as(info user.Info, req *http.Request) *http.Request {
	req = req.Clone(request.WithUser(req.Context(), info))
	req.Header.Del("Authorization")
	for name := range req.Header {
		if strings.HasPrefix(name, impersonation) {
			delete(req.Header, name)
		}
	}
	return req
}

// requireCaller is what Steve has for an authenticator: somebody must have put the caller into the context.
func requireCaller(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, ok := request.UserFrom(req.Context()); !ok {
			writeFault(w, http.StatusUnauthorized, "Unauthorized", "Log in first: "+errNobody.Error()+".")
			return
		}
		next.ServeHTTP(w, req)
	})
}
