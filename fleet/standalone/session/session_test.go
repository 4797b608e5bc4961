package session

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
)

const presented = "token-abcde:secret"

func guard(t *testing.T) *Guard {
	t.Helper()

	scheme := runtime.NewScheme()
	if err := rancher.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}

	objects := fake.NewClientBuilder().WithScheme(scheme).WithObjects(
		&management.User{ObjectMeta: metav1.ObjectMeta{Name: "u-1"}, Username: "ann"},
		&management.User{ObjectMeta: metav1.ObjectMeta{Name: "u-2"}, Enabled: ptr.To(false)},
		&management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-abcde"}, Token: token.Hash("secret"), UserID: "u-1"},
		&management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-one"}, Token: token.Hash("secret"), UserID: "u-1", ClusterName: "c-m-1"},
		&management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-here"}, Token: token.Hash("secret"), UserID: "u-1", ClusterName: "/v1/x"},
		&management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-off"}, Token: token.Hash("secret"), UserID: "u-2"},
		&management.Token{ObjectMeta: metav1.ObjectMeta{Name: "token-gone"}, Token: token.Hash("secret"), UserID: "u-3"},
	).Build()

	return &Guard{
		Tokens: &token.Store{Client: objects, Now: time.Now}, Users: objects, Live: objects,
		Cluster: func(req *http.Request) string { return req.URL.Path },
		// Ann may act as bob and as a service account, in the team and in a scope.
		Allows: func(_ context.Context, who user.Info, what authorizationv1.ResourceAttributes) (bool, error) {
			allowed := []string{"users bob", "groups team", "serviceaccounts robot", "userextras read"}

			return who.GetName() == "u-1" && what.Verb == "impersonate" && slices.Contains(allowed, what.Resource+" "+what.Name), nil
		},
		Report: func(_ context.Context, err error) { t.Error(err) },
	}
}

func TestWrap(t *testing.T) {
	type headers map[string]string

	session := "R_SESS=" + presented

	cases := map[string]struct {
		reason  string
		method  string
		query   string
		headers headers
		status  int
		user    string
	}{
		"Nobody":       {"who sends nothing is nobody", http.MethodGet, "", nil, http.StatusOK, ""},
		"Bearer":       {"a program sends a bearer token", http.MethodPost, "", headers{"Authorization": "Bearer " + presented}, http.StatusOK, "u-1"},
		"Basic":        {"an API key is a basic password too", http.MethodPost, "", headers{"Authorization": "Basic dG9rZW4tYWJjZGU6c2VjcmV0"}, http.StatusOK, "u-1"},
		"BadBearer":    {"a bad token is nobody, even beside a good cookie", http.MethodGet, "", headers{"Authorization": "Bearer x:y", "Cookie": session}, http.StatusOK, ""},
		"Cookie":       {"a page reads with its cookie", http.MethodGet, "", headers{"Cookie": session}, http.StatusOK, "u-1"},
		"NoCSRF":       {"another site can make a browser post", http.MethodPost, "", headers{"Cookie": session}, http.StatusUnprocessableEntity, ""},
		"HalfCSRF":     {"the cookie alone proves nothing", http.MethodPost, "", headers{"Cookie": session + "; CSRF=abc"}, http.StatusUnprocessableEntity, ""},
		"EmptyCSRF":    {"nothing equals nothing, but proves nothing", http.MethodPost, "", headers{"Cookie": session + "; CSRF=", "X-Api-Csrf": ""}, http.StatusUnprocessableEntity, ""},
		"WrongCSRF":    {"the header must be the cookie", http.MethodDelete, "", headers{"Cookie": session + "; CSRF=abc", "X-Api-Csrf": "abd"}, http.StatusUnprocessableEntity, ""},
		"CSRF":         {"only a page of this server can read the cookie", http.MethodDelete, "", headers{"Cookie": session + "; CSRF=abc", "X-Api-Csrf": "abc"}, http.StatusOK, "u-1"},
		"MethodCSRF":   {"a link can name another method", http.MethodGet, "?_method=DELETE", headers{"Cookie": session}, http.StatusUnprocessableEntity, ""},
		"StrangeCSRF":  {"what is no method that reads may be one that writes", http.MethodGet, "?_method=get&_method=GET", headers{"Cookie": session + "; CSRF=abc"}, http.StatusUnprocessableEntity, ""},
		"ActionCSRF":   {"a link can name an action", http.MethodGet, "?action=remove", headers{"Cookie": session}, http.StatusUnprocessableEntity, ""},
		"ActionPage":   {"the page's own action", http.MethodPost, "?action=stop", headers{"Cookie": session + "; CSRF=abc", "X-Api-Csrf": "abc"}, http.StatusOK, "u-1"},
		"MethodBearer": {"a program is no browser", http.MethodGet, "?_method=DELETE", headers{"Authorization": "Bearer " + presented}, http.StatusOK, "u-1"},
		"MethodGet":    {"a method that reads", http.MethodGet, "?_method=GET", headers{"Cookie": session}, http.StatusOK, "u-1"},
		"OwnSocket":    {"a websocket of the own page", http.MethodGet, "", headers{"Cookie": session, "Connection": "Upgrade", "Origin": "https://hub.example"}, http.StatusOK, "u-1"},
		"OtherSocket":  {"a websocket of another page", http.MethodGet, "", headers{"Cookie": session, "Connection": "keep-alive, Upgrade", "Origin": "https://evil.example"}, http.StatusForbidden, ""},
		"NullSocket":   {"a websocket of a page without origin", http.MethodGet, "", headers{"Cookie": session, "Connection": "Upgrade", "Origin": "null"}, http.StatusForbidden, ""},
		"BearerSocket": {"who holds a token is no browser that was tricked", http.MethodGet, "", headers{"Authorization": "Bearer " + presented, "Connection": "Upgrade", "Origin": "https://other.example"}, http.StatusOK, "u-1"},
		"OneCluster":   {"a token for one cluster is worth nothing elsewhere", http.MethodGet, "", headers{"Authorization": "Bearer token-one:secret"}, http.StatusOK, ""},
		"ThisCluster":  {"a token for this cluster", http.MethodGet, "", headers{"Authorization": "Bearer token-here:secret"}, http.StatusOK, "u-1"},
		"Disabled":     {"a user who is switched off is nobody", http.MethodGet, "", headers{"Authorization": "Bearer token-off:secret"}, http.StatusOK, ""},
		"Gone":         {"a user who is gone is nobody", http.MethodGet, "", headers{"Authorization": "Bearer token-gone:secret"}, http.StatusOK, ""},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			name := ""
			handler := guard(t).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				if who := UserFrom(req.Context()); who != nil {
					name = who.GetName()
				}
			}))

			req := httptest.NewRequest(tc.method, "https://hub.example/v1/x"+tc.query, nil)
			for key, value := range tc.headers {
				req.Header.Set(key, value)
			}

			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, req)

			if rec.Code != tc.status || name != tc.user {
				t.Errorf("%s: want %d as %q, got %d as %q", tc.reason, tc.status, tc.user, rec.Code, name)
			}

			want := "false"
			if tc.user != "" || tc.status != http.StatusOK {
				want = "true"
			}

			if got := rec.Header().Get(HeaderAuth); got != want {
				t.Errorf("%s: want %s %s, got %s", tc.reason, HeaderAuth, want, got)
			}
		})
	}
}

