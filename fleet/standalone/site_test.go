package standalone_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/rancher/steve/pkg/aggregation"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
)

// through is a client of a site's API server through the hub.
func (h *hub) through(t *testing.T, token string, s *site) kubernetes.Interface {
	t.Helper()

	made, err := kubernetes.NewForConfig(h.throughConfig(token, s))
	if err != nil {
		t.Fatal(err)
	}

	return made
}

func (h *hub) throughConfig(token string, s *site) *rest.Config {
	return &rest.Config{
		Host: h.url + "/k8s/clusters/" + s.id, BearerToken: token, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: h.AuthorityPEM},
	}
}

func (s *site) client(t *testing.T) kubernetes.Interface {
	t.Helper()

	made, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		t.Fatal(err)
	}

	return made
}

func (s *site) namespace(t *testing.T, name, project string) {
	t.Helper()

	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if project != "" {
		namespace.Annotations = map[string]string{management.AnnotationProjectID: project}
	}

	if _, err := s.client(t).CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// testKubeconfig uses the kubeconfig that the hub wrote: good for its cluster,
// and its token for no other and for no more tokens.
func testKubeconfig(t *testing.T, h *hub, s *site, content string) {
	t.Helper()

	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(content))
	if err != nil {
		t.Fatal(err)
	}

	direct, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := direct.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Errorf("the kubeconfig must lead into its cluster: %v", err)
	}

	h.want(t, http.StatusUnauthorized, config.BearerToken, http.MethodGet, "/k8s/clusters/local/api/v1/namespaces", nil)
	h.want(t, http.StatusUnauthorized, config.BearerToken, http.MethodPost, "/v3/tokens", map[string]any{"type": "token"})
	h.want(t, http.StatusUnauthorized, config.BearerToken, http.MethodGet, "/v1/management.cattle.io.users", nil)
	h.want(t, http.StatusUnauthorized, config.BearerToken, http.MethodGet, "/v3/users", nil)
	h.want(t, http.StatusOK, config.BearerToken, http.MethodGet, "/k8s/clusters/"+s.id+"/version", nil)
}

// testKubeconfigs asks for kubeconfigs as the dashboard's button and older scripts do.
func testKubeconfigs(t *testing.T, h *hub, admin string, s *site) {
	const kubeconfigs = "/v1/ext.cattle.io.kubeconfigs"

	wanted := func(clusters ...string) map[string]any {
		return map[string]any{"type": "ext.cattle.io.kubeconfig", "spec": map[string]any{"clusters": clusters, "includeDefaultEntry": false}}
	}
	action := "/v1/management.cattle.io.clusters/" + s.id

	button := h.want(t, http.StatusCreated, admin, http.MethodPost, kubeconfigs, wanted(s.id))
	testKubeconfig(t, h, s, button.text("status", "value"))

	if got := h.want(t, http.StatusOK, admin, http.MethodGet, action, nil); !strings.Contains(got.text("actions", "generateKubeconfig"), "action=generateKubeconfig") {
		t.Errorf("a cluster must offer the action, got %s", got.text("actions"))
	}

	testKubeconfig(t, h, s, h.want(t, http.StatusOK, admin, http.MethodPost, action+"?action=generateKubeconfig", nil).text("config"))

	many, err := clientcmd.Load([]byte(h.want(t, http.StatusCreated, admin, http.MethodPost, kubeconfigs, wanted("*")).text("status", "value")))
	if err != nil || len(many.Clusters) != 2 || many.Clusters["north"] == nil || many.Clusters["local"] == nil {
		t.Errorf("all clusters by the names that people know, got %v %v", many, err)
	}

	h.want(t, http.StatusBadRequest, admin, http.MethodPost, kubeconfigs, wanted())
	h.want(t, http.StatusBadRequest, admin, http.MethodPost, kubeconfigs, wanted(s.id, s.id))
	h.want(t, http.StatusNotFound, admin, http.MethodPost, kubeconfigs, wanted("c-m-nobody"))

	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "kim", "password": password})
	kim := h.login(t, "kim", password)
	h.want(t, http.StatusForbidden, kim, http.MethodPost, kubeconfigs, wanted(s.id))

	if got := h.do(t, kim, http.MethodPost, action+"?action=generateKubeconfig", nil); got.status != http.StatusForbidden && got.status != http.StatusNotFound {
		t.Errorf("no way into the cluster of others, got %d %s", got.status, got.body)
	}
}

