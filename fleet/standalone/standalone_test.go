package standalone_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/standalone"
	"crofthci.io/croft/fleet/standalone/agent"
	"crofthci.io/croft/test/controlplane"
)

const password = "correct horse battery"

// hub is a hub in this process, in front of a real API server.
type hub struct {
	*standalone.Hub
	url    string
	config *rest.Config
	http   *http.Client
}

// startHub brings a hub up for one test.
func startHub(t *testing.T, change func(*standalone.Options)) *hub {
	t.Helper()

	config := controlplane.ForTest(t, controlplane.WithControllerManager("namespace-controller", "garbage-collector-controller"))

	return startHubAt(t, config, freeAddress(t), change)
}

func startHubAt(t *testing.T, config *rest.Config, listen string, change func(*standalone.Options)) *hub {
	t.Helper()

	ctx, cancel := context.WithCancel(t.Context())
	options := standalone.Options{
		Config: config, Listen: listen, ServerURL: "https://" + listen, DataDir: t.TempDir(),
		AgentImage: "croft-fleet:test", BootstrapPassword: password,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo})),
	}

	if change != nil {
		change(&options)
	}

	started, err := standalone.Start(ctx, options)
	if err != nil {
		cancel()
		t.Fatal(err)
	}

	t.Cleanup(func() {
		cancel()

		if err := started.Wait(); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	})

	return hubOf(started, options.ServerURL, config)
}

// hubOf is a client of a hub.
func hubOf(started *standalone.Hub, url string, config *rest.Config) *hub {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(started.AuthorityPEM)

	return &hub{Hub: started, url: url, config: config, http: &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}}
}

func freeAddress(t *testing.T) string {
	t.Helper()

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()

	return listener.Addr().String()
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   []byte
	object map[string]any
}

func (r reply) text(path ...string) string {
	value, _, _ := unstructured.NestedFieldNoCopy(r.object, path...)

	return fmt.Sprint(value)
}

// do sends a request; the token may be empty.
func (h *hub) do(t *testing.T, token, method, path string, body any, headers ...string) reply {
	t.Helper()

	var content io.Reader

	switch have := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(have)
	default:
		encoded, err := json.Marshal(have)
		if err != nil {
			t.Fatal(err)
		}

		content = bytes.NewReader(encoded)
	}

	req, err := http.NewRequestWithContext(t.Context(), method, h.url+path, content)
	if err != nil {
		t.Fatal(err)
	}

	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")

	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}

	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}

	resp, err := h.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	answer := reply{status: resp.StatusCode, header: resp.Header}

	answer.body, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	_ = json.Unmarshal(answer.body, &answer.object)

	return answer
}

// want sends a request and fails unless the status is this one.
func (h *hub) want(t *testing.T, status int, token, method, path string, body any, headers ...string) reply {
	t.Helper()

	answer := h.do(t, token, method, path, body, headers...)
	if answer.status != status {
		t.Fatalf("%s %s: want %d, got %d: %s", method, path, status, answer.status, answer.body)
	}

	return answer
}

// login answers a bearer token.
func (h *hub) login(t *testing.T, username, password string) string {
	t.Helper()

	answer := h.want(t, http.StatusCreated, "", http.MethodPost, "/v1-public/login", map[string]string{
		"type": "localProvider", "username": username, "password": password,
	})

	return answer.text("token")
}

// eventually waits for something to become true.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()

	deadline := time.Now().Add(2 * time.Minute)

	for {
		err := try()
		if err == nil {
			return
		}

		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}

		time.Sleep(100 * time.Millisecond)
	}
}

// site is a cluster that was imported.
type site struct {
	id     string
	config *rest.Config
	agent  *agent.Options
	// test is the test that the site lives in; a part of it may restart the agent.
	test *testing.T
	stop context.CancelFunc
}