func TestActAs(t *testing.T) {
	type headers map[string][]string

	cases := map[string]struct {
		reason  string
		headers headers
		status  int
		want    user.Info
	}{
		"Allowed": {
			"who may impersonate is somebody else, and authenticated", headers{"Impersonate-User": {"bob"}, "Impersonate-Group": {"team"}, "Impersonate-Extra-Acme.com%2fScopes": {"read"}},
			http.StatusOK, &user.DefaultInfo{Name: "bob", UID: "bob", Groups: []string{"team", GroupAuthenticated}, Extra: map[string][]string{"acme.com/scopes": {"read"}}},
		},
		"Account": {
			"a service account", headers{"Impersonate-User": {"system:serviceaccount:web:robot"}},
			http.StatusOK, &user.DefaultInfo{
				Name: "system:serviceaccount:web:robot", UID: "system:serviceaccount:web:robot", Groups: []string{GroupAuthenticated}, Extra: map[string][]string{},
			},
		},
		"User":    {"another user", headers{"Impersonate-User": {"carol"}}, http.StatusForbidden, nil},
		"Group":   {"a group that he may not have", headers{"Impersonate-User": {"bob"}, "Impersonate-Group": {"team", "system:masters"}}, http.StatusForbidden, nil},
		"Extra":   {"an extra that he may not have", headers{"Impersonate-User": {"bob"}, "Impersonate-Extra-Scopes": {"all"}}, http.StatusForbidden, nil},
		"Nobody":  {"who is nobody acts as nobody else", headers{"Impersonate-User": {"bob"}, "Authorization": {"Bearer no:token"}}, http.StatusOK, nil},
		"NoUser":  {"a group alone is nobody", headers{"Impersonate-Group": {"team"}}, http.StatusBadRequest, nil},
		"Unknown": {"what is not understood is not passed over", headers{"Impersonate-User": {"bob"}, "Impersonate-Uid": {"0"}}, http.StatusBadRequest, nil},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got user.Info

			left := 0
			handler := guard(t).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
				got = UserFrom(req.Context())

				for key := range req.Header {
					if strings.HasPrefix(key, "Impersonate") {
						left++
					}
				}
			}))

			req := httptest.NewRequest(http.MethodGet, "https://hub.example/api", nil)
			req.Header.Set("Authorization", "Bearer "+presented)

			for key, values := range tc.headers {
				req.Header[key] = values
			}

			rec := httptest.NewRecorder()
			handler.ServeHTTP(rec, req)

			if diff := cmp.Diff(tc.want, got); rec.Code != tc.status || diff != "" {
				t.Errorf("%s: want %d, got %d: %s (-want, +got):\n%s", tc.reason, tc.status, rec.Code, rec.Body, diff)
			}

			if left != 0 {
				t.Errorf("%s: the headers must end here, got %d", tc.reason, left)
			}
		})
	}
}

func TestOwnOrigin(t *testing.T) {
	cases := map[string]struct {
		reason, origin string
		status         int
	}{
		"None":  {"programs send no origin", "", http.StatusOK},
		"Own":   {"the login page", "https://hub.example", http.StatusOK},
		"Other": {"another page must not log anybody in", "https://evil.example", http.StatusForbidden},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodPost, "https://hub.example/v1-public/login", nil)
			req.Header.Set("Origin", tc.origin)

			rec := httptest.NewRecorder()
			OwnOrigin(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(rec, req)

			if rec.Code != tc.status {
				t.Errorf("%s: want %d, got %d", tc.reason, tc.status, rec.Code)
			}
		})
	}
}
