package registration

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone/tunnel"
	"crofthci.io/croft/pkg/rancher/management"
)

func TestParseParams(t *testing.T) {
	encode := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

	cases := map[string]struct {
		reason, header string
		want           *ClusterParams
	}{
		"Good": {
			"what Rancher's agent sends", encode(`{"cluster":{"address":"10.43.0.1:443","token":"t","caCert":"Y2E="}}`),
			&ClusterParams{Address: "10.43.0.1:443", Token: "t", CACert: "Y2E="},
		},
		"More":      {"more than we read", encode(`{"cluster":{"address":"a:1","token":"t","caCert":"","x":1},"node":null}`), &ClusterParams{Address: "a:1", Token: "t"}},
		"Empty":     {"nothing", "", nil},
		"NotBase64": {"not base64", "{}", nil},
		"NotJSON":   {"not JSON", encode("x"), nil},
		"NoCluster": {"no cluster", encode("{}"), nil},
		"NoAddress": {"no address", encode(`{"cluster":{"token":"t","caCert":""}}`), nil},
		"Path":      {"an address that would lead elsewhere on the host", encode(`{"cluster":{"address":"a:1/x","token":"t","caCert":""}}`), nil},
		"User":      {"an address with credentials", encode(`{"cluster":{"address":"u@a:1","token":"t","caCert":""}}`), nil},
		"NoToken":   {"no token", encode(`{"cluster":{"address":"a:1","caCert":""}}`), nil},
		"Long":      {"more than anybody's authorities", encode(`{"cluster":{"address":"a:1","token":"t","caCert":"` + strings.Repeat("A", mostParams) + `"}}`), nil},
		"BadCA":     {"an authority that is not base64", encode(`{"cluster":{"address":"a:1","token":"t","caCert":"!"}}`), nil},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ParseParams(tc.header)
			if (err != nil) != (tc.want == nil) {
				t.Fatalf("%s: got error %v", tc.reason, err)
			}

			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want, +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestClusterOf(t *testing.T) {
	token := func(namespace, cluster, word string) *management.ClusterRegistrationToken {
		return &management.ClusterRegistrationToken{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: DefaultToken},
			Spec:       management.ClusterRegistrationTokenSpec{ClusterName: cluster}, Status: management.ClusterRegistrationTokenStatus{Token: word},
		}
	}
	known := []client.Object{token("c-m-1", "c-m-1", "one"), token("c-m-3", "c-m-3", "revoked"), token("c-m-4", "c-m-2", "elsewhere"), token("c-m-5", "c-m-5", "orphan")}
	live := []client.Object{
		token("c-m-1", "c-m-1", "one"), token("c-m-2", "c-m-2", "new"), token("c-m-4", "c-m-2", "elsewhere"), token("c-m-5", "c-m-5", "orphan"),
		managed("c-m-1", "a"), managed("c-m-2", "b"), managed("c-m-3", "c"),
	}

	cases := map[string]struct {
		reason, word, want string
		blamed             bool
	}{
		"Known":     {"a site that was here before", "one", "c-m-1", false},
		"New":       {"a site whose token was made a moment ago", "new", "c-m-2", false},
		"Revoked":   {"a token that ended a moment ago", "revoked", "", false},
		"Elsewhere": {"a token in another cluster's namespace", "elsewhere", "", false},
		"Orphan":    {"a cluster that is gone", "orphan", "", false},
		"Stranger":  {"nobody's word", "guess", "", false},
		"Behind":    {"a site that shares its address with a guesser", "one", "c-m-1", true},
		"Guesser":   {"a guesser makes nobody look further than memory", "new", "", true},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			connect := &Connect{Known: newClient(t, known...), Live: newClient(t, live...)}
			server := tunnel.New(func(string) {}, func(_ context.Context, err error) { t.Error(err) }, func(req *http.Request) (*tunnel.Caller, error) {
				got, err := connect.clusterOf(req.Context(), tc.word)
				if err != nil || got != tc.want {
					t.Errorf("%s: want %q, got %q, %v", tc.reason, tc.want, got, err)
				}

				return nil, nil //nolint:nilnil // nobody gets in here.
			})
			server.Strangers = blamed(tc.blamed)

			server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v3/connect", nil))
		})
	}
}

type blamed bool

func (b blamed) Blame(*http.Request)       {}
func (b blamed) Blamed(*http.Request) bool { return bool(b) }

func TestParseManifestName(t *testing.T) {
	cases := map[string]struct {
		reason, name, token, cluster string
		ok                           bool
	}{
		"Good":      {"what the page shows", "abc_c-m-12345678.yaml", "abc", "c-m-12345678", true},
		"NoSuffix":  {"not a manifest", "abc_c-m-12345678", "abc", "", false},
		"NoCluster": {"no cluster", "abc_.yaml", "", "", false},
		"NoToken":   {"no token", "_c-m-12345678.yaml", "", "", false},
		"Neither":   {"neither", "abc.yaml", "", "", false},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			token, cluster, ok := ParseManifestName(tc.name)
			if ok != tc.ok || (ok && (token != tc.token || cluster != tc.cluster)) {
				t.Errorf("%s: got %q, %q, %t", tc.reason, token, cluster, ok)
			}
		})
	}
}

func TestEqual(t *testing.T) {
	cases := map[string]struct {
		reason, want, have string
		equal              bool
	}{
		"Same":   {"the word", "abc", "abc", true},
		"Other":  {"another word", "abc", "abd", false},
		"Prefix": {"the beginning of the word", "abc", "ab", false},
		"Empty":  {"a token that was not made yet opens nothing", "", "", false},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := equal(tc.want, tc.have); got != tc.equal {
				t.Errorf("%s: got %t", tc.reason, got)
			}
		})
	}
}
