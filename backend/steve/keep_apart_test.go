package steve_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// guest makes a user of a test with roles in some namespaces, and hands out his token.
func guest(t *testing.T, name string, rules map[string][]rbacv1.PolicyRule) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	made := []client.Object{account}
	for namespace, rules := range rules {
		meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
		made = append(made, &rbacv1.Role{ObjectMeta: meta, Rules: rules}, &rbacv1.RoleBinding{
			ObjectMeta: meta,
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: home, Name: name}},
		})
	}
	for _, object := range made {
		if err := site.admin.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := client.IgnoreNotFound(site.admin.Delete(context.Background(), object)); err != nil {
				t.Error(err)
			}
		})
	}
	request := &authenticationv1.TokenRequest{}
	if err := site.admin.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// seeing is the right to see gadgets, all or those of some names.
func seeing(names ...string) []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{{
		Verbs: []string{"get", "list", "watch"}, APIGroups: []string{gadgetVersion.Group}, Resources: []string{"gadgets"}, ResourceNames: names,
	}}
}

// knock opens a subscription, and says how the server has answered.
func knock(t *testing.T, token string, header http.Header) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Authorization", "Bearer "+token)
	dialer := websocket.Dialer{TLSClientConfig: site.port.Client().Transport.(*http.Transport).TLSClientConfig}
	conn, response, err := dialer.DialContext(t.Context(), strings.Replace(site.port.URL, "https:", "wss:", 1)+"/v1/subscribe", header)
	if conn != nil {
		t.Cleanup(func() { conn.Close() })
		if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	return conn, response, err
}

