package standalone_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"crofthci.io/croft/fleet/extension"
)

// testPlugin is an extension that comes as an object: fetched once, then served
// from here, and gone with the object.
func testPlugin(t *testing.T, h *hub, admin string) {
	files := map[string]string{
		"/ui/files.txt":                     "plugin/package.json\nplugin/other-1.0.0.umd.min.js\nplugin/../../outside.txt\n",
		"/ui/plugin/package.json":           `{"name":"other","version":"1.0.0"}`,
		"/ui/plugin/other-1.0.0.umd.min.js": "let other",
		"/ui/outside.txt":                   "kept inside",
		"/wrong/files.txt":                  "plugin/package.json\n",
		"/wrong/plugin/package.json":        `{"name":"wrong","version":"2.0.0"}`,
	}
	endpoint := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		content, ok := files[req.URL.Path]
		if !ok {
			http.NotFound(rw, req)

			return
		}

		_, _ = rw.Write([]byte(content))
	}))
	defer endpoint.Close()

	page, err := extension.Handler(fstest.MapFS{
		"files.txt":                {Data: []byte("plugin/package.json\nplugin/page-1.0.0.umd.min.js\n")},
		"package.json":             {Data: []byte(`{"name":"page","version":"1.0.0"}`)},
		"page-1.0.0.umd.min.js":    {Data: []byte("let page")},
		"page-1.0.0.umd.min.js.gz": {Data: []byte("not listed")},
	})
	if err != nil {
		t.Fatal(err)
	}

	beside := httptest.NewServer(page)
	defer beside.Close()

	plugin := func(name, endpoint string) {
		h.want(t, http.StatusCreated, admin, http.MethodPost, "/v1/catalog.cattle.io.uiplugins", map[string]any{
			"type": "catalog.cattle.io.uiplugin", "metadata": map[string]any{"namespace": "cattle-ui-plugin-system", "name": name},
			"spec": map[string]any{"plugin": map[string]any{"name": name, "version": "1.0.0", "endpoint": endpoint}},
		})
	}

	plugin("other", endpoint.URL+"/ui")
	plugin("wrong", endpoint.URL+"/wrong")
	plugin("page", beside.URL)

	for _, name := range []string{"other", "page"} {
		eventually(t, "the extension "+name, func() error {
			got := h.do(t, admin, http.MethodGet, "/v1/uiplugins/"+name+"/1.0.0/plugin/"+name+"-1.0.0.umd.min.js", nil)
			if got.status != http.StatusOK || string(got.body) != "let "+name {
				return fmt.Errorf("%d %s", got.status, got.body)
			}

			return nil
		})
	}

	eventually(t, "the reason", func() error {
		got := h.do(t, admin, http.MethodGet, "/v1/catalog.cattle.io.uiplugins/cattle-ui-plugin-system/wrong", nil)
		if !strings.Contains(got.text("status", "error"), "2.0.0") {
			return fmt.Errorf("an endpoint with another version must be named: %s", got.body)
		}

		return nil
	})

	h.do(t, admin, http.MethodDelete, "/v1/catalog.cattle.io.uiplugins/cattle-ui-plugin-system/other", nil)
	eventually(t, "the extension gone", func() error {
		if got := h.do(t, admin, http.MethodGet, "/v1/uiplugins", nil); strings.Contains(string(got.body), "other") {
			return fmt.Errorf("%s", got.body)
		}

		return nil
	})
}

// testLegacyCluster is the import by /v3, as older pages and scripts do it.
func testLegacyCluster(t *testing.T, h *hub, admin string) {
	made := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/clusters", map[string]any{"type": "cluster", "name": "old"})
	id := made.text("id")

	eventually(t, "both clusters and the token", func() error {
		asked := h.do(t, admin, http.MethodGet, "/v1/provisioning.cattle.io.clusters/fleet-default/"+id, nil)
		if asked.text("status", "clusterName") != id {
			return fmt.Errorf("%d %s", asked.status, asked.body)
		}

		token := h.do(t, admin, http.MethodGet, "/v3/clusterRegistrationTokens/"+id+":default-token", nil)
		if !strings.Contains(token.text("insecureCommand"), "/v3/import/") {
			return fmt.Errorf("%d %s", token.status, token.body)
		}

		return nil
	})

	h.want(t, http.StatusOK, admin, http.MethodDelete, "/v3/clusters/"+id, nil)
	eventually(t, "cluster gone", func() error {
		if got := h.do(t, admin, http.MethodGet, "/v3/clusters/"+id, nil); got.status != http.StatusNotFound {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})
	eventually(t, "provisioning cluster gone", func() error {
		if got := h.do(t, admin, http.MethodGet, "/v1/provisioning.cattle.io.clusters/fleet-default/"+id, nil); got.status != http.StatusNotFound {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})
}
