package registration

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
