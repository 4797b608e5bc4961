package control

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crofthci.io/croft/test/site/site"
)

func TestHandler(t *testing.T) {
	server := httptest.NewServer(Handler(site.NewFaults()))
	defer server.Close()
	for _, step := range []struct {
		reason, method, body string
		code                 int
		want                 string
	}{
		{"nothing is ordered at first", "GET", "", 200, "[]"},
		{"an order", "POST", `{"name":"node","target":"n1"}`, 200, `[{"name":"node","target":"n1","value":"true"}]`},
		{"an order without name", "POST", `{"target":"n1"}`, 422, "field name: \"\" is none of node, handler, "},
		{"an order for what there is not", "POST", `{"name":"nodes","target":"n1"}`, 422, "field name: \"nodes\" is none of node, handler, "},
		{"the end of what there is not", "DELETE", `{"name":"nodes","target":"n1"}`, 422, "field name: \"nodes\" is none of node, handler, "},
		{"no JSON", "POST", `node`, 422, "body:"},
		{"one more, for all", "POST", `{"name":"boot","value":"3s"}`, 200, `{"name":"boot","target":"*","value":"3s"}`},
		{"one ends", "DELETE", `{"name":"boot"}`, 200, `[{"name":"node","target":"n1","value":"true"}]`},
		{"all end", "DELETE", "", 200, "[]"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), step.method, server.URL+"/faults", strings.NewReader(step.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != step.code || !strings.Contains(string(body), step.want) {
			t.Errorf("%s: %d %s, %v; want %d %s", step.reason, response.StatusCode, body, err, step.code, step.want)
		}
	}
}
