package steve_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/steve"
)

const (
	collection = "test.crofthci.io.gadgets"
	one        = "/v1/" + collection + "/home/one"
)

// have makes a gadget for a test and waits until lists know it.
func have(t *testing.T, namespace, name string, spec map[string]any) {
	t.Helper()
	object := newGadget(namespace, name)
	object.Object["spec"] = spec
	if err := site.admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.IgnoreNotFound(site.admin.Delete(context.Background(), object)); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "the list knows "+name, func() bool {
		list := ask(t, admin, http.MethodGet, "/v1/"+collection+"?filter=metadata.name="+name, "")
		return len(list.rows()) == 1
	})
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, patience, true,
		func(context.Context) (bool, error) { return done(), nil })
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestNewNeedsAuthenticator(t *testing.T) {
	_, err := steve.New(t.Context(), steve.Options{Config: site.config})
	if err == nil || !strings.Contains(err.Error(), "no authenticator") {
		t.Errorf("a server that takes everybody for an administrator must not start: %v", err)
	}
}

func TestAuthentication(t *testing.T) {
	have(t, home, "one", nil)
	bearer := map[string]string{"Authorization": "Bearer " + site.tokens[reader]}
	cases := map[string]struct {
		reason  string
		tunnel  bool
		headers map[string]string
		want    int
	}{
		"PortNobody":       {"nobody is nobody", false, nil, http.StatusUnauthorized},
		"PortBadToken":     {"a token that the cluster does not know", false, map[string]string{"Authorization": "Bearer nonsense"}, http.StatusUnauthorized},
		"PortBasic":        {"another way to log in", false, map[string]string{"Authorization": "Basic YTpi"}, http.StatusUnauthorized},
		"PortToken":        {"a token of the cluster", false, bearer, http.StatusOK},
		"PortStranger":     {"known, but without rights: the kind does not exist for him", false, map[string]string{"Authorization": "Bearer " + site.tokens[stranger]}, http.StatusNotFound},
		"PortImpersonates": {"the tunnel's headers are refused elsewhere", false, asImpersonated(admin), http.StatusForbidden},
		"PortTokenAndImpersonation": {"also with a token", false, map[string]string{
			"Authorization": "Bearer " + site.tokens[admin], "Impersonate-User": "x",
		}, http.StatusForbidden},
		"TunnelImpersonates": {"Rancher says for whom", true, asImpersonated(reader), http.StatusOK},
		"TunnelStranger":     {"rights are those of the one impersonated", true, asImpersonated(stranger), http.StatusNotFound},
		"TunnelNobody":       {"Rancher must say for whom", true, nil, http.StatusUnauthorized},
		"TunnelToken":        {"a token is not for the tunnel", true, bearer, http.StatusUnauthorized},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := site.port
			if tc.tunnel {
				server = site.tunnel
			}
			got := send(t, server, http.MethodGet, one, "", tc.headers)
			if got.status != tc.want {
				t.Errorf("%s: status %d, want %d: %s", tc.reason, got.status, tc.want, got.text)
			}
			if got.status != http.StatusOK && got.field("type") != "error" {
				t.Errorf("%s: an error in Steve's form, not %s", tc.reason, got.text)
			}
		})
	}
}

func TestKubernetesProxyActsAsCaller(t *testing.T) {
	cases := map[string]struct {
		reason string
		user   string
		want   int
	}{
		"Admin":  {"an administrator reads everything", admin, http.StatusOK},
		"Reader": {"the server's own rights do not leak", reader, http.StatusForbidden},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, http.MethodGet, "/api/v1/secrets", "")
			if got.status != tc.want {
				t.Errorf("%s: status %d: %s", tc.reason, got.status, got.text)
			}
		})
	}
}