// subscribed is a subscription that has begun.
func subscribed(t *testing.T, token string, what map[string]any) *websocket.Conn {
	t.Helper()
	conn, _, err := knock(t, token, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.WriteJSON(what); err != nil {
		t.Fatal(err)
	}
	await(t, conn, "resource.start")
	return conn
}

// stir changes a gadget anywhere until the test ends.
func stir(t *testing.T, namespace, name string) {
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
			patch := client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"size":%d}}`, n))
			if err := site.admin.Patch(ctx, newGadget(namespace, name), patch); err != nil && ctx.Err() == nil {
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

// TestSubscribeApart has somebody subscribe who may see all of one namespace and one object of another: rights in two
// namespaces are not the sum of both in each.
func TestSubscribeApart(t *testing.T) {
	token := guest(t, "apart", map[string][]rbacv1.PolicyRule{home: seeing("one"), away: seeing()})
	have(t, home, "one", nil)
	have(t, home, "two", nil)
	have(t, away, "three", nil)
	cases := map[string]struct {
		reason string
		what   map[string]any
		want   []string
	}{
		"All":       {"all that may be seen", map[string]any{}, []string{"home/one", "away/three"}},
		"Namespace": {"of one namespace", map[string]any{"namespace": away}, []string{"away/three"}},
		"Named":     {"of the one where one object may be seen", map[string]any{"namespace": home}, []string{"home/one"}},
		"ID":        {"one object", map[string]any{"id": "away/three"}, []string{"away/three"}},
		"Name":      {"one object, by its namespace and its name", map[string]any{"namespace": home, "id": "one"}, []string{"home/one"}},
	}
	stir(t, home, "two") // which nobody may hear of
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			tc.what["resourceType"] = collection
			conn := subscribed(t, token, tc.what)
			stir(t, home, "one")
			stir(t, away, "three")
			heard := map[string]int{}
			for _, id := range tc.want {
				for heard[id] < 3 { // each of them again and again, so that what comes in between is heard too
					event := answer{body: await(t, conn, "resource.change")}
					heard[fmt.Sprint(event.field("data", "id"))]++
				}
			}
			for id := range heard {
				if !strings.Contains(strings.Join(tc.want, " "), id) {
					t.Errorf("%s: nobody may tell of %s", tc.reason, id)
				}
			}
		})
	}
}

// TestCountsApart counts for somebody who sees one namespace, while gadgets come in another.
func TestCountsApart(t *testing.T) {
	have(t, home, "one", nil)
	conn := subscribed(t, site.tokens[reader], map[string]any{"resourceType": "count"})
	have(t, away, "hidden", nil)
	have(t, home, "two", nil)
	for {
		event := answer{body: await(t, conn, "resource.change")}
		if event.field("data", "counts", "test.crofthci.io.gadget") == nil {
			continue
		}
		if event.field("data", "counts", "test.crofthci.io.gadget", "namespaces", away) != nil {
			t.Fatalf("nobody may tell of another namespace: %v", event.body)
		}
		if got := event.field("data", "counts", "test.crofthci.io.gadget", "summary", "count"); got != 2.0 {
			t.Errorf("what is not seen is not counted: %v", got)
		}
		return
	}
}

// TestRelationsApart has gadgets that refer to one of another namespace, as an annotation can.
func TestRelationsApart(t *testing.T) {
	have(t, away, "hidden", map[string]any{"on": true})
	have(t, home, "shown", map[string]any{"on": true})
	have(t, home, "spy", nil)
	patch := `{"metadata":{"annotations":{"objectset.rio.cattle.io/owner-gvk":"test.crofthci.io/v1, Kind=Gadget",` +
		`"objectset.rio.cattle.io/owner-name":%q,"objectset.rio.cattle.io/owner-namespace":%q}}}`
	spy := newGadget(home, "spy")
	cases := map[string]struct {
		reason          string
		user            string
		namespace, name string
		want            bool
	}{
		"Reader": {"what may be seen, with its state", reader, home, "shown", true},
		"Hidden": {"not how one does that may not be seen", reader, away, "hidden", false},
		"Absent": {"nor that there is none", reader, away, "nothing", false},
		"Admin":  {"who may see all", admin, away, "hidden", true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := site.admin.Patch(t.Context(), spy, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, patch, tc.name, tc.namespace))); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the list knows of it", func() bool {
				list := ask(t, admin, http.MethodGet, "/v1/"+collection+"?filter=metadata.name=spy", "")
				return strings.Contains(list.text, `"objectset.rio.cattle.io/owner-name":"`+tc.name+`"`)
			})
			for where, row := range map[string]answer{
				"alone":     ask(t, tc.user, http.MethodGet, "/v1/"+collection+"/home/spy", ""),
				"in a list": ask(t, tc.user, http.MethodGet, "/v1/"+collection+"?filter=metadata.name=spy", ""),
			} {
				if row.status != http.StatusOK || strings.Contains(row.text, `"fromId":"`+tc.namespace+"/"+tc.name+`"`) != tc.want {
					t.Errorf("%s, %s: %d %s", tc.reason, where, row.status, row.text)
				}
			}
		})
	}
}

// TestPreferences asks for what Steve keeps for all users in one file.
func TestPreferences(t *testing.T) {
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		if got := ask(t, stranger, method, "/v1/userpreferences/me", `{"data":{"theme":"dark"}}`); got.status != http.StatusNotFound {
			t.Errorf("nobody writes or reads what others like: %d %s", got.status, got.text)
		}
	}
}

// TestForeignPage has a page of another server open a websocket, as any page in a browser can try.
func TestForeignPage(t *testing.T) {
	cases := map[string]struct {
		reason string
		header http.Header
		want   int
	}{
		"None":      {"a program has no origin", http.Header{}, http.StatusSwitchingProtocols},
		"Own":       {"a page of this server", http.Header{"Origin": {site.port.URL}}, http.StatusSwitchingProtocols},
		"Foreign":   {"a page of another", http.Header{"Origin": {"https://evil.example.org"}}, http.StatusForbidden},
		"Null":      {"a page that hides where it is from", http.Header{"Origin": {"null"}}, http.StatusForbidden},
		"Port":      {"another port is another server", http.Header{"Origin": {"https://127.0.0.1:1"}}, http.StatusForbidden},
		"Forwarded": {"nor does it help to say what was asked", http.Header{"Origin": {"https://evil.example.org"}, "X-Forwarded-Host": {"evil.example.org"}}, http.StatusForbidden},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, response, _ := knock(t, site.tokens[reader], tc.header)
			if response == nil || response.StatusCode != tc.want {
				t.Errorf("%s: want %d, got %v", tc.reason, tc.want, response)
			}
		})
	}
}

// TestForwarded says what a request is addressed to where anybody can say so.
func TestForwarded(t *testing.T) {
	have(t, home, "one", nil)
	cases := map[string]struct{ reason, name, value string }{
		"Host":   {"another server", "X-Forwarded-Host", "evil.example.org"},
		"API":    {"Steve's own word for it", "X-API-Host", "evil.example.org"},
		"Scheme": {"without encryption", "X-Forwarded-Proto", "http"},
		"Script": {"no scheme of the web", "X-Forwarded-Proto", "javascript"},
		"Port":   {"another port", "X-Forwarded-Port", "1"},
		"Prefix": {"another path", "X-API-URL-Prefix", "/evil"},
		"Away":   {"a path that leads elsewhere", "X-API-URL-Prefix", "//evil.example.org"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			plain := ask(t, reader, http.MethodGet, one, "")
			got := send(t, site.port, http.MethodGet, one, "", map[string]string{"Authorization": "Bearer " + site.tokens[reader], tc.name: tc.value})
			if got.status != http.StatusOK || got.field("links", "self") != plain.field("links", "self") || got.field("links", "view") != plain.field("links", "view") {
				t.Errorf("%s: links lead where the request was sent: %d %s", tc.reason, got.status, got.text)
			}
		})
	}
}

// TestTokenTakenBack deletes an account while its subscription and its watch are open.
func TestTokenTakenBack(t *testing.T) {
	token := guest(t, "leaver", map[string][]rbacv1.PolicyRule{home: seeing()})
	have(t, home, "one", nil)
	conn := subscribed(t, token, map[string]any{"resourceType": collection})
	stir(t, home, "one")
	await(t, conn, "resource.change")
	watching := watched(t, token)
	if err := site.admin.Delete(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "leaver"}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the token opens nothing new", func() bool {
		got := send(t, site.port, http.MethodGet, one, "", map[string]string{"Authorization": "Bearer " + token})
		return got.status == http.StatusUnauthorized
	})
	for {
		if _, _, err := conn.ReadMessage(); err != nil {
			if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
				t.Error("the subscription has not ended")
			}
			break
		}
	}
	select {
	case <-watching:
	case <-time.After(patience):
		t.Error("the watch has not ended")
	}
}

// watched opens a watch on Kubernetes' own API, and tells when it has ended.
func watched(t *testing.T, token string) <-chan struct{} {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.port.URL+"/apis/test.crofthci.io/v1/namespaces/home/gadgets?watch=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	response, err := site.port.Client().Do(req)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer response.Body.Close()
		for buffer := make([]byte, 4096); ; {
			if _, err := response.Body.Read(buffer); err != nil {
				return
			}
		}
	}()
	return ended
}
