package standalone_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// guest is somebody who may see all ConfigMaps of namespace away, and the one called one of namespace home.
type guest struct {
	*hub

	token, id string
	direct    client.Client
}

// newGuest makes him, with a ConfigMap one and two at home, three away and four in a namespace where he has no right.
func newGuest(t *testing.T, h *hub, admin string) guest {
	t.Helper()

	made := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users", map[string]any{"username": "gus", "name": "Gus", "password": password})

	direct, err := client.New(h.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	g := guest{hub: h, id: made.text("id"), direct: direct}
	for _, name := range []string{"home", "away", "beyond"} {
		g.make(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}

	for namespace, names := range map[string][]string{"home": {"one"}, "away": nil} {
		meta := metav1.ObjectMeta{Namespace: namespace, Name: "guest"}
		g.make(t, &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{
			Verbs: []string{"get", "list", "watch"}, APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: names,
		}}})
		g.make(t, &rbacv1.RoleBinding{
			ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "guest"},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: g.id}},
		})
	}

	for id, namespace := range map[string]string{"one": "home", "two": "home", "three": "away", "four": "beyond"} {
		g.make(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: id}})
	}

	g.token = h.login(t, "gus", password)

	eventually(t, "the hub knows his rights", func() error {
		got := h.do(t, g.token, http.MethodGet, "/v1/configmaps", nil)
		if !strings.Contains(string(got.body), "home/one") || !strings.Contains(string(got.body), "away/three") {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	return g
}

func (g guest) make(t *testing.T, object client.Object) {
	t.Helper()

	if err := g.direct.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

// stir changes a ConfigMap until the test ends.
func (g guest) stir(t *testing.T, namespace, name string) {
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
			object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
			patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"data":{"n":"%d"}}`, n))

			if err := g.direct.Patch(ctx, object, patch); err != nil && ctx.Err() == nil {
				t.Errorf("change %s: %v", name, err)

				return
			}

			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
}

// told is a message of a subscription.
type told struct {
	Name string
	Data struct {
		ID     string
		Counts map[string]struct {
			Summary    struct{ Count int }
			Namespaces map[string]struct{ Count int }
		}
	}
}

// subscribe begins a subscription.
func (g guest) subscribe(t *testing.T, what map[string]any) *websocket.Conn {
	t.Helper()

	conn := g.socket(t, g.token, "/v1/subscribe")
	if err := conn.WriteJSON(what); err != nil {
		t.Fatal(err)
	}

	await(t, conn, "resource.start")

	return conn
}

func await(t *testing.T, conn *websocket.Conn, name string) told {
	t.Helper()

	for {
		var event told

		_, text, err := conn.ReadMessage()
		if err != nil || json.Unmarshal(text, &event) != nil {
			t.Fatalf("want %s: %v %s", name, err, text)
		}

		if event.Name == name {
			return event
		}
	}
}

// testApart holds that nobody is told of what he may not see, in any of the ways in which Steve tells.
func testApart(t *testing.T, h *hub, admin string) {
	g := newGuest(t, h, admin)

	t.Run("Subscribe", func(t *testing.T) { testSubscribeApart(t, g) })
	t.Run("Counts", func(t *testing.T) { testCountsApart(t, g) })
	t.Run("Relations", func(t *testing.T) { testRelationsApart(t, g, admin) })
	t.Run("Forwarded", func(t *testing.T) { testForwarded(t, g) })
	t.Run("TakenBack", func(t *testing.T) { testTakenBack(t, g) })
}

// testSubscribeApart has rights in two namespaces: they are not the sum of both in each.
func testSubscribeApart(t *testing.T, g guest) {
	for _, each := range [][2]string{{"home", "two"}, {"beyond", "four"}, {"home", "one"}, {"away", "three"}} {
		g.stir(t, each[0], each[1])
	}

	cases := map[string]struct {
		reason string
		what   map[string]any
		want   string
	}{
		"All":       {"all that may be seen", map[string]any{}, "away/three"},
		"Namespace": {"of one namespace", map[string]any{"namespace": "away"}, "away/three"},
		"Named":     {"of the one where one object may be seen", map[string]any{"namespace": "home"}, "home/one"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.what["resourceType"] = "configmaps"
			conn := g.subscribe(t, tc.what)

			for heard := 0; heard < 5; {
				switch id := await(t, conn, "resource.change").Data.ID; id {
				case tc.want:
					heard++
				case "home/one", "away/three":
				default:
					t.Fatalf("%s: nobody may tell of %s", tc.reason, id)
				}
			}
		})
	}
}

// testCountsApart counts while ConfigMaps come where nobody may tell of them.
func testCountsApart(t *testing.T, g guest) {
	conn := g.subscribe(t, map[string]any{"resourceType": "count"})

	for _, each := range [][2]string{{"beyond", "hidden"}, {"home", "hidden"}, {"away", "shown"}} {
		g.make(t, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: each[0], Name: each[1]}})
	}

	for {
		count, known := await(t, conn, "resource.change").Data.Counts["configmap"]
		if !known {
			continue
		}

		if _, told := count.Namespaces["beyond"]; told || count.Namespaces["home"].Count > 1 {
			t.Fatalf("what is not seen is not counted: %+v", count)
		}

		if count.Namespaces["away"].Count >= 2 {
			return
		}
	}
}

// testRelationsApart has ConfigMaps that refer to one which may not be seen, as an annotation can.
func testRelationsApart(t *testing.T, g guest, admin string) {
	spy := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "away", Name: "three"}}
	patch := `{"metadata":{"annotations":{"objectset.rio.cattle.io/owner-gvk":"/v1, Kind=ConfigMap",` +
		`"objectset.rio.cattle.io/owner-name":%q,"objectset.rio.cattle.io/owner-namespace":%q}}}`
	cases := map[string]struct {
		reason, token, namespace, name string
		want                           bool
	}{
		"Seen":   {"what may be seen, with its state", g.token, "home", "one", true},
		"Hidden": {"not how one does that may not be seen", g.token, "beyond", "four", false},
		"Absent": {"nor that there is none", g.token, "beyond", "nothing", false},
		"Admin":  {"who may see all", admin, "beyond", "four", true},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := g.direct.Patch(t.Context(), spy, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, patch, tc.name, tc.namespace))); err != nil {
				t.Fatal(err)
			}

			eventually(t, "the row knows of it", func() error {
				got := g.do(t, admin, http.MethodGet, "/v1/configmaps/away/three", nil)
				if !strings.Contains(string(got.body), `"fromId":"`+tc.namespace+"/"+tc.name+`"`) {
					return errors.New(string(got.body))
				}

				return nil
			})

			got := g.want(t, http.StatusOK, tc.token, http.MethodGet, "/v1/configmaps/away/three", nil)
			if strings.Contains(string(got.body), `"fromId":"`+tc.namespace+"/"+tc.name+`"`) != tc.want {
				t.Errorf("%s: %s", tc.reason, got.body)
			}
		})
	}
}

// testForwarded says what a request is addressed to where anybody can say so.
func testForwarded(t *testing.T, g guest) {
	cases := map[string]struct{ reason, name, value string }{
		"Host":   {"another server", "X-Forwarded-Host", "evil.example.org"},
		"API":    {"Steve's own word for it", "X-API-Host", "evil.example.org"},
		"Scheme": {"without encryption", "X-Forwarded-Proto", "http"},
		"Port":   {"another port", "X-Forwarded-Port", "1"},
		"Prefix": {"another path", "X-API-URL-Prefix", "/evil"},
		"Away":   {"a path that leads elsewhere", "X-API-URL-Prefix", "//evil.example.org"},
	}

	for name, tc := range cases {
		for _, path := range []string{"/v1/configmaps/away/three", "/v3/users?me=true"} {
			t.Run(name+path, func(t *testing.T) {
				plain := g.want(t, http.StatusOK, g.token, http.MethodGet, path, nil)
				got := g.want(t, http.StatusOK, g.token, http.MethodGet, path, nil, tc.name, tc.value)

				if got.text("links", "self") != plain.text("links", "self") || got.text("links", "view") != plain.text("links", "view") {
					t.Errorf("%s: links lead where the request was sent: %s", tc.reason, got.body)
				}
			})
		}
	}
}

// testTakenBack logs out while a subscription and a watch are open.
func testTakenBack(t *testing.T, g guest) {
	g.token = g.login(t, "gus", password)
	conn := g.subscribe(t, map[string]any{"resourceType": "configmaps", "namespace": "away"})
	g.stir(t, "away", "three")
	await(t, conn, "resource.change")
	g.want(t, http.StatusOK, g.token, http.MethodPost, "/v3/tokens?action=logout", map[string]any{})

	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
				t.Error("the subscription outlives the session")
			}

			return
		}
	}
}