func TestPaths(t *testing.T) {
	have(t, home, "one", nil)
	cases := map[string]struct {
		reason string
		path   string
		prefix string
		self   string
	}{
		"Steve":         {"Steve's own path", "/v1/" + collection + "/home/one", "", "/v1/" + collection + "/home/one"},
		"Harvester":     {"the path of Harvester's clients", "/v1/harvester/" + collection + "/home/one", "", "/v1/harvester/" + collection + "/home/one"},
		"Singular":      {"the kind's id does as well", "/v1/harvester/test.crofthci.io.gadget/home/one", "", "/v1/harvester/" + collection + "/home/one"},
		"BehindRancher": {"links begin with what Rancher says", "/v1/harvester/" + collection + "/home/one", "/k8s/clusters/c-1", "/k8s/clusters/c-1/v1/harvester/" + collection + "/home/one"},
		"SteveBehind":   {"the same for Steve's path", "/v1/" + collection + "/home/one", "/k8s/clusters/c-1", "/k8s/clusters/c-1/v1/" + collection + "/home/one"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server, headers := site.port, map[string]string{"Authorization": "Bearer " + site.tokens[admin]}
			if tc.prefix != "" {
				server, headers = site.tunnel, asImpersonated(admin)
				headers["X-API-URL-Prefix"] = tc.prefix
			}
			got := send(t, server, http.MethodGet, tc.path, "", headers)
			self := server.URL + tc.self
			want := map[string]any{
				"self": self, "manual": self + "/manual", "switchOn": self + "?action=switchOn",
				"view": server.URL + tc.prefix + "/apis/test.crofthci.io/v1/namespaces/home/gadgets/one",
			}
			have := map[string]any{
				"self": got.field("links", "self"), "manual": got.field("links", "manual"),
				"switchOn": got.field("actions", "switchOn"), "view": got.field("links", "view"),
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("%s: (-want +got)\n%s\n%s", tc.reason, diff, got.text)
			}
		})
	}
}

func TestActionsOfRows(t *testing.T) {
	have(t, home, "off", map[string]any{"on": false})
	have(t, home, "on", map[string]any{"on": true})
	noRight := "You have no right to do this: it needs update gadgets%s in test.crofthci.io."
	cases := map[string]struct {
		reason      string
		user        string
		gadget      string
		actions     []string
		unavailable map[string]any
	}{
		"AdminOff":    {"all is possible", admin, "off", []string{"switchOn", "rename", "weigh", "fill"}, map[string]any{}},
		"AdminOn":     {"the capability's sentence", admin, "on", []string{"weigh"}, map[string]any{"switchOn": "The gadget is on.", "rename": "The gadget is on.", "fill": "The gadget is on."}},
		"OperatorOff": {"one right of two", operator, "off", []string{"switchOn", "weigh"}, map[string]any{"rename": fmt.Sprintf(noRight, ""), "fill": fmt.Sprintf(noRight, "/fill")}},
		"ReaderOff": {"who may read may ask", reader, "off", []string{"weigh"}, map[string]any{
			"switchOn": fmt.Sprintf(noRight, "/switchon"), "rename": fmt.Sprintf(noRight, ""), "fill": fmt.Sprintf(noRight, "/fill"),
		}},
		"ReaderOn": {"the right comes first", reader, "on", []string{"weigh"}, map[string]any{
			"switchOn": fmt.Sprintf(noRight, "/switchon"), "rename": fmt.Sprintf(noRight, ""), "fill": fmt.Sprintf(noRight, "/fill"),
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			self := site.port.URL + "/v1/" + collection + "/home/" + tc.gadget
			want := map[string]any{}
			for _, action := range tc.actions {
				want[action] = self + "?action=" + action
			}
			single := ask(t, tc.user, http.MethodGet, "/v1/"+collection+"/home/"+tc.gadget, "")
			list := ask(t, tc.user, http.MethodGet, "/v1/"+collection+"?filter=metadata.name="+tc.gadget, "")
			if len(list.rows()) != 1 {
				t.Fatalf("%s: %s", tc.reason, list.text)
			}
			for where, row := range map[string]answer{"alone": single, "in a list": list.rows()[0]} {
				if diff := cmp.Diff(want, row.field("actions")); diff != "" {
					t.Errorf("%s, %s: actions (-want +got)\n%s", tc.reason, where, diff)
				}
				if diff := cmp.Diff(tc.unavailable, row.field("unavailable")); diff != "" {
					t.Errorf("%s, %s: unavailable (-want +got)\n%s", tc.reason, where, diff)
				}
			}
		})
	}
}

