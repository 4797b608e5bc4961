package steve_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestStream(t *testing.T) {
	have(t, home, "empty", map[string]any{"on": false})
	have(t, home, "busy", map[string]any{"on": true})
	const big = 3 << 20 // more than any other input may have
	cases := map[string]struct {
		reason string
		user   string
		path   string
		want   int
		says   string
	}{
		"Filled":   {"bytes of any number are taken", admin, "/empty?action=fill&size=3145728", http.StatusNoContent, ""},
		"WrongSum": {"the deed sees all of them", admin, "/empty?action=fill&size=7", http.StatusUnprocessableEntity, "3145728 bytes, not 7"},
		"Reader":   {"who has no right sends in vain", reader, "/empty?action=fill&size=3145728", http.StatusForbidden, "gadgets/fill"},
		"Busy":     {"what cannot be done now is refused", admin, "/busy?action=fill&size=3145728", http.StatusConflict, "is on"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, http.MethodPost, "/v1/harvester/"+collection+"/"+home+tc.path, strings.Repeat("x", big))
			if got.status != tc.want || !strings.Contains(got.text, tc.says) {
				t.Errorf("%s: %d %s", tc.reason, got.status, got.text)
			}
		})
	}
}

func TestCollectiveAction(t *testing.T) {
	got := ask(t, reader, http.MethodPost, "/v1/harvester/"+collection+"?action=stamp", `{"text":"here"}`)
	if got.status != http.StatusOK || got.text != "system:serviceaccount:"+home+":"+reader+": here" {
		t.Errorf("a file made as the caller: %d %s", got.status, got.text)
	}
	got = ask(t, reader, http.MethodPost, "/v1/harvester/"+collection+"?action=stamp", `{"test":"here"}`)
	if got.status != http.StatusUnprocessableEntity || got.field("fieldName") != "test" {
		t.Errorf("an unknown field is named: %d %s", got.status, got.text)
	}
	got = ask(t, reader, http.MethodPost, "/v1/harvester/"+collection+"?action=fill", "")
	if got.status < http.StatusBadRequest {
		t.Errorf("an action on one object is none on all: %d %s", got.status, got.text)
	}
	list := ask(t, admin, http.MethodGet, "/v1/harvester/"+collection, "")
	if address, _ := list.field("actions", "stamp").(string); !strings.Contains(address, "action=stamp") {
		t.Errorf("lists offer it: %s", list.text)
	}
}

func TestRoutes(t *testing.T) {
	cases := map[string]struct {
		reason string
		user   string
		method string
		path   string
		body   string
		want   int
		says   string
	}{
		"Answer":  {"the caller, the path, the query and the body reach the deed", reader, "POST", "/gadgetry/bob?mark=!", `{"polite":true}`, http.StatusOK, "greets bob!, polite: true"},
		"NoBody":  {"no body is the zero input", reader, "POST", "/gadgetry/bob", "", http.StatusOK, "polite: false"},
		"Refused": {"a refusal names the field", reader, "POST", "/gadgetry/nobody", "", http.StatusUnprocessableEntity, `"fieldName":"name"`},
		"Unknown": {"a field that there is not is refused", reader, "POST", "/gadgetry/bob", `{"rude":true}`, http.StatusUnprocessableEntity, "rude"},
		"Method":  {"another method is another address", reader, "DELETE", "/gadgetry/bob", "", http.StatusNotFound, "gadgetry"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, tc.method, "/v1/harvester"+tc.path, tc.body)
			if got.status != tc.want || !strings.Contains(got.text, tc.says) {
				t.Errorf("%s: %d %s", tc.reason, got.status, got.text)
			}
		})
	}
}

func TestRouteNeedsCaller(t *testing.T) {
	got := send(t, site.port, http.MethodPost, "/v1/harvester/gadgetry/bob", "", nil)
	if got.status != http.StatusUnauthorized {
		t.Errorf("nobody is greeted by nobody: %d %s", got.status, got.text)
	}
	for _, server := range []*httptest.Server{site.port, site.tunnel} {
		got := send(t, server, http.MethodGet, "/v1/harvester/motto", "", nil)
		if got.status != http.StatusOK || got.field("caller") != "" {
			t.Errorf("an open route is for everybody, and knows nobody: %d %s", got.status, got.text)
		}
	}
}