// importSite makes a cluster on the hub, applies its manifest to an API server of
// its own and starts its agent.
func (h *hub) importSite(t *testing.T, admin, name string) *site {
	t.Helper()

	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v1/provisioning.cattle.io.clusters", map[string]any{
		"type": "provisioning.cattle.io.cluster", "metadata": map[string]any{
			"namespace": "fleet-default", "name": name, "labels": map[string]string{"provider.cattle.io": "harvester"},
		}, "spec": map[string]any{},
	})

	made := &site{test: t, config: controlplane.ForTest(t, controlplane.WithControllerManager("serviceaccount-token-controller", "clusterrole-aggregation-controller", "namespace-controller"))}

	eventually(t, "management cluster", func() error {
		made.id = h.do(t, admin, http.MethodGet, "/v1/provisioning.cattle.io.clusters/fleet-default/"+name, nil).text("status", "clusterName")
		if !strings.HasPrefix(made.id, "c-m-") {
			return fmt.Errorf("status.clusterName is %q", made.id)
		}

		return nil
	})

	var manifest string

	eventually(t, "registration token", func() error {
		token := h.do(t, admin, http.MethodGet, "/v3/clusterregistrationtokens/"+made.id+":default-token", nil)
		manifest = token.text("manifestUrl")

		if !strings.HasPrefix(manifest, h.url+"/v3/import/") {
			return fmt.Errorf("manifestUrl is %q: %s", manifest, token.body)
		}

		return nil
	})

	content := h.want(t, http.StatusOK, "", http.MethodGet, strings.TrimPrefix(manifest, h.url), nil)
	made.apply(t, content.body)
	made.startAgent()

	return made
}