func TestAction(t *testing.T) {
	cases := map[string]struct {
		reason   string
		user     string
		path     string
		body     string
		want     int
		expected map[string]any
	}{
		"Done":          {"a deed without answer", operator, "off?action=switchOn", "", http.StatusNoContent, nil},
		"DoneByAdmin":   {"with an input", admin, "off?action=rename", `{"title":"x"}`, http.StatusNoContent, nil},
		"Answered":      {"a question", reader, "off?action=weigh", "{}", http.StatusOK, map[string]any{"grams": 3.0}},
		"NotNow":        {"what cannot be done now, in words", admin, "on?action=switchOn", "", http.StatusConflict, map[string]any{"type": "error", "code": "Conflict", "status": 409.0, "message": "The gadget is on."}},
		"NoRight":       {"a link that is not shown is refused as well", reader, "off?action=switchOn", "", http.StatusForbidden, map[string]any{"type": "error", "code": "Forbidden", "status": 403.0, "message": "You have no right to do this: it needs update gadgets/switchon in test.crofthci.io."}},
		"UnknownField":  {"a misspelt field", admin, "off?action=rename", `{"titel":"x"}`, http.StatusUnprocessableEntity, map[string]any{"type": "error", "code": "InvalidFormat", "status": 422.0, "fieldName": "titel", "message": "There is no field titel here. There is: title."}},
		"WrongType":     {"a number for a title", admin, "off?action=rename", `{"title":1}`, http.StatusUnprocessableEntity, map[string]any{"type": "error", "code": "InvalidFormat", "status": 422.0, "fieldName": "title", "message": "title must be a string, not a number."}},
		"RefusedInput":  {"the capability refuses a field", admin, "off?action=rename", `{"title":""}`, http.StatusUnprocessableEntity, map[string]any{"type": "error", "code": "InvalidFormat", "status": 422.0, "fieldName": "title", "message": "A gadget needs a title."}},
		"TooBig":        {"nobody fills the memory", admin, "off?action=rename", `{"title":"` + strings.Repeat("x", 1<<20) + `"}`, http.StatusRequestEntityTooLarge, map[string]any{"type": "error", "code": "RequestEntityTooLarge", "status": 413.0, "message": "The input is bigger than 1 MiB."}},
		"NoSuchGadget":  {"nothing to do it to", admin, "none?action=switchOn", "", http.StatusNotFound, map[string]any{"type": "error", "code": "NotFound", "status": 404.0, "message": `gadgets.test.crofthci.io "none" not found`}},
		"NoSuchAction":  {"a word that is no action", admin, "off?action=fly", "", http.StatusForbidden, map[string]any{"type": "error", "code": "PermissionDenied", "status": 403.0, "message": "no such action fly"}},
		"StrangersKind": {"who sees no gadget knows no gadgets", stranger, "off?action=switchOn", "", http.StatusNotFound, map[string]any{"type": "error", "code": "NotFound", "status": 404.0, "message": "There is no kind " + collection + " here, or you have no right to any object of it."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			have(t, home, "off", map[string]any{"on": false})
			have(t, home, "on", map[string]any{"on": true})
			got := ask(t, tc.user, http.MethodPost, "/v1/harvester/"+collection+"/home/"+tc.path, tc.body)
			if got.status != tc.want {
				t.Errorf("%s: status %d, want %d: %s", tc.reason, got.status, tc.want, got.text)
			}
			delete(got.body, "links") // none, in every error of Steve's
			if diff := cmp.Diff(tc.expected, got.body); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestMethodIsNotInTheQuery(t *testing.T) {
	cases := map[string]struct{ reason, query string }{
		"Delete": {"a link on a page elsewhere deletes nothing", "?_method=DELETE&really=yes"},
		"Action": {"nor does it act", "?_method=POST&action=switchOn"},
		"Plain":  {"an action is no GET at all", "?action=switchOn"},
		"Change": {"nor does it write", "?_method=PATCH"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			have(t, home, "one", map[string]any{"on": false})
			got := ask(t, admin, http.MethodGet, one+tc.query, "")
			if got.status != http.StatusOK || got.field("spec", "on") != false || got.field("metadata", "deletionTimestamp") != nil {
				t.Errorf("%s: a GET reads: %d %s", tc.reason, got.status, got.text)
			}
			object := newGadget(home, "one")
			if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
}

func TestActionElsewhere(t *testing.T) {
	have(t, away, "off", map[string]any{"on": false})
	got := ask(t, operator, http.MethodPost, "/v1/"+collection+"/away/off?action=switchOn", "")
	if got.status != http.StatusForbidden {
		t.Errorf("rights in one namespace are none in another, also for an URL made by hand: %d %s", got.status, got.text)
	}
}

func TestLink(t *testing.T) {
	have(t, home, "one", nil)
	got := ask(t, reader, http.MethodGet, one+"/manual", "")
	if diff := cmp.Diff(map[string]any{"text": "How to use one"}, got.body); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDelete(t *testing.T) {
	cases := map[string]struct {
		reason string
		user   string
		query  string
		want   int
		field  any
	}{
		"Refused": {"the capability looks first", admin, "", http.StatusUnprocessableEntity, "really"},
		"Done":    {"with what it asks for", admin, "?really=yes", http.StatusNoContent, nil},
		"NoRight": {"who may not delete is told so before anything is done for him", reader, "", http.StatusForbidden, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			have(t, home, "one", map[string]any{"on": true})
			got := ask(t, tc.user, http.MethodDelete, one+tc.query, "")
			if got.status != tc.want || got.field("fieldName") != tc.field {
				t.Errorf("%s: status %d, field %v: %s", tc.reason, got.status, got.field("fieldName"), got.text)
			}
		})
	}
}

func TestWriting(t *testing.T) {
	const wrong = `{"metadata":{"namespace":"home","name":"new"},"spec":%s}`
	cases := map[string]struct {
		reason string
		user   string
		query  string
		spec   string
		want   int
		field  any
	}{
		"Created":      {"as it should be", admin, "", `{"size":1}`, http.StatusCreated, nil},
		"WrongType":    {"the definition says which field", admin, "", `{"size":"big"}`, http.StatusUnprocessableEntity, "spec.size"},
		"WrongValue":   {"and also for values", admin, "", `{"size":-1}`, http.StatusUnprocessableEntity, "spec.size"},
		"UnknownField": {"a misspelt field is refused and named", admin, "", `{"sice":1}`, http.StatusUnprocessableEntity, "spec.sice"},
		"Lenient":      {"unless the client wants it dropped", admin, "?fieldValidation=Ignore", `{"sice":1}`, http.StatusCreated, nil},
		"NoRight":      {"readers do not write", reader, "", `{"size":1}`, http.StatusForbidden, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, http.MethodPost, "/v1/harvester/"+collection+tc.query, fmt.Sprintf(wrong, tc.spec))
			if got.status != tc.want || got.field("fieldName") != tc.field {
				t.Errorf("%s: status %d, field %v: %s", tc.reason, got.status, got.field("fieldName"), got.text)
			}
			_ = site.admin.Delete(context.Background(), newGadget(home, "new"))
		})
	}
}

func TestWriteBack(t *testing.T) {
	have(t, home, "one", map[string]any{"size": int64(1)})
	cases := map[string]struct {
		reason string
		method string
		path   string
		spec   map[string]any
		want   int
		field  any
	}{
		"Changed":    {"what was shown can be sent back", http.MethodPut, one, map[string]any{"size": 2}, http.StatusOK, nil},
		"Misspelt":   {"a misspelt field is refused and named", http.MethodPut, one, map[string]any{"sice": 2}, http.StatusUnprocessableEntity, "spec.sice"},
		"Lenient":    {"unless the client wants it dropped", http.MethodPut, one + "?fieldValidation=Ignore", map[string]any{"sice": 2}, http.StatusOK, nil},
		"Copied":     {"a new object can be made of it", http.MethodPost, "/v1/" + collection, map[string]any{"size": 2}, http.StatusCreated, nil},
		"CopiedWith": {"and is looked at as well", http.MethodPost, "/v1/" + collection, map[string]any{"sice": 2}, http.StatusUnprocessableEntity, "spec.sice"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			shown := ask(t, admin, http.MethodGet, one, "")
			shown.body["spec"] = tc.spec
			if tc.method == http.MethodPost {
				shown.body["metadata"] = map[string]any{"namespace": home, "name": "copy", "state": map[string]any{"name": "on"}}
			}
			body, err := json.Marshal(shown.body)
			if err != nil {
				t.Fatal(err)
			}
			got := ask(t, admin, tc.method, tc.path, string(body))
			if got.status != tc.want || got.field("fieldName") != tc.field {
				t.Errorf("%s: %d %s", tc.reason, got.status, got.text)
			}
			_ = site.admin.Delete(context.Background(), newGadget(home, "copy"))
		})
	}
}

func TestPatch(t *testing.T) {
	have(t, home, "one", map[string]any{"size": int64(1)})
	headers := map[string]string{"Authorization": "Bearer " + site.tokens[admin], "Content-Type": "application/merge-patch+json"}
	got := send(t, site.port, http.MethodPatch, one, `{"spec":{"sice":2}}`, headers)
	if got.status != http.StatusUnprocessableEntity || got.field("fieldName") != "spec.sice" {
		t.Errorf("a misspelt field of a patch is refused and named: %d %s", got.status, got.text)
	}
}

func TestList(t *testing.T) {
	for i := range 5 {
		have(t, home, fmt.Sprintf("g%d", i), map[string]any{"size": int64(10 - i)})
	}
	have(t, away, "g9", map[string]any{"size": int64(7)})
	cases := map[string]struct {
		reason string
		user   string
		query  string
		want   []string
		status int
	}{
		"Namespace":  {"of one namespace", admin, "/away", []string{"g9"}, http.StatusOK},
		"Page":       {"a page of a sorted list", admin, "?sort=metadata.name&pagesize=2&page=2", []string{"g2", "g3"}, http.StatusOK},
		"Column":     {"by a printer column", admin, "?sort=-metadata.fields[1]&pagesize=2", []string{"g0", "g1"}, http.StatusOK},
		"Indexed":    {"by a field that the capability indexes", admin, "?sort=-spec.size&filter=spec.size=7", []string{"g3", "g9"}, http.StatusOK},
		"Substring":  {"part of a name", admin, "?filter=metadata.name~g&sort=metadata.name&filter=metadata.namespace=away", []string{"g9"}, http.StatusOK},
		"State":      {"by the state that the row shows", admin, "?filter=metadata.state.name=off&sort=metadata.name&pagesize=1", []string{"g0"}, http.StatusOK},
		"Rights":     {"only what the caller may see", reader, "?sort=metadata.name", []string{"g0", "g1", "g2", "g3", "g4"}, http.StatusOK},
		"NotIndexed": {"a field that no list is sorted by", admin, "?sort=spec.colour", nil, http.StatusUnprocessableEntity},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, http.MethodGet, "/v1/harvester/"+collection+tc.query, "")
			if got.status != tc.status {
				t.Fatalf("%s: status %d: %s", tc.reason, got.status, got.text)
			}
			var names []string
			for _, row := range got.rows() {
				names = append(names, row.field("metadata", "name").(string))
			}
			if diff := cmp.Diff(tc.want, names); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestState(t *testing.T) {
	have(t, home, "one", map[string]any{"on": true})
	want := map[string]any{"name": "on", "error": false, "transitioning": false, "message": "A gadget."}
	list := ask(t, reader, http.MethodGet, "/v1/"+collection+"?filter=metadata.name=one", "")
	for where, row := range map[string]answer{"alone": ask(t, reader, http.MethodGet, one, ""), "in a list": list.rows()[0]} {
		if diff := cmp.Diff(want, row.field("metadata", "state")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", where, diff)
		}
	}
}

func TestTrap(t *testing.T) {
	have(t, home, trap, nil)
	have(t, home, "one", nil)
	list := ask(t, admin, http.MethodGet, "/v1/"+collection+"?sort=metadata.name", "")
	if rows := list.rows(); len(rows) != 2 || rows[0].field("actions", "switchOn") == nil || rows[1].field("actions", "switchOn") != nil {
		t.Errorf("an object that a capability trips over costs its own row alone: %d %s", list.status, list.text)
	}
}

func TestSchemas(t *testing.T) {
	got := ask(t, admin, http.MethodGet, "/v1/harvester/schemas/test.crofthci.io.gadget", "")
	want := map[string]any{
		"switchOn": map[string]any{}, "rename": map[string]any{"input": "renameInput"},
		"weigh": map[string]any{"output": "gadgetWeight"}, "fill": map[string]any{},
	}
	if diff := cmp.Diff(want, got.field("resourceActions")); diff != "" {
		t.Errorf("(-want +got)\n%s\n%s", diff, got.text)
	}
	input := ask(t, admin, http.MethodGet, "/v1/harvester/schemas/renameInput", "")
	if input.field("resourceFields", "title") == nil {
		t.Errorf("the input's fields are told: %s", input.text)
	}
}

func TestMetrics(t *testing.T) {
	cases := map[string]struct {
		reason string
		user   string
		want   int
	}{
		"Admin":  {"who may read /metrics", admin, http.StatusOK},
		"Reader": {"who may not", reader, http.StatusForbidden},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			ask(t, reader, http.MethodGet, "/v1/"+collection, "")
			got := ask(t, tc.user, http.MethodGet, "/metrics", "")
			if got.status != tc.want {
				t.Fatalf("%s: status %d", tc.reason, got.status)
			}
			if tc.want == http.StatusOK && !strings.Contains(got.text, `croft_backend_requests_total{code="200",kind="test.crofthci.io.gadget",method="GET"}`) {
				t.Errorf("requests are counted: %s", got.text)
			}
		})
	}
}

func TestReadyz(t *testing.T) {
	for _, path := range []string{"/readyz", "/v1/harvester/readyz"} {
		got := send(t, site.port, http.MethodGet, path, "", nil)
		if got.status != http.StatusOK || got.field("ready") != true || got.field("timestamp") == "" {
			t.Errorf("%s: %d %s", path, got.status, got.text)
		}
	}
}

func TestSubscribe(t *testing.T) {
	have(t, home, "one", map[string]any{"on": false})
	for _, path := range []string{"/v1/subscribe", "/v1/harvester/subscribe"} {
		t.Run(path, func(t *testing.T) {
			dialer := websocket.Dialer{TLSClientConfig: site.port.Client().Transport.(*http.Transport).TLSClientConfig}
			url := strings.Replace(site.port.URL, "https:", "wss:", 1) + path
			conn, response, err := dialer.DialContext(t.Context(), url, http.Header{"Authorization": {"Bearer " + site.tokens[reader]}})
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			defer conn.Close()
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			if err := conn.WriteJSON(map[string]any{"resourceType": collection}); err != nil {
				t.Fatal(err)
			}
			await(t, conn, "resource.start")
			keepTouching(t, "one")
			event := await(t, conn, "resource.change")
			want := site.port.URL + strings.Replace(path, "subscribe", collection+"/home/one", 1)
			if got := (answer{body: event}).field("data", "links", "self"); got != want {
				t.Errorf("an event has the row's links: %v, want %s", got, want)
			}
			if got := (answer{body: event}).field("data", "unavailable", "switchOn"); got == nil {
				t.Errorf("an event says what the caller cannot do: %v", event)
			}
		})
	}
}

// await reads events until one of a name comes.
func await(t *testing.T, conn *websocket.Conn, name string) map[string]any {
	t.Helper()
	for {
		event := map[string]any{}
		if err := conn.ReadJSON(&event); err != nil {
			t.Fatalf("waiting for %s: %v", name, err)
		}
		if event["name"] == name {
			return event
		}
	}
}

// keepTouching changes a gadget until the test ends: Steve says resource.start
// before it watches, so a single change may come too early to be told.
func keepTouching(t *testing.T, name string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	t.Cleanup(func() {
		stop()
		<-done
	})
	go func() {
		defer close(done)
		for n := 0; ctx.Err() == nil; n++ {
			if err := touch(ctx, name, fmt.Sprintf("change %d", n)); err != nil && ctx.Err() == nil {
				t.Errorf("change %s: %v", name, err)
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
}

// touch changes a gadget.
func touch(ctx context.Context, name, title string) error {
	return site.admin.Patch(ctx, newGadget(home, name),
		client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"title":%q}}`, title)))
}
