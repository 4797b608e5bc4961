package extension_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"crofthci.io/croft/fleet/extension"
)

func TestHandler(t *testing.T) {
	folder := fstest.MapFS{
		"files.txt":               {Data: []byte("plugin/package.json\nplugin/img/logo.svg\n")},
		"package.json":            {Data: []byte(`{"name":"croft"}`)},
		"img/logo.svg":            {Data: []byte("<svg/>")},
		"croft-0.1.0.umd.min.js~": {Data: []byte("not listed")},
	}

	handler, err := extension.Handler(folder)
	if err != nil {
		t.Fatal(err)
	}

	cases := []struct {
		reason, method, path string
		status               int
		body                 string
	}{
		{"what Rancher asks for first", http.MethodGet, "/files.txt", http.StatusOK, "plugin/package.json\nplugin/img/logo.svg\n"},
		{"a file", http.MethodGet, "/plugin/package.json", http.StatusOK, `{"name":"croft"}`},
		{"a file in a folder", http.MethodGet, "/plugin/img/logo.svg", http.StatusOK, "<svg/>"},
		{"only what is listed", http.MethodGet, "/plugin/croft-0.1.0.umd.min.js~", http.StatusNotFound, ""},
		{"no folders", http.MethodGet, "/plugin/img/", http.StatusNotFound, ""},
		{"no way out", http.MethodGet, "/plugin/../files.txt", http.StatusNotFound, ""},
		{"nothing to write", http.MethodPost, "/plugin/package.json", http.StatusNotFound, ""},
		{"no page", http.MethodGet, "/", http.StatusNotFound, ""},
	}
	for _, tc := range cases {
		rw := httptest.NewRecorder()
		handler.ServeHTTP(rw, httptest.NewRequest(tc.method, tc.path, nil))

		if rw.Code != tc.status || tc.body != "" && rw.Body.String() != tc.body {
			t.Errorf("%s: %s %s: want %d %q, got %d %q", tc.reason, tc.method, tc.path, tc.status, tc.body, rw.Code, rw.Body)
		}
	}
}

func TestHandlerRefuses(t *testing.T) {
	cases := map[string]fstest.MapFS{
		"a folder that nobody built":    {"package.json": {}},
		"a list with a missing file":    {"files.txt": {Data: []byte("plugin/package.json\n")}},
		"a list that leaves its folder": {"files.txt": {Data: []byte("plugin/../package.json\n")}, "package.json": {}},
	}
	for reason, folder := range cases {
		if _, err := extension.Handler(folder); err == nil {
			t.Errorf("%s must be refused at the start", reason)
		}
	}
}
