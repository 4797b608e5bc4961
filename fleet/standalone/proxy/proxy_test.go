package proxy

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
)

func TestSplit(t *testing.T) {
	cases := map[string]struct{ reason, path, cluster, rest string }{
		"API":   {"the Kubernetes API", "/k8s/clusters/c-m-1/api/v1/pods", "c-m-1", "/api/v1/pods"},
		"Steve": {"the Steve API", "/k8s/clusters/c-m-1/v1/harvester/x", "c-m-1", "/v1/harvester/x"},
		"Root":  {"kubectl asks the root", "/k8s/clusters/c-m-1", "c-m-1", "/"},
		"Slash": {"the root with a slash", "/k8s/clusters/c-m-1/", "c-m-1", "/"},
		"None":  {"no cluster", "/k8s/clusters/", "", "/"},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if cluster, rest := Split(tc.path); cluster != tc.cluster || rest != tc.rest {
				t.Errorf("%s: got %q and %q", tc.reason, cluster, rest)
			}
		})
	}
}

func TestImpersonate(t *testing.T) {
	header := http.Header{
		"Accept":                    {"application/json"},
		"Authorization":             {"Bearer token-abcde:secret"},
		"Cookie":                    {"R_SESS=token-abcde:secret"},
		"Impersonate-User":          {"system:admin"},
		"Impersonate-Group":         {"system:masters"},
		"impersonate-uid":           {"0"},
		"Impersonate-Extra-Scopes":  {"all"},
		"X-Remote-User":             {"system:admin"},
		"X-Api-Csrf":                {"abc"},
		"X-Api-Url-Prefix":          {"https://evil.example"},
		"X-Api-Host":                {"evil.example"},
		"X-Api-Tunnel-Token":        {"t"},
		"X-Stream-Protocol-Version": {"v4.channel.k8s.io"},
		"Sec-Websocket-Extensions":  {"permessage-deflate"},
	}

	Impersonate(header, &user.DefaultInfo{
		Name: "u-1", Groups: []string{"system:authenticated", "system:cattle:authenticated"},
		Extra: map[string][]string{"username": {"ann"}, "example.org/x": {"1"}},
	})

	want := http.Header{
		"Accept":                            {"application/json"},
		"Impersonate-User":                  {"u-1"},
		"Impersonate-Group":                 {"system:authenticated", "system:cattle:authenticated"},
		"Impersonate-Extra-Username":        {"ann"},
		"Impersonate-Extra-Example.org%2fx": {"1"},
		"X-Stream-Protocol-Version":         {"v4.channel.k8s.io"},
		"Sec-Websocket-Extensions":          {"permessage-deflate"},
	}
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("only this server says who asks (-want, +got):\n%s", diff)
	}
}

func TestWithoutMethod(t *testing.T) {
	cases := map[string]struct{ reason, query, want string }{
		"None":    {"nothing", "", ""},
		"Kept":    {"what a page asks is passed on as it is", "sort=-metadata.name&filter=a~%22b%22&filter=c", "sort=-metadata.name&filter=a~%22b%22&filter=c"},
		"Method":  {"only the request's own method was checked", "page=1&_method=DELETE", "page=1"},
		"Encoded": {"however it is written", "%5Fmethod=DELETE&_method=PUT", ""},
		"Broken":  {"what cannot be read is not passed on", "page=1;_method=DELETE", ""},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := withoutMethod(tc.query); got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

func TestCleanSite(t *testing.T) {
	resp := &http.Response{Header: http.Header{
		"Content-Type":            {"text/html"},
		"Set-Cookie":              {"R_SESS=stolen"},
		"X-Api-Cattle-Auth":       {"false"},
		"Clear-Site-Data":         {"*"},
		"Service-Worker-Allowed":  {"/"},
		"Www-Authenticate":        {"Basic realm=hub"},
		"Content-Security-Policy": {"default-src 'self'"},
	}}
	if err := cleanSite(resp); err != nil {
		t.Fatal(err)
	}

	want := http.Header{
		"Content-Type":            {"text/html"},
		"X-Content-Type-Options":  {"nosniff"},
		"Content-Security-Policy": {"default-src 'self'", "sandbox"},
	}
	if diff := cmp.Diff(want, resp.Header); diff != "" {
		t.Errorf("a page of a site must not act as the hub's (-want, +got):\n%s", diff)
	}
}