// seen is what an echo server says of a request.
type seen struct {
	Method string
	Path   string
	Query  string
	User   string
	Groups []string
	Prefix string
	Header http.Header
}

// echo is a program that dials in and says what arrives.
func echo(name string) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		rw.Header().Set("Set-Cookie", "R_SESS=stolen")
		rw.Header().Set("X-Echo", name)

		if strings.HasSuffix(req.URL.Path, "/subscribe") {
			// As Steve does, whose upgrader refuses an origin that is not its host.
			upgrader := websocket.Upgrader{}

			conn, err := upgrader.Upgrade(rw, req, nil)
			if err != nil {
				return
			}
			defer conn.Close()

			_ = conn.WriteMessage(websocket.TextMessage, []byte(req.Header.Get("Impersonate-User")))

			return
		}

		if strings.HasSuffix(req.URL.Path, "/stream") {
			for i := range 3 {
				fmt.Fprintf(rw, "line %d\n", i)
				rw.(http.Flusher).Flush()
			}

			return
		}

		_ = json.NewEncoder(rw).Encode(seen{
			Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery, User: req.Header.Get("Impersonate-User"), Groups: req.Header.Values("Impersonate-Group"),
			Prefix: req.Header.Get("X-API-URL-Prefix"), Header: req.Header,
		})
	})
}

func TestSite(t *testing.T) {
	h := startHub(t, nil)
	admin := h.login(t, "admin", password)
	s := h.importSite(t, admin, "north")

	if _, err := s.client(t).CoreV1().Nodes().Create(t.Context(), node("node-1"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}

	h.ready(t, admin, s)

	t.Run("Provider", func(t *testing.T) { testProvider(t, h, admin, s) })
	t.Run("Kubernetes", func(t *testing.T) { testKubernetes(t, h, admin, s) })
	t.Run("Kubeconfigs", func(t *testing.T) { testKubeconfigs(t, h, admin, s) })
	t.Run("Steve", func(t *testing.T) { testSiteSteve(t, h, admin, s) })
	t.Run("Impersonation", func(t *testing.T) { testImpersonation(t, h, admin, s) })
	t.Run("APIService", func(t *testing.T) { testAPIService(t, h, admin) })
	t.Run("Rights", func(t *testing.T) { testRights(t, h, admin, s) })
	t.Run("Restart", func(t *testing.T) { testRestart(t, h, admin, s) })
	t.Run("Leave", func(t *testing.T) { testLeave(t, h, admin, s) })
}

func node(name string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"harvesterhci.io/managed": "true"}}}
}

func testProvider(t *testing.T, h *hub, admin string, s *site) {
	// The first look may have been before the node was there; the next is on time.
	eventually(t, "provider", func() error {
		got := h.do(t, admin, http.MethodGet, "/v1/management.cattle.io.clusters/"+s.id, nil)
		if got.text("status", "provider") != "harvester" || got.text("status", "nodeCount") != "1" ||
			got.text("metadata", "labels", "provider.cattle.io") != "harvester" {
			return fmt.Errorf("%s", got.body)
		}

		return nil
	})
}

func testKubernetes(t *testing.T, h *hub, admin string, s *site) {
	site := h.through(t, admin, s)

	eventually(t, "admin's right in the site", func() error {
		_, err := site.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})

		return err
	})

	watch, err := site.CoreV1().ConfigMaps("default").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Stop()

	made := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "through", Namespace: "default"}}
	if _, err := site.CoreV1().ConfigMaps("default").Create(t.Context(), made, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}

	// A page has websockets alone, and consoles are websockets too.
	_, message, err := h.socket(t, admin, "/k8s/clusters/"+s.id+"/api/v1/namespaces/default/configmaps?watch=true").ReadMessage()
	if err != nil || !strings.Contains(string(message), "ConfigMap") {
		t.Errorf("a websocket must pass: %v %s", err, message)
	}

	deadline := time.After(time.Minute)

	for {
		select {
		case event := <-watch.ResultChan():
			if have, ok := event.Object.(*corev1.ConfigMap); ok && have.Name == "through" {
				return
			}
		case <-deadline:
			t.Fatal("the watch must tell while it is open")
		}
	}
}