// apply applies a manifest but for its Deployment, which only a kubelet could
// run, and remembers what the Deployment says.
func (s *site) apply(t *testing.T, manifest []byte) {
	t.Helper()

	direct, err := client.New(s.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	environment := map[string]string{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(manifest), 4096)

	for {
		object := &unstructured.Unstructured{}
		if err := decoder.Decode(object); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}

		if object.GetKind() == "Deployment" {
			containers, _, _ := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
			container, _ := containers[0].(map[string]any)
			list, _, _ := unstructured.NestedSlice(container, "env")

			for _, one := range list {
				entry, _ := one.(map[string]any)
				environment[fmt.Sprint(entry["name"])] = fmt.Sprint(entry["value"])
			}

			continue
		}

		if err := direct.Create(t.Context(), object); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}

	site, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		t.Fatal(err)
	}

	token, err := site.CoreV1().ServiceAccounts("cattle-system").CreateToken(t.Context(), "cattle", &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](3600)},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}

	own := rest.AnonymousClientConfig(s.config)
	own.BearerToken = token.Status.Token

	s.agent = &agent.Options{
		Config: own, Server: environment["CATTLE_SERVER"], Checksum: environment["CATTLE_CA_CHECKSUM"],
		Credential: environment["CATTLE_CREDENTIAL_NAME"], Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

func (s *site) startAgent() {
	ctx, cancel := context.WithCancel(s.test.Context())
	done := make(chan struct{})

	go func() {
		defer close(done)

		if err := agent.Run(ctx, *s.agent); err != nil {
			s.test.Error(err)
		}
	}()

	s.stop = func() {
		cancel()
		<-done
	}

	s.test.Cleanup(s.stop)
}

// ready waits until the hub says so.
func (h *hub) ready(t *testing.T, admin string, s *site) reply {
	t.Helper()

	var answer reply

	eventually(t, "cluster ready", func() error {
		answer = h.do(t, admin, http.MethodGet, "/v3/clusters/"+s.id, nil)
		if answer.text("state") != "active" {
			return fmt.Errorf("the cluster is %s: %s", answer.text("state"), answer.body)
		}

		return nil
	})

	return answer
}

func TestHub(t *testing.T) {
	dashboard := t.TempDir()
	write(t, dashboard, "index.html", "<html>page</html>")
	write(t, dashboard, "js/app.0123abcd.js", "let x")

	extension := t.TempDir()
	write(t, extension, "package.json", `{"name":"croft","version":"0.1.0","rancher":{"annotations":{"catalog.cattle.io/ui-extensions-version":">= 3.0.0"}}}`)
	write(t, extension, "croft-0.1.0.umd.min.js", "let croft")

	h := startHub(t, func(o *standalone.Options) { o.DashboardDir, o.ExtensionDir = dashboard, extension })
	admin := h.login(t, "admin", password)

	t.Run("Page", func(t *testing.T) { testPage(t, h, admin) })
	t.Run("Open", func(t *testing.T) { testOpen(t, h) })
	t.Run("Session", func(t *testing.T) { testSession(t, h) })
	t.Run("Steve", func(t *testing.T) { testSteve(t, h, admin) })
	t.Run("Plugin", func(t *testing.T) { testPlugin(t, h, admin) })
	t.Run("LegacyCluster", func(t *testing.T) { testLegacyCluster(t, h, admin) })
	t.Run("Subscribe", func(t *testing.T) { testSubscribe(t, h, admin) })
	t.Run("Apart", func(t *testing.T) { testApart(t, h, admin) })
	t.Run("Norman", func(t *testing.T) { testNorman(t, h, admin) })
	t.Run("Form", func(t *testing.T) { testForm(t, h, admin) })
	t.Run("Credential", func(t *testing.T) { testCredential(t, h, admin) })
	t.Run("Settings", func(t *testing.T) { testSettings(t, h, admin) })
	t.Run("Passwords", func(t *testing.T) { testPasswords(t, h, admin) })
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()

	target := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(target, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func testPage(t *testing.T, h *hub, admin string) {
	h.want(t, http.StatusFound, "", http.MethodGet, "/", nil, "Accept", "text/html")

	if got := h.do(t, "", http.MethodGet, "/dashboard/c/local/explorer", nil); !strings.Contains(string(got.body), "page") {
		t.Errorf("a route of the page must be answered with the page, got %s", got.body)
	}

	script := h.want(t, http.StatusOK, "", http.MethodGet, "/dashboard/js/app.0123abcd.js", nil)
	if got := script.header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("a hashed file must be kept for ever, got Cache-Control %q", got)
	}

	if got := h.want(t, http.StatusOK, "", http.MethodGet, "/v1/uiplugins", nil); len(got.object["entries"].(map[string]any)) != 0 {
		t.Errorf("no extension before the login, got %s", got.body)
	}

	h.want(t, http.StatusUnauthorized, "", http.MethodGet, "/v1/uiplugins/croft/0.1.0/plugin/croft-0.1.0.umd.min.js", nil)

	index := h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/uiplugins", nil)
	if got := index.text("entries", "croft", "version"); got != "0.1.0" {
		t.Errorf("the index must have the extension of the folder, got %s", index.body)
	}

	h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/uiplugins/croft/0.1.0/plugin/croft-0.1.0.umd.min.js", nil)
}

func testOpen(t *testing.T, h *hub) {
	for _, path := range []string{"/ping", "/healthz", "/cacerts", "/v3/settings/cacerts", "/v1-public/authproviders", "/rancherversion"} {
		h.want(t, http.StatusOK, "", http.MethodGet, path, nil)
	}

	for _, path := range []string{
		"/v1/schemas", "/v1/management.cattle.io.users", "/v3/users", "/v3/tokens", "/v3", "/api/v1/secrets", "/v1/secrets",
		"/k8s/clusters/local/api/v1/secrets", "/v1/management.cattle.io.features", "/v3/principals",
	} {
		got := h.want(t, http.StatusUnauthorized, "", http.MethodGet, path, nil)
		if header := got.header.Get("X-API-Cattle-Auth"); header != "false" {
			t.Errorf("%s: X-API-Cattle-Auth must be false, got %q", path, header)
		}
	}

	eventually(t, "public settings", func() error {
		settings := h.do(t, "", http.MethodGet, "/v1/management.cattle.io.settings", nil)
		body := string(settings.body)

		if settings.status != http.StatusOK || !strings.Contains(body, `"first-login"`) {
			return fmt.Errorf("%d %s", settings.status, body)
		}

		if strings.Contains(body, `"server-url"`) {
			t.Errorf("server-url is not for everybody: %s", body)
		}

		return nil
	})
}

func testSession(t *testing.T, h *hub) {
	h.want(t, http.StatusUnauthorized, "", http.MethodPost, "/v1-public/login", map[string]string{"username": "admin", "password": "wrong"})
	h.want(t, http.StatusUnprocessableEntity, "", http.MethodPost, "/v1-public/login", "not json")
	h.want(t, http.StatusCreated, "", http.MethodPost, "/v3-public/localProviders/local?action=login", map[string]string{"username": "admin", "password": password})

	entered := h.want(t, http.StatusOK, "", http.MethodPost, "/v1-public/login", map[string]string{
		"username": "admin", "password": password, "responseType": "cookie",
	})

	cookie := entered.header.Get("Set-Cookie")
	for _, want := range []string{"R_SESS=token-", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie must have %s, got %s", want, cookie)
		}
	}

	sess, _, _ := strings.Cut(cookie, ";")

	seen := h.want(t, http.StatusOK, "", http.MethodGet, "/v3/principals", nil, "Cookie", sess)
	if seen.header.Get("X-API-Cattle-Auth") != "true" || !strings.Contains(seen.header.Get("Set-Cookie"), "CSRF=") {
		t.Errorf("a session must be told so and get its CSRF token, got %v", seen.header)
	}

	selfUser := "/v1/ext.cattle.io.selfuser"
	h.want(t, http.StatusUnprocessableEntity, "", http.MethodPost, selfUser, map[string]any{}, "Cookie", sess)
	h.want(t, http.StatusUnprocessableEntity, "", http.MethodPost, selfUser, map[string]any{}, "Cookie", sess+"; CSRF=abc", "X-Api-Csrf", "abd")
	self := h.want(t, http.StatusCreated, "", http.MethodPost, selfUser, map[string]any{}, "Cookie", sess+"; CSRF=abc", "X-Api-Csrf", "abc")

	if !strings.HasPrefix(self.text("status", "userID"), "user-") {
		t.Errorf("status.userID must be the user, got %s", self.body)
	}

	h.want(t, http.StatusForbidden, "", http.MethodGet, "/v1/subscribe", nil, "Cookie", sess,
		"Connection", "Upgrade", "Upgrade", "websocket", "Origin", "https://elsewhere.example")

	h.want(t, http.StatusOK, "", http.MethodPost, "/v1/logout", map[string]any{}, "Cookie", sess+"; CSRF=abc", "X-Api-Csrf", "abc")
	eventually(t, "session ended", func() error {
		if got := h.do(t, "", http.MethodGet, "/v3/principals", nil, "Cookie", sess); got.status != http.StatusUnauthorized {
			return fmt.Errorf("%d", got.status)
		}

		return nil
	})

	h.want(t, http.StatusUnauthorized, "", http.MethodPost, "/v1/logout", map[string]any{})
	h.want(t, http.StatusUnauthorized, "", http.MethodPost, "/v1-public/login", map[string]string{"username": strings.Repeat("x", 10_000), "password": "wrong"})

	braked := 0

	for range 12 {
		if h.do(t, "", http.MethodPost, "/v1-public/login", map[string]string{"username": "guessed", "password": "wrong"}).status == http.StatusTooManyRequests {
			braked++
		}
	}

	if braked == 0 {
		t.Error("guessing must be braked")
	}
}

func testSteve(t *testing.T, h *hub, admin string) {
	for _, path := range []string{
		"/v1/schemas", "/v1/management.cattle.io.features", "/v1/management.cattle.io.settings", "/v1/namespaces", "/v1/counts",
		"/v1/management.cattle.io.clusters/local", "/version", "/v1/provisioning.cattle.io.clusters", "/v1/userpreferences",
		"/v1/management.cattle.io.users", "/v1/management.cattle.io.projects", "/k8s/clusters/local/v1/namespaces", "/k8s/clusters/local/api/v1/namespaces",
	} {
		eventually(t, path, func() error {
			if got := h.do(t, admin, http.MethodGet, path, nil); got.status != http.StatusOK {
				return fmt.Errorf("%d %s", got.status, got.body)
			}

			return nil
		})
	}

	me := h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/userpreferences", nil)
	rows, _ := me.object["data"].([]any)

	id := rows[0].(map[string]any)["id"].(string)
	if !strings.HasPrefix(id, "user-") {
		t.Fatalf("preferences must be the caller's, got %s", me.body)
	}

	h.want(t, http.StatusOK, admin, http.MethodPut, "/v1/userpreferences/"+id, map[string]any{"data": map[string]string{"theme": "dark"}})

	if got := h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/userpreferences/"+id, nil).text("data", "theme"); got != "dark" {
		t.Errorf("the preference must be kept, got %q", got)
	}

	// Few by few is many, too.
	few := func(from, to int) map[string]any {
		data := map[string]string{}
		for i := from; i < to; i++ {
			data[fmt.Sprint("p-", i)] = "x"
		}

		return map[string]any{"data": data}
	}

	h.want(t, http.StatusOK, admin, http.MethodPut, "/v1/userpreferences/"+id, few(0, 10))
	h.want(t, http.StatusUnprocessableEntity, admin, http.MethodPut, "/v1/userpreferences/"+id, few(5, 200))

	h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/management.cattle.io.user/"+id, nil)
}

