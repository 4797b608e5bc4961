package peer

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// asker is who asks.
type asker string

const (
	nobody   asker = "nobody"
	stranger asker = "a stranger" // with a token that was never given
	admin    asker = "the administrator"
	browser  asker = "a browser"           // with the administrator's cookie, and no more
	page     asker = "a page in a browser" // which also says that it is one
)

// question is a request that both hubs are asked, where SITE stands for the site's
// id.
type question struct {
	as           asker
	method, path string
	body         any
	// status is what Rancher answers.
	status int
	// known are the differences that have a reason.
	known []known
}

// known is a difference between Rancher and ours, in the words of
// answer.differences, and why it is there.
type known struct{ difference, reason string }

func (w *world) sameQuestions(t *testing.T) { w.compare(t, questions) }

// compare asks both hubs the same and has every difference explained.
func (w *world) compare(t *testing.T, questions []question) {
	cookies := map[*hub]http.Header{}
	for _, h := range []*hub{w.rancher, w.ours} {
		cookies[h] = cookie(t, h)
	}
	for _, q := range questions {
		t.Run(string(q.as)+" "+q.method+" "+strings.ReplaceAll(q.path, "/", "|"), func(t *testing.T) {
			theirs := q.ask(t, w.rancher, w.site, cookies[w.rancher])
			ours := q.ask(t, w.ours, w.oursite, cookies[w.ours])
			if theirs.status != q.status {
				t.Errorf("Rancher answers %d, want %d", theirs.status, q.status)
			}
			var expected []string
			for _, k := range q.known {
				expected = append(expected, k.difference)
			}
			if got := theirs.differences(ours); !slices.Equal(got, expected) {
				t.Errorf("differences\n got %q\nwant %q\nRancher: %.300s\nours: %.300s", got, expected, theirs.text, ours.text)
			}
		})
	}
}

// ask sends the question to one hub.
func (q question) ask(t *testing.T, h *hub, site string, cookies http.Header) answer {
	t.Helper()
	headers := http.Header{}
	switch q.as {
	case stranger:
		headers.Set("Authorization", "Bearer token-abcde:wrong")
	case admin:
		headers.Set("Authorization", "Bearer "+h.admin.Token)
	case browser:
		headers = cookies.Clone()
		headers.Del("X-Api-Csrf")
	case page:
		headers = cookies
	case nobody:
	}
	got, _, err := h.exchange(q.method, strings.ReplaceAll(q.path, "SITE", site), headers, q.body)
	if err != nil {
		t.Fatalf("%s: %v", h.Name, err)
	}
	return got
}

// cookie logs a browser in, and returns what its page sends from then on.
func cookie(t *testing.T, h *hub) http.Header {
	t.Helper()
	const csrf = "0123456789abcdef"
	login := map[string]any{"type": "localProvider", "username": adminName, "password": adminPassword, "responseType": "cookie"}
	got, headers, err := h.exchange(http.MethodPost, "/v1-public/login", http.Header{}, login)
	if err != nil {
		t.Fatalf("%s: %v", h.Name, err)
	}
	for _, set := range headers.Values("Set-Cookie") {
		if session, _, _ := strings.Cut(set, ";"); strings.HasPrefix(session, "R_SESS=") {
			return http.Header{"Cookie": {session + "; CSRF=" + csrf}, "X-Api-Csrf": {csrf}, "User-Agent": {"Mozilla/5.0"}}
		}
	}
	t.Fatalf("%s: no cookie R_SESS in the answer to a login: %d %s", h.Name, got.status, got.text)
	return nil
}

func login(password string) map[string]any {
	return map[string]any{"type": "localProvider", "username": adminName, "password": password, "responseType": "json"}
}