// testSiteSteve is the site's backend: it dials with what the agent left.
func testSiteSteve(t *testing.T, h *hub, admin string, s *site) {
	down := h.want(t, http.StatusServiceUnavailable, admin, http.MethodGet, "/k8s/clusters/"+s.id+"/v1/harvester/x", nil)
	if !strings.Contains(down.text("message"), "north") {
		t.Errorf("the sentence must name the site, got %s", down.body)
	}

	secret, err := s.client(t).CoreV1().Secrets("cattle-system").Get(t.Context(), "stv-aggregation", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	go aggregation.ListenAndServe(ctx, string(secret.Data["url"]), secret.Data["ca.crt"], string(secret.Data["token"]), echo("site"))

	path := "/k8s/clusters/" + s.id + "/v1/harvester/kubevirt.io.virtualmachines"

	var got reply

	eventually(t, "the backend", func() error {
		got = h.do(t, admin, http.MethodGet, path, nil, "X-Remote-User", "root", "Cookie", "R_SESS=x")
		if got.status != http.StatusOK {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	var said seen
	if err := json.Unmarshal(got.body, &said); err != nil {
		t.Fatal(err)
	}

	if said.Path != "/v1/harvester/kubevirt.io.virtualmachines" || said.Prefix != "/k8s/clusters/"+s.id {
		t.Errorf("the path must lose its prefix and the prefix be told, got %+v", said)
	}

	if !strings.HasPrefix(said.User, "user-") || !slices.Contains(said.Groups, "system:authenticated") {
		t.Errorf("the caller must be named by this server, got %+v", said)
	}

	if said.Header.Get("Cookie") != "" || said.Header.Get("Authorization") != "" {
		t.Errorf("credentials must not pass, got %v", said.Header)
	}

	if _, message, err := h.socket(t, admin, "/k8s/clusters/"+s.id+"/v1/harvester/subscribe").ReadMessage(); err != nil || !strings.HasPrefix(string(message), "user-") {
		t.Errorf("the page's subscription must pass as the caller: %v %s", err, message)
	}

	h.want(t, http.StatusUnprocessableEntity, "", http.MethodGet, path+"/web/vm?_method=DELETE", nil, "Cookie", "R_SESS="+admin+"; CSRF=abc")

	link := h.want(t, http.StatusOK, admin, http.MethodGet, path+"/web/vm?_method=DELETE&page=1", nil)
	if link.text("Method") != http.MethodGet || link.text("Query") != "page=1" {
		t.Errorf("a query must not say another method than the request, got %s", link.body)
	}

	version := h.want(t, http.StatusOK, admin, http.MethodGet, "/k8s/clusters/"+s.id+"/version", nil)
	for _, answer := range []reply{got, version} {
		if policy := answer.header.Get("Content-Security-Policy"); policy != "sandbox" {
			t.Errorf("what a site answers must not run in the hub's origin, got %q", policy)
		}
	}

	if cookie := got.header.Get("Set-Cookie"); cookie != "" {
		t.Errorf("a site must not set cookies, got %s", cookie)
	}
}

func testImpersonation(t *testing.T, h *hub, admin string, s *site) {
	// The API server believes the hub's agent, so what a client writes passes only if he may impersonate.
	review := map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
	path := "/apis/authentication.k8s.io/v1/selfsubjectreviews"

	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "ivy", "password": password})
	ivy := h.login(t, "ivy", password)

	for _, prefix := range []string{"/k8s/clusters/" + s.id, "/k8s/clusters/local", ""} {
		refused := h.want(t, http.StatusForbidden, ivy, http.MethodPost, prefix+path, review, "Impersonate-User", "system:admin", "Impersonate-Group", "system:masters")
		if refused.text("kind") != "Status" || !strings.Contains(refused.text("message"), "impersonate") {
			t.Errorf("kubectl --as must read why not, got %s", refused.body)
		}
	}

	h.want(t, http.StatusForbidden, ivy, http.MethodGet, "/v3/users", nil, "Impersonate-User", "u-croft-fleet")

	got := h.want(t, http.StatusCreated, admin, http.MethodPost, "/k8s/clusters/"+s.id+path, review, "Impersonate-User", "robot", "Impersonate-Group", "team")
	if who := got.text("status", "userInfo", "username"); who != "robot" || strings.Contains(string(got.body), "cattle:authenticated") {
		t.Errorf("an administrator may act as somebody else, and is nobody else then, got %s", got.body)
	}

	own := h.want(t, http.StatusCreated, admin, http.MethodPost, "/k8s/clusters/"+s.id+path, review)
	if !strings.HasPrefix(own.text("status", "userInfo", "username"), "user-") {
		t.Errorf("the caller is who he is, got %s", own.body)
	}
}

func testAPIService(t *testing.T, h *hub, admin string) {
	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v1/management.cattle.io.apiservices", map[string]any{
		"type": "management.cattle.io.apiservice", "metadata": map[string]any{"name": "echo"},
		"spec": map[string]any{"secretName": "echo-aggregation", "secretNamespace": "echo-system", "pathPrefixes": []string{"/v1/echo/"}},
	})

	direct, err := client.New(h.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	secret := &corev1.Secret{}

	eventually(t, "secret", func() error {
		return direct.Get(t.Context(), client.ObjectKey{Namespace: "echo-system", Name: "echo-aggregation"}, secret)
	})

	down := h.want(t, http.StatusServiceUnavailable, admin, http.MethodGet, "/v1/echo/things", nil)
	if !strings.Contains(down.text("message"), "Handler disconnected") {
		t.Errorf("the sentence must be Rancher's, got %s", down.body)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()

	go aggregation.ListenAndServe(ctx, string(secret.Data["url"]), secret.Data["ca.crt"], string(secret.Data["token"]), echo("echo"))

	eventually(t, "the program", func() error {
		got := h.do(t, admin, http.MethodGet, "/v1/echo/things", nil)
		if got.status != http.StatusOK || got.text("Path") != "/v1/echo/things" || !strings.HasPrefix(got.text("User"), "user-") {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	if stream := h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/echo/stream", nil); string(stream.body) != "line 0\nline 1\nline 2\n" {
		t.Errorf("a stream must pass, got %q", stream.body)
	}

	h.want(t, http.StatusUnauthorized, "", http.MethodGet, "/v1/echo/things", nil)
	h.want(t, http.StatusUnauthorized, "", http.MethodGet, "/v3/connect", nil, "Authorization", "Bearer nonsense")

	// A service that is deleted is cut off, and its token is worth nothing.
	h.do(t, admin, http.MethodDelete, "/v1/management.cattle.io.apiservices/echo", nil)
	eventually(t, "cut off", func() error {
		if got := h.do(t, admin, http.MethodGet, "/v1/echo/things", nil); got.status == http.StatusOK {
			return errors.New("still there")
		}

		return nil
	})
	eventually(t, "token dead", func() error {
		got := h.do(t, "", http.MethodGet, "/v3/connect", nil, "Authorization", "Bearer "+string(secret.Data["token"]))
		if got.status != http.StatusUnauthorized {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})
}

func testRights(t *testing.T, h *hub, admin string, s *site) {
	made := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "bob", "name": "Bob", "password": password})
	user := made.text("id")
	bob := h.login(t, "bob", password)
	site := h.through(t, bob, s)

	// Nobody yet: not the cluster, not its list, not by a hand-made URL.
	h.want(t, http.StatusForbidden, bob, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil)
	h.want(t, http.StatusForbidden, bob, http.MethodGet, "/k8s/clusters/"+s.id+"/v1/harvester/x", nil)
	h.want(t, http.StatusForbidden, bob, http.MethodGet, "/k8s/clusters/local/api/v1/secrets", nil)

	if list := h.want(t, http.StatusOK, bob, http.MethodGet, "/v3/clusters", nil); strings.Contains(string(list.body), s.id) {
		t.Errorf("a cluster of others must not be seen, got %s", list.body)
	}

	// A project that holds one namespace.
	project := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/projects", map[string]any{"name": "web", "clusterId": s.id})
	_, short, _ := strings.Cut(project.text("id"), ":")
	s.namespace(t, "web", s.id+":"+short)
	s.namespace(t, "other", "")

	binding := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/projectRoleTemplateBindings", map[string]any{
		"projectId": s.id + ":" + short, "userId": user, "roleTemplateId": "project-member",
	})

	eventually(t, "bob's right", func() error {
		_, err := site.CoreV1().ConfigMaps("web").List(t.Context(), metav1.ListOptions{})

		return err
	})

	_, err := site.CoreV1().ConfigMaps("other").List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("another namespace must be forbidden, got %v", err)
	}

	if _, err := site.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("nodes must be forbidden, got %v", err)
	}

	if _, err := site.CoreV1().Namespaces().Get(t.Context(), "web", metav1.GetOptions{}); err != nil {
		t.Errorf("the project's namespace must be seen, got %v", err)
	}

	eventually(t, "bob's cluster in Steve", func() error {
		got := h.do(t, bob, http.MethodGet, "/v1/management.cattle.io.clusters", nil)
		if got.status != http.StatusOK || !strings.Contains(string(got.body), s.id) || strings.Contains(string(got.body), `"id":"local"`) {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	// Bob gives himself nothing.
	h.want(t, http.StatusForbidden, bob, http.MethodPost, "/v3/clusterRoleTemplateBindings", map[string]any{
		"clusterId": s.id, "userId": user, "roleTemplateId": "cluster-owner",
	})

	h.want(t, http.StatusOK, admin, http.MethodDelete, "/v3/projectRoleTemplateBindings/"+binding.text("id"), nil)
	eventually(t, "withdrawn in the site", func() error { return s.withoutBindings(t, user) })
	eventually(t, "withdrawn on the hub", func() error {
		if got := h.do(t, bob, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil); got.status != http.StatusForbidden {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	testNamespaceRight(t, h, admin, s, user, bob)
	testOwner(t, h, admin, s, user, bob)

	// The whole cluster, and away with the user.
	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/clusterRoleTemplateBindings", map[string]any{
		"clusterId": s.id, "userId": user, "roleTemplateId": "cluster-owner",
	})
	eventually(t, "bob owns the cluster", func() error {
		_, err := site.CoreV1().Secrets("kube-system").List(t.Context(), metav1.ListOptions{})

		return err
	})

	h.want(t, http.StatusOK, admin, http.MethodDelete, "/v3/users/"+user, nil)
	eventually(t, "bob is gone", func() error {
		if got := h.do(t, bob, http.MethodGet, "/v3/principals", nil); got.status != http.StatusUnauthorized {
			return fmt.Errorf("%d", got.status)
		}

		return s.withoutBindings(t, user)
	})
}

// testOwner is the owner of a cluster, who gives rights on its projects and sees
// its provisioning cluster; a project that is deleted takes its rights along.
func testOwner(t *testing.T, h *hub, admin string, s *site, user, bob string) {
	owner := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "olga", "password": password}).text("id")
	olga := h.login(t, "olga", password)
	h.want(t, http.StatusForbidden, olga, http.MethodPost, "/v3/projects", map[string]any{"name": "shop", "clusterId": s.id})
	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/clusterRoleTemplateBindings", map[string]any{
		"clusterId": s.id, "userId": owner, "roleTemplateId": "cluster-owner",
	})

	var project reply

	eventually(t, "olga's project", func() error {
		project = h.do(t, olga, http.MethodPost, "/v3/projects", map[string]any{"name": "shop", "clusterId": s.id})
		if project.status != http.StatusCreated {
			return fmt.Errorf("%d %s", project.status, project.body)
		}

		return nil
	})

	s.namespace(t, "shop", project.text("id"))
	h.want(t, http.StatusCreated, olga, http.MethodPost, "/v3/projectRoleTemplateBindings", map[string]any{
		"projectId": project.text("id"), "userId": user, "roleTemplateId": "project-member",
	})

	site := h.through(t, bob, s)
	eventually(t, "bob's right in the shop", func() error {
		_, err := site.CoreV1().ConfigMaps("shop").List(t.Context(), metav1.ListOptions{})

		return err
	})
	eventually(t, "bob's provisioning cluster", func() error {
		got := h.do(t, bob, http.MethodGet, "/v1/provisioning.cattle.io.clusters/fleet-default/north", nil)
		if got.status != http.StatusOK {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	h.want(t, http.StatusOK, olga, http.MethodDelete, "/v3/projects/"+project.text("id"), nil)
	eventually(t, "withdrawn with the project", func() error { return s.withoutBindings(t, user) })
	eventually(t, "bob sees the cluster no more", func() error {
		if got := h.do(t, bob, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil); got.status != http.StatusForbidden {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})
}

// testNamespaceRight is the narrowest right, by the means that Rancher has too: a
// role without rules lets the user through the proxy, and a RoleBinding that an
// administrator makes through the proxy says what he may do in one namespace.
func testNamespaceRight(t *testing.T, h *hub, admin string, s *site, user, bob string) {
	template := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/roleTemplates", map[string]any{"name": "visitor", "context": "cluster"})
	binding := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/clusterRoleTemplateBindings", map[string]any{
		"clusterId": s.id, "userId": user, "roleTemplateId": template.text("id"),
	})

	_, err := h.through(t, admin, s).RbacV1().RoleBindings("other").Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "other", Name: "bob"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}

	site := h.through(t, bob, s)

	eventually(t, "bob's right in one namespace", func() error {
		_, err := site.CoreV1().ConfigMaps("other").List(t.Context(), metav1.ListOptions{})

		return err
	})

	if _, err := site.CoreV1().ConfigMaps("web").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("the other namespace must be forbidden, got %v", err)
	}

	if err := s.client(t).RbacV1().RoleBindings("other").Delete(t.Context(), "bob", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}

	h.want(t, http.StatusOK, admin, http.MethodDelete, "/v3/clusterRoleTemplateBindings/"+binding.text("id"), nil)
	eventually(t, "the door is closed", func() error {
		if got := h.do(t, bob, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil); got.status != http.StatusForbidden ||
			!strings.Contains(string(got.body), "no right to the cluster") {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})
}