// socket opens a websocket as a page does, with its cookie and its origin.
func (h *hub) socket(t *testing.T, token, path string) *websocket.Conn {
	t.Helper()

	transport, _ := h.http.Transport.(*http.Transport)
	dialer := websocket.Dialer{TLSClientConfig: transport.TLSClientConfig.Clone()}
	dialer.TLSClientConfig.NextProtos = nil

	conn, resp, err := dialer.DialContext(t.Context(), "wss"+strings.TrimPrefix(h.url, "https")+path, http.Header{
		"Cookie": {"R_SESS=" + token}, "Origin": {h.url},
	})
	if err != nil {
		t.Fatalf("websocket %s: %v, %v", path, err, resp)
	}

	t.Cleanup(func() { _ = conn.Close() })

	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}

	return conn
}

// testSubscribe opens the two websockets that every page keeps open.
func testSubscribe(t *testing.T, h *hub, admin string) {
	cases := map[string]struct {
		path, send, wait string
	}{
		"Steve":  {"/v1/subscribe", `{"resourceType":"management.cattle.io.settings"}`, "resource.start"},
		"Norman": {"/v3/subscribe", "", "setting"},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			conn := h.socket(t, admin, tc.path)

			if tc.send != "" {
				if err := conn.WriteMessage(websocket.TextMessage, []byte(tc.send)); err != nil {
					t.Fatal(err)
				}
			}

			for {
				_, message, err := conn.ReadMessage()
				if err != nil {
					t.Fatalf("want a message with %s: %v", tc.wait, err)
				}

				if strings.Contains(string(message), tc.wait) {
					return
				}
			}
		})
	}
}

