package steve

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rancher/apiserver/pkg/types"
)

func TestUnlessAsked(t *testing.T) {
	cases := map[string]struct {
		reason, query string
		want          string
	}{
		"Nothing":    {"a list is a list", "", ""},
		"Page":       {"as pages ask", "pagesize=100&page=2&sort=-metadata.name,spec.size&filter=a=b,c~d&filter=e in (f,g)", ""},
		"All":        {"zero is all", "pagesize=0", ""},
		"First":      {"Steve takes it for the first", "pagesize=2&page=0", ""},
		"Empty":      {"a form that was not filled in", "pagesize=&page=&filter=", ""},
		"Negative":   {"no page is that small", "pagesize=-1", `pagesize is a whole number that is not negative, and not "-1".`},
		"Word":       {"a size is a number", "pagesize=many", `pagesize is a whole number that is not negative, and not "many".`},
		"TooBig":     {"a number that nobody counts to", "page=99999999999999999999", `page is a whole number that is not negative, and not "99999999999999999999".`},
		"FarAway":    {"a product that nobody counts to", "pagesize=4611686018427387904&page=4", "There is no page 4 of 4611686018427387904 objects each."},
		"Filter":     {"half a question", "filter=a in (b,", "The filter cannot be read: found '', expected: ',', or identifier."},
		"Summary":    {"of nothing", "summary=", "The summary cannot be made: unable to parse requirement: empty summary parameter doesn't make sense."},
		"NoRevision": {"Steve refuses it itself", "revision=old", ""},
		"Half":       {"an escape that is none", "filter=%zz", `The query cannot be read: invalid URL escape "%zz".`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req := httptest.NewRequest(http.MethodGet, "/", nil)
			req.URL.RawQuery = tc.query
			got := ""
			if err := unlessAsked(&types.APIRequest{Request: req}); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("%s: %q, want %q", tc.reason, got, tc.want)
			}
		})
	}
}