func (s *site) withoutBindings(t *testing.T, user string) error {
	t.Helper()

	var subjects []rbacv1.Subject

	bindings, err := s.client(t).RbacV1().RoleBindings("").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		return err
	}

	for _, binding := range bindings.Items {
		subjects = append(subjects, binding.Subjects...)
	}

	wide, err := s.client(t).RbacV1().ClusterRoleBindings().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		return err
	}

	for _, binding := range wide.Items {
		subjects = append(subjects, binding.Subjects...)
	}

	for _, subject := range subjects {
		if subject.Name == user {
			return fmt.Errorf("%s is bound still", user)
		}
	}

	return nil
}

func testRestart(t *testing.T, h *hub, admin string, s *site) {
	s.stop()

	eventually(t, "noticed", func() error {
		if got := h.do(t, admin, http.MethodGet, "/v3/clusters/"+s.id, nil); got.text("state") != "unavailable" {
			return fmt.Errorf("the cluster is %s", got.text("state"))
		}

		return nil
	})

	began := time.Now()
	down := h.want(t, http.StatusServiceUnavailable, admin, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil)

	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("a cluster that is known to be down must be refused at once, it took %s", took)
	}

	if down.text("kind") != "Status" || !strings.Contains(down.text("message"), "north") {
		t.Errorf("kubectl must read a sentence, got %s", down.body)
	}

	s.startAgent()
	h.ready(t, admin, s)
	h.want(t, http.StatusOK, admin, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil)
}

