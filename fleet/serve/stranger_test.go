package serve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/site"
)

// hub serves an index without rows over HTTP. Who asks stands in a header, as Rancher's tunnel says it.
func hub(t *testing.T) *httptest.Server {
	t.Helper()
	x, err := index.Open(t.Context(), t.TempDir(), []*index.Type{site.Type, node.Type})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	inner := New(&Access{Hub: "_hub", Book: rights.NewBook(), Index: x, Sites: site.Type}, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if name := req.Header.Get("Asks"); name != "" {
			req = req.WithContext(request.WithUser(req.Context(), &user.DefaultInfo{Name: name}))
		}
		inner.ServeHTTP(w, req)
	}))
	t.Cleanup(server.Close)
	return server
}

// TestStrangers sends what nobody should send or can mean. All of it is refused in words, and nobody learns what is there.
func TestStrangers(t *testing.T) {
	const ann = "ann"
	get, deep := http.MethodGet, strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)
	server := hub(t)
	cases := map[string]struct {
		reason string
		user   string
		method string
		path   string
		body   string
		want   int
	}{
		"Nobody":       {"who does not say who he is", "", get, "/v1/croft/nodes", "", 401},
		"Anonymous":    {"nor is a name for nobody one", user.Anonymous, get, "/v1/croft/nodes", "", 401},
		"Broken":       {"nor is Rancher's own word for a broken user", "system:cattle:error", get, "/v1/croft/nodes", "", 401},
		"Elsewhere":    {"other addresses are others' to answer", ann, get, "/v1/harvester/nodes", "", 404},
		"NoKind":       {"there is no such type", ann, get, "/v1/croft/unicorns", "", 404},
		"NoRight":      {"who knows of no site finds an empty list", ann, get, "/v1/croft/nodes", "", 200},
		"NoObject":     {"and no object, there or not", ann, get, "/v1/croft/nodes/c-1/a", "", 404},
		"DeadSite":     {"nor the site", ann, get, "/v1/croft/sites/c-1", "", 404},
		"TooDeep":      {"an object has three names", ann, get, "/v1/croft/nodes/a/b/c/d", "", 404},
		"Traversal":    {"a name does not lead elsewhere", ann, get, "/v1/croft/nodes/..%2f..%2fsites/x", "", 404},
		"Nothing":      {"a name has letters", ann, get, "/v1/croft/nodes/%00/x", "", 404},
		"Slashes":      {"names are not empty", ann, get, "/v1/croft/nodes//x", "", 404},
		"Filter":       {"a column that is none is named", ann, get, "/v1/croft/nodes?filter=nonsense%3D1", "", 422},
		"Sort":         {"so it is for sorting", ann, get, "/v1/croft/nodes?sort=%27%3B--", "", 422},
		"Page":         {"a page has a number", ann, get, "/v1/croft/nodes?pagesize=-1", "", 422},
		"Continue":     {"a list goes on where it said", ann, get, "/v1/croft/nodes?limit=2&continue=nonsense", "", 422},
		"Make":         {"nothing is made here", ann, http.MethodPost, "/v1/croft/nodes", `{"spec":` + deep + `}`, 403},
		"Change":       {"or changed", ann, http.MethodPut, "/v1/croft/nodes/c-1/a", deep, 403},
		"Patch":        {"in whatever way", ann, http.MethodPatch, "/v1/croft/nodes/c-1/a", deep, 403},
		"Remove":       {"or removed", ann, http.MethodDelete, "/v1/croft/nodes/c-1/a", "", 403},
		"MethodAsWord": {"also when a link asks for it", ann, get, "/v1/croft/nodes/c-1/a?_method=DELETE", "", 404},
		"Act":          {"there are no deeds", ann, http.MethodPost, "/v1/croft/nodes/c-1/a?action=cordon", deep, 403},
		"Trace":        {"or other methods", ann, http.MethodTrace, "/v1/croft/nodes", "", 405},
		"Enormous":     {"what is sent is not read", ann, http.MethodPost, "/v1/croft/nodes", strings.Repeat("x", 200<<10), 403},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), tc.method, server.URL+tc.path, strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Asks", tc.user)
			response, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tc.want {
				t.Errorf("%s: want %d, got %s %s", tc.reason, tc.want, response.Status, text)
			}
			if refused := fmt.Sprintf(`"status":%d`, tc.want); tc.want >= 400 && (!strings.Contains(string(text), refused) || !strings.Contains(string(text), `"message":"`)) {
				t.Errorf("%s: the answer says why: %s", tc.reason, text)
			}
		})
	}
}
