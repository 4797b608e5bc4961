package management

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGroupsOf(t *testing.T) {
	cases := map[string]struct {
		reason, attribute string
		want              []string
		fails             bool
	}{
		"None":  {"a local user has none", `{"metadata":{"name":"u-1"},"UserName":"u-1","GroupPrincipals":null}`, nil, false},
		"Empty": {"nor one whose provider says of none", `{"GroupPrincipals":{"local":{"Items":null}}}`, nil, false},
		"Several": {
			"those of every provider, each once",
			`{"GroupPrincipals":{"openldap":{"Items":[{"metadata":{"name":"openldap_group://cn=b"}},{"metadata":{}}]},"github":{"Items":[{"metadata":{"name":"github_team://42"},"displayName":"Shop"},{"metadata":{"name":"github_team://42"}}]}}}`,
			[]string{"github_team://42", "openldap_group://cn=b"}, false,
		},
		"Broken": {"what cannot be read is an error, not nothing", `{"GroupPrincipals":[]}`, nil, true},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := GroupsOf([]byte(tc.attribute))
			if (err != nil) != tc.fails {
				t.Errorf("%s: got error %v", tc.reason, err)
			}

			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want, +got)\n%s", tc.reason, diff)
			}
		})
	}
}