func testLeave(t *testing.T, h *hub, admin string, s *site) {
	token := h.want(t, http.StatusOK, admin, http.MethodGet, "/v3/clusterregistrationtokens/"+s.id+":default-token", nil)
	manifest := strings.TrimPrefix(token.text("manifestUrl"), h.url)

	user := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "nina", "password": password}).text("id")
	project := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/projects", map[string]any{"name": "last", "clusterId": s.id}).text("id")
	h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/projectRoleTemplateBindings", map[string]any{
		"projectId": project, "userId": user, "roleTemplateId": "project-member",
	})

	h.do(t, admin, http.MethodDelete, "/v1/provisioning.cattle.io.clusters/fleet-default/north", nil)
	eventually(t, "cluster gone", func() error {
		for _, path := range []string{"/v3/clusters/" + s.id, "/v1/provisioning.cattle.io.clusters/fleet-default/north", "/k8s/clusters/" + s.id + "/api", manifest} {
			if got := h.do(t, admin, http.MethodGet, path, nil); got.status != http.StatusNotFound {
				return fmt.Errorf("%s: %d %s", path, got.status, got.body)
			}
		}

		return nil
	})

	h.want(t, http.StatusUnauthorized, "", http.MethodGet, "/v3/connect", nil, "X-API-Tunnel-Token", token.text("token"))
	h.want(t, http.StatusUnauthorized, "", http.MethodGet, "/v3/connect", nil, "Authorization", "Bearer stv-cluster-"+token.text("token"))

	// What the hub wrote into the site is gone too.
	if _, err := s.client(t).CoreV1().Secrets("cattle-system").Get(t.Context(), "stv-aggregation", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the site must not keep the secret, got %v", err)
	}

	direct, err := client.New(h.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	for _, name := range []string{s.id, strings.ReplaceAll(project, ":", "-")} {
		eventually(t, "namespace gone", func() error {
			err := direct.Get(t.Context(), client.ObjectKey{Name: name}, &corev1.Namespace{})
			if !apierrors.IsNotFound(err) {
				return fmt.Errorf("the namespace %s is there: %w", name, err)
			}

			return nil
		})
	}

	if got := h.want(t, http.StatusOK, admin, http.MethodGet, "/v3/projectRoleTemplateBindings", nil); strings.Contains(string(got.body), project) {
		t.Errorf("no binding stays, got %s", got.body)
	}
}