func testNorman(t *testing.T, h *hub, admin string) {
	for _, path := range []string{"/v3", "/v3/schemas", "/v3/clusters", "/v3/users?me=true", "/v3/principals", "/v3/tokens", "/v3/settings", "/v3/features", "/v3/roleTemplates", "/v3/nodeDrivers"} {
		h.want(t, http.StatusOK, admin, http.MethodGet, path, nil)
	}

	key := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/tokens", map[string]any{"type": "token", "description": "a key", "ttl": 60000})
	presented := key.text("token")

	h.want(t, http.StatusOK, presented, http.MethodGet, "/v3/principals", nil)
	name, secret, _ := strings.Cut(presented, ":")
	h.want(t, http.StatusOK, "", http.MethodGet, "/v3/principals", nil, "Authorization", basic(name, secret))

	hashed := &unstructured.Unstructured{}
	hashed.SetAPIVersion("management.cattle.io/v3")
	hashed.SetKind("Token")

	direct, err := client.New(h.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	if err := direct.Get(t.Context(), client.ObjectKey{Name: name}, hashed); err != nil {
		t.Fatal(err)
	}

	if content, _ := json.Marshal(hashed); strings.Contains(string(content), secret) {
		t.Error("the object must not have the secret")
	}

	h.want(t, http.StatusOK, admin, http.MethodDelete, "/v3/tokens/"+name, nil)
	eventually(t, "revoked", func() error {
		if got := h.do(t, presented, http.MethodGet, "/v3/principals", nil); got.status != http.StatusUnauthorized {
			return fmt.Errorf("%d", got.status)
		}

		return nil
	})

	short := h.want(t, http.StatusUnprocessableEntity, admin, http.MethodPost, "/v3/users", map[string]any{"username": "eve", "password": "short"})
	if short.text("fieldName") != "password" {
		t.Errorf("the refusal must name the field, got %s", short.body)
	}

	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "carol", "name": "Carol", "password": password})
	again := h.want(t, http.StatusUnprocessableEntity, admin, http.MethodPost, "/v3/users", map[string]any{"username": "carol", "password": password})

	if again.text("fieldName") != "username" {
		t.Errorf("a name that is taken must be refused, got %s", again.body)
	}

	carol := h.login(t, "carol", password)
	h.want(t, http.StatusForbidden, carol, http.MethodPost, "/v3/users", map[string]any{"username": "mallory", "password": password})
	h.want(t, http.StatusUnprocessableEntity, carol, http.MethodPost, "/v3/users?action=changepassword",
		map[string]string{"currentPassword": "wrong", "newPassword": password + "!"})
	h.want(t, http.StatusOK, carol, http.MethodPost, "/v3/users?action=changepassword",
		map[string]string{"currentPassword": password, "newPassword": password + "!"})
	h.login(t, "carol", password+"!")
}

func basic(name, secret string) string {
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth(name, secret)

	return req.Header.Get("Authorization")
}