var questions = []question{
	// The door.
	{as: nobody, method: "POST", path: "/v3-public/localProviders/local?action=login", body: login(adminPassword), status: 201},
	{as: nobody, method: "POST", path: "/v3-public/localProviders/local?action=login", body: login("wrong"), status: 401},
	{as: nobody, method: "POST", path: "/v3-public/localProviders/local?action=logout", body: login("wrong"), status: 422},
	{as: nobody, method: "POST", path: "/v1-public/login", body: login(adminPassword), status: 201},
	{as: nobody, method: "POST", path: "/v1-public/login", body: login("wrong"), status: 401},
	{as: nobody, method: "POST", path: "/v1-public/login", body: map[string]any{"type": "nosuchProvider"}, status: 422},
	{as: nobody, method: "GET", path: "/v3-public/authproviders", status: 200},
	{as: nobody, method: "GET", path: "/v1-public/authproviders", status: 200},
	{as: nobody, method: "GET", path: "/ping", status: 200},
	{as: nobody, method: "GET", path: "/healthz", status: 200},
	{as: nobody, method: "GET", path: "/cacerts", status: 200},
	{as: nobody, method: "GET", path: "/rancherversion", status: 200, known: []known{{`type "text/plain", ours "application/json"`, "it is JSON, and Rancher lets Go guess"}}},
	{as: nobody, method: "GET", path: "/v3/settings/cacerts", status: 200},
	{as: nobody, method: "GET", path: "/v3/connect", status: 401},
	{as: nobody, method: "GET", path: "/v3/connect/register", status: 401},
	{as: nobody, method: "GET", path: "/v3/import/wrong_SITE.yaml", status: 200, known: []known{{`status 200, ours 404`, "Rancher writes a manifest around any token; ours tells no stranger anything"}}},
	{as: nobody, method: "GET", path: "/v1/management.cattle.io.settings", status: 200},
	{as: nobody, method: "GET", path: "/v1/management.cattle.io.settings/server-url", status: 403},

	// Rancher's older API.
	{as: nobody, method: "GET", path: "/v3", status: 401},
	{as: stranger, method: "GET", path: "/v3", status: 401},
	{as: admin, method: "GET", path: "/v3", status: 200},
	{as: admin, method: "GET", path: "/v3/schemas", status: 200},
	{as: nobody, method: "GET", path: "/v3/users?me=true", status: 401},
	{as: admin, method: "GET", path: "/v3/users?me=true", status: 200},
	{as: admin, method: "GET", path: "/v3/principals", status: 200},
	{as: admin, method: "GET", path: "/v3/clusters", status: 200},
	{as: admin, method: "GET", path: "/v3/clusters/SITE", status: 200},
	{as: admin, method: "GET", path: "/v3/clusters/c-absent", status: 404},
	{as: admin, method: "GET", path: "/v3/clusterregistrationtokens", status: 200},
	{as: admin, method: "GET", path: "/v3/clusterregistrationtokens?clusterId=SITE", status: 200},
	{as: admin, method: "GET", path: "/v3/clusterRegistrationTokens/SITE:default-token", status: 200},
	{as: admin, method: "GET", path: "/v3/tokens", status: 200},
	{as: admin, method: "POST", path: "/v3/tokens", body: map[string]any{"type": "token", "description": "a script"}, status: 201},
	{as: admin, method: "GET", path: "/v3/settings/server-url", status: 200},
	{as: admin, method: "GET", path: "/v3/roletemplates/project-member", status: 200},
	{as: admin, method: "GET", path: "/v3/globalroles/user", status: 200},
	{as: admin, method: "GET", path: "/v3/projects?clusterId=SITE", status: 200},
	{as: admin, method: "GET", path: "/v3/nosuchthings", status: 404},
	{as: admin, method: "POST", path: "/v3/users", body: map[string]any{"type": "user"}, status: 500, known: []known{{`status 500, ours 422`, "ours names the field"}}},
	{as: admin, method: "POST", path: "/v3/users", body: map[string]any{"type": "user", "username": "short", "password": "short"}, status: 422},
	{as: admin, method: "DELETE", path: "/v3/tokens/token-absent", status: 404},

	// Steve's.
	{as: nobody, method: "GET", path: "/v1/schemas", status: 401},
	{as: stranger, method: "GET", path: "/v1/schemas", status: 401},
	{as: admin, method: "GET", path: "/v1/schemas", status: 200},
	{as: admin, method: "GET", path: "/v1/counts", status: 200},
	{as: nobody, method: "GET", path: "/v1/management.cattle.io.clusters", status: 401},
	{as: admin, method: "GET", path: "/v1/management.cattle.io.clusters", status: 200},
	{as: admin, method: "GET", path: "/v1/management.cattle.io.clusters/SITE", status: 200},
	{as: admin, method: "GET", path: "/v1/management.cattle.io.clusters/c-absent", status: 404},
	{as: admin, method: "GET", path: "/v1/provisioning.cattle.io.clusters/fleet-default", status: 200},
	{as: admin, method: "GET", path: "/v1/management.cattle.io.features", status: 200},
	{as: admin, method: "GET", path: "/v1/userpreferences", status: 200},
	{as: admin, method: "GET", path: "/v1/uiplugins", status: 200, known: []known{{`type "text/plain", ours "application/json"`, "it is JSON, and Rancher lets Go guess"}}},
	{as: admin, method: "GET", path: "/v1/nosuchthings", status: 404},
	{as: admin, method: "POST", path: "/v1/ext.cattle.io.selfusers", body: map[string]any{"type": "ext.cattle.io.selfuser"}, status: 201},
	{as: nobody, method: "POST", path: "/v1/ext.cattle.io.selfusers", body: map[string]any{"type": "ext.cattle.io.selfuser"}, status: 401},
	{as: nobody, method: "GET", path: "/v1/croft/sites", status: 401},
	{as: stranger, method: "GET", path: "/v1/croft/sites", status: 401},
	{as: admin, method: "GET", path: "/v1/croft/sites", status: 200},

	// A site through the hub.
	{as: nobody, method: "GET", path: "/k8s/clusters/SITE/version", status: 403, known: []known{{`status 403, ours 401`, "kubectl asks for a login at 401 alone"}}},
	{as: stranger, method: "GET", path: "/k8s/clusters/SITE/version", status: 403, known: []known{{`status 403, ours 401`, "kubectl asks for a login at 401 alone"}}},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/version", status: 200},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/api/v1/namespaces", status: 200},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/api/v1/namespaces/absent", status: 404},
	{as: admin, method: "GET", path: "/k8s/clusters/c-absent/version", status: 404},
	{as: nobody, method: "GET", path: "/k8s/clusters/SITE/v1/schemas", status: 401},
	{as: stranger, method: "GET", path: "/k8s/clusters/SITE/v1/schemas", status: 401},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/v1/schemas", status: 200},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/v1/harvester/kubevirt.io.virtualmachines", status: 200},
	{as: admin, method: "GET", path: "/k8s/clusters/SITE/v1/harvester/kubevirt.io.virtualmachines/default/absent", status: 404},
	{as: nobody, method: "GET", path: "/k8s/clusters/local/version", status: 200, known: []known{{`status 200, ours 401`, "ours tells no stranger the version"}}},
	{as: admin, method: "GET", path: "/k8s/clusters/local/version", status: 200},
	{as: admin, method: "GET", path: "/k8s/clusters/local/v1/namespaces", status: 200},

	// Browsers.
	{as: browser, method: "GET", path: "/v3/users?me=true", status: 200},
	{as: browser, method: "POST", path: "/v3/tokens", body: map[string]any{"type": "token"}, status: 422},
	{as: page, method: "POST", path: "/v3/tokens", body: map[string]any{"type": "token"}, status: 201},
	{as: browser, method: "POST", path: "/v1/namespaces", body: map[string]any{"type": "namespace", "metadata": map[string]any{"name": "forged"}}, status: 422},
	{as: page, method: "POST", path: "/v1/namespaces", body: map[string]any{"type": "namespace", "metadata": map[string]any{"name": "of-a-page"}}, status: 201},
	{as: browser, method: "POST", path: "/k8s/clusters/SITE/api/v1/namespaces", body: map[string]any{"kind": "Namespace", "apiVersion": "v1", "metadata": map[string]any{"name": "forged"}}, status: 201, known: []known{{`status 201, ours 422`, "a page of another server could have sent it"}}},
}
