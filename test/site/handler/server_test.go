package handler

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/site"
)

const webPath = "/v1/namespaces/default/virtualmachineinstances/web"

func runningServer(t *testing.T) (*handler, *httptest.Server) {
	t.Helper()
	h := newTestHandler(t, simulatedVMI(), launcherPod("launcher", "site-1-node-1"))
	h.until(t, "Running", inPhase(kubevirtv1.Running))
	server := httptest.NewServer(h.routes(1))
	t.Cleanup(server.Close)
	return h, server
}

func TestVerbs(t *testing.T) {
	h, server := runningServer(t)
	other := httptest.NewServer(h.routes(2))
	defer other.Close()
	for _, test := range []struct {
		reason, method, url, body string
		code                      int
		answer                    string
	}{
		{"pause", "PUT", server.URL + webPath + "/pause", "", 202, ""},
		{"unpause", "PUT", server.URL + webPath + "/unpause", "", 202, ""},
		{"reset", "PUT", server.URL + webPath + "/reset", "", 202, ""},
		{"soft reboot", "PUT", server.URL + webPath + "/softreboot", "", 202, ""},
		{"freeze asks for how long", "PUT", server.URL + webPath + "/freeze", "{}", 400, "Unfreeze timeout"},
		{"freeze", "PUT", server.URL + webPath + "/freeze", `{"unfreezeTimeout":"5m0s"}`, 202, ""},
		{"unfreeze", "PUT", server.URL + webPath + "/unfreeze", "", 202, ""},
		{"guest info", "GET", server.URL + webPath + "/guestosinfo", "", 200, "Croft Simulated Guest"},
		{"users", "GET", server.URL + webPath + "/userlist", "", 200, `"userName":"croft"`},
		{"file systems", "GET", server.URL + webPath + "/filesystemlist", "", 200, `"mountPoint":"/"`},
		{"a state has no screen", "GET", server.URL + webPath + "/vnc", "", 400, "simulated"},
		{"what a simulated node does not have", "GET", server.URL + webPath + "/vsock", "", 501, "VSOCK"},
		{"a machine that is not there", "PUT", server.URL + "/v1/namespaces/default/virtualmachineinstances/none/pause", "", 404, ""},
		{"a machine on another node", "PUT", other.URL + webPath + "/pause", "", 404, "not on node site-1-node-2"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), test.method, test.url, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer := new(strings.Builder)
		_ = response.Write(answer)
		_ = response.Body.Close()
		if response.StatusCode != test.code || !strings.Contains(answer.String(), test.answer) {
			t.Errorf("%s: %d, want %d with %q:\n%s", test.reason, response.StatusCode, test.code, test.answer, answer)
		}
	}
}

func TestConsoleOfAStateSaysSo(t *testing.T) {
	_, server := runningServer(t)
	first := dialConsole(t, server)
	wantSentence(t, first)
	second := dialConsole(t, server)
	wantSentence(t, second)
	// Who comes last gets the line: the first connection ends.
	for {
		if _, _, err := first.ReadMessage(); err != nil {
			break
		}
	}
	if err := second.WriteMessage(websocket.BinaryMessage, []byte("hello\r")); err != nil {
		t.Fatal(err)
	}
	wantSentence(t, second)
}

func dialConsole(t *testing.T, server *httptest.Server) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Subprotocols: []string{plainStream}}
	conn, response, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http")+webPath+"/console", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	t.Cleanup(func() { _ = conn.Close() })
	if conn.Subprotocol() != plainStream {
		t.Errorf("subprotocol %q", conn.Subprotocol())
	}
	return conn
}

func wantSentence(t *testing.T, conn *websocket.Conn) {
	t.Helper()
	_, message, err := conn.ReadMessage()
	if err != nil || !strings.Contains(string(message), "no guest runs in it") {
		t.Errorf("console says %q, %v", message, err)
	}
}

func TestUnreachable(t *testing.T) {
	h, server := runningServer(t)
	if h.unreachable(1) {
		t.Error("a healthy node does not answer")
	}
	h.site.Faults.Set(site.Fault{Name: site.FaultHandler, Target: "site-1-node-1"})
	if !h.unreachable(1) || h.unreachable(2) {
		t.Error("the fault does not meet its node, or another one")
	}
	response, err := http.Get(server.URL + webPath + "/guestosinfo") //nolint:noctx // a test's own server
	if err == nil {
		_ = response.Body.Close()
		t.Errorf("a handler that is unreachable answers %s", response.Status)
	}
}
