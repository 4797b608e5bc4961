package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/virtualmachine"
)

// said is a message as a client reads it.
type said struct {
	Name     string
	ID       string
	Cursor   string
	Revision int64 `json:",string"`
	Data     map[string]any
}

// line is what a test hears on one websocket.
type line struct {
	*websocket.Conn
	events chan said
}

// dial opens a websocket as somebody.
func (h *hall) dial(t *testing.T, as string) *line {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(request.WithUser(r.Context(), &user.DefaultInfo{Name: as, Groups: []string{"system:authenticated"}})))
	}))
	t.Cleanup(server.Close)
	connection, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/v1/croft/subscribe", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	l := &line{Conn: connection, events: make(chan said, 10_000)}
	go func() {
		defer close(l.events)
		for {
			var event said
			if err := connection.ReadJSON(&event); err != nil {
				return
			}
			l.events <- event
		}
	}()
	return l
}

// ask sends a message, as a client writes it.
func (l *line) ask(t *testing.T, text string) {
	t.Helper()
	if err := l.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// next is the next message.
func (l *line) next(t *testing.T) said {
	t.Helper()
	select {
	case event, open := <-l.events:
		if !open {
			t.Fatal("the websocket was closed")
		}
		return event
	case <-time.After(time.Minute):
		t.Fatal("in a minute nothing came")
		return said{}
	}
}

// want holds the next messages, by name and id.
func (l *line) want(t *testing.T, reason string, messages ...string) []said {
	t.Helper()
	var all []said
	var got []string
	for range messages {
		event := l.next(t)
		all = append(all, event)
		id, _ := event.Data["id"].(string)
		got = append(got, strings.TrimSpace(event.Name+" "+id))
	}
	if diff := cmp.Diff(messages, got); diff != "" {
		t.Fatalf("%s: (-want +got)\n%s", reason, diff)
	}
	return all
}

// put writes a machine in a state; gone takes it out.
func (h *hall) put(t testing.TB, site, in, name, state string) {
	t.Helper()
	h.apply(t, site, machine(t, in, name, state))
}

// machine is a machine that has come or changed.
func machine(t testing.TB, in, name, state string) index.Change {
	t.Helper()
	part, err := virtualmachine.Type.Sources[0].Trim([]byte(`{"metadata":{"namespace":"` + in + `","name":"` + name + `","labels":{"state":"` + strings.ToLower(state) + `"}},"spec":{"template":{"spec":{"domain":{}}}},"status":{"printableStatus":"` + state + `"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return index.Change{Namespace: in, Name: name, Part: part}
}

func (h *hall) gone(t testing.TB, site, in, name string) {
	t.Helper()
	h.apply(t, site, index.Change{Namespace: in, Name: name})
}

func (h *hall) apply(t testing.TB, site string, changes ...index.Change) {
	t.Helper()
	if err := h.rows.Apply(t.Context(), index.Batch{Site: site, Type: virtualmachine.Type, Changes: changes}); err != nil {
		t.Fatal(err)
	}
}

var seeClusters = rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}}

// TestQueryOfSubscription holds that a subscriber hears of rows in his query alone, and when one comes into it or leaves.
func TestQueryOfSubscription(t *testing.T) {
	cases := map[string]struct{ reason, ask string }{
		"Filter":   {"by a filter as in lists", `{"resourceType":"virtualmachine","filter":["state=Running"]}`},
		"Search":   {"by free text and a site, by its name", `{"resourceType":"virtualmachine","search":"w","site":"Near","filter":["state=Running"]}`},
		"Selector": {"by labels, as kubectl", `{"resourceType":"virtualmachines","selector":"state in (running,paused),state!=paused"}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			h := newHall(t)
			h.bind(near, "", "all", seeMachines, "boss")
			h.put(t, near, "one", "w1", "Running")
			h.put(t, near, "one", "w2", "Stopped")
			l := h.dial(t, "boss")
			l.ask(t, tc.ask)
			l.want(t, tc.reason, "resource.start")
			h.put(t, near, "one", "w2", "Starting")
			h.put(t, near, "one", "w2", "Running")
			l.want(t, "comes into the query", "resource.create c-m-near/one/w2")
			h.put(t, near, "one", "w1", "Stopped")
			l.want(t, "leaves it", "resource.remove c-m-near/one/w1")
			h.gone(t, near, "one", "w1")
			h.put(t, near, "one", "w3", "Stopped")
			h.gone(t, near, "one", "w2")
			for {
				event := l.next(t)
				if id := event.Data["id"]; id == "c-m-near/one/w2" {
					break
				}
				// One that came and went between two looks may be told as removed, because the client may have listed then.
				if event.Name != "resource.remove" {
					t.Fatalf("%s: heard %+v of a row that the query does not have", tc.reason, event)
				}
			}
		})
	}
}

func TestRefusedSubscriptions(t *testing.T) {
	h := newHall(t)
	cases := map[string]struct{ reason, ask, says string }{
		"Text":     {"what is no message", `hello`, "cannot be read"},
		"Type":     {"a type that is not there", `{"resourceType":"unicorn"}`, "unicorn"},
		"Count":    {"one that has no rows", `{"resourceType":"count"}`, "count"},
		"Field":    {"a filter on what is not indexed", `{"resourceType":"virtualmachine","filter":["colour=red"]}`, "colour"},
		"Selector": {"a selector that is none", `{"resourceType":"virtualmachine","selector":"a in"}`, "selector"},
		"Compares": {"labels are not numbers", `{"resourceType":"virtualmachine","selector":"a>1"}`, "selector"},
		"Cursor":   {"a cursor that is none", `{"resourceType":"virtualmachine","cursor":"x"}`, "cursor"},
		"Print":    {"a cursor of another query", `{"resourceType":"virtualmachine","cursor":"1.abc.` + h.rows.ID() + `"}`, "another query"},
		"Replica":  {"a cursor of another replica", `{"resourceType":"virtualmachine","cursor":"1.abc.ELSEWHERE"}`, "another replica"},
		"Nobody's": {"a cursor that does not say whose it is", `{"resourceType":"virtualmachine","cursor":"1.abc"}`, "another replica"},
		"Old":      {"one from before everything", `{"resourceType":"virtualmachine","resourceVersion":"1"}`, "too old"},
		"Future":   {"one that there has not been", `{"resourceType":"virtualmachine","resourceVersion":"9223372036854775807"}`, "too old"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			l := h.dial(t, "boss")
			l.ask(t, tc.ask)
			event := l.next(t)
			said, _ := event.Data["error"].(string)
			if event.Name != "resource.error" || !strings.Contains(said, tc.says) {
				t.Errorf("%s: got %+v, want an error that says %q", tc.reason, event, tc.says)
			}
			l.ask(t, `{"resourceType":"virtualmachine"}`)
			for event := l.next(t); event.Name != "resource.start"; event = l.next(t) {
			}
		})
	}
}

// TestStopAndBeginAgain holds that a client can exchange a subscription for another of the same fields at once.
func TestStopAndBeginAgain(t *testing.T) {
	h := newHall(t)
	h.bind(near, "", "all", seeMachines, "boss")
	l := h.dial(t, "boss")
	const ask = `{"resourceType":"virtualmachine"}`
	l.ask(t, ask)
	l.want(t, "begun", "resource.start")
	for range 20 {
		l.ask(t, `{"resourceType":"virtualmachine","stop":true}`)
		l.ask(t, ask)
	}
	// Whoever has been told of its beginning is told of what comes after it.
	for stops, starts := 0, 0; stops < 20 || starts < 20; {
		switch event := l.next(t); event.Name {
		case "resource.stop":
			stops++
		case "resource.start":
			starts++
		default:
			t.Fatalf("heard %+v before anything had happened", event)
		}
	}
	h.put(t, near, "one", "web", "Running")
	l.want(t, "the last one lives", "resource.create c-m-near/one/web")
}

// TestManySubscriptions holds that one user cannot fill the hub with subscriptions, and takes no place from another.
func TestManySubscriptions(t *testing.T) {
	h := newHall(t)
	follow := func(l *line, name string) said {
		l.ask(t, `{"resourceType":"node","id":"`+name+`"}`)
		return l.next(t)
	}
	first, second := h.dial(t, "ann"), h.dial(t, "ann")
	for range 3 * mostWatches {
		first.ask(t, `{"resourceType":"node","cursor":"none"}`)
		first.want(t, "refused", "resource.error", "resource.stop")
	}
	for i := range mostWatches {
		if got := follow(first, string(rune('a'+i))); got.Name != "resource.start" {
			t.Fatalf("subscription %d was refused: %+v", i, got)
		}
	}
	got := follow(second, "more")
	if said, _ := got.Data["error"].(string); got.Name != "resource.error" || !strings.Contains(said, "too many subscriptions") {
		t.Errorf("one more than %d: got %+v", mostWatches, got)
	}
	if got := follow(h.dial(t, "bob"), "x"); got.Name != "resource.start" {
		t.Errorf("somebody else was refused: %+v", got)
	}
	second.want(t, "ended", "resource.stop")
	first.ask(t, `{"resourceType":"node","id":"a","stop":true}`)
	first.want(t, "given back", "resource.stop")
	if got := follow(second, "again"); got.Name != "resource.start" {
		t.Errorf("a place that was given back is not there: %+v", got)
	}
}

// TestRevokedSubscription holds that of rows to which the right is gone nothing is told any more, whatever waits.
func TestRevokedSubscription(t *testing.T) {
	h := newHall(t)
	h.bind(near, "one", "one", seeMachines, "boss")
	h.bind(near, "two", "two", seeMachines, "boss")
	h.put(t, near, "one", "web", "Running")
	plain, narrow := h.dial(t, "boss"), h.dial(t, "boss")
	plain.ask(t, `{"resourceType":"virtualmachine","cursor":""}`)
	narrow.ask(t, `{"resourceType":"virtualmachine","filter":["state=Running"]}`)
	for _, l := range []*line{plain, narrow} {
		l.want(t, "begun", "resource.start")
	}
	h.put(t, near, "one", "web", "Paused")
	h.put(t, near, "one", "web", "Running")
	h.book.Remove(near, rights.RoleBinding, "one", "one")
	h.put(t, near, "one", "web", "Stopped")
	h.put(t, near, "one", "secret", "Running")
	h.rows.TellRights(near)
	h.put(t, near, "two", "other", "Running")
	for name, l := range map[string]*line{"plain": plain, "narrow": narrow} {
		lost, noticed := false, false
		for heard := ""; heard != "c-m-near/two/other"; {
			event := l.next(t)
			heard, _ = event.Data["id"].(string)
			noticed = noticed || event.Name == noticeEvent
			removed := event.Name == "resource.remove"
			if heard == "c-m-near/one/web" {
				lost = removed
			}
			if heard == "c-m-near/one/secret" {
				t.Errorf("%s: heard %s of what came after the right was gone", name, event.Name)
			}
			if noticed && event.Cursor != "" {
				t.Errorf("%s: after a notice the cursor is the list's", name)
			}
		}
		if !noticed || !lost {
			t.Errorf("%s: was told to list again: %v; that the row is removed: %v", name, noticed, lost)
		}
	}
}

// TestProjects holds that a subscriber to a project is told to list again when a namespace comes into it, also when that
// was while he was away.
func TestProjects(t *testing.T) {
	h := newHall(t)
	h.bind(near, "", "all", rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}, "boss")
	h.put(t, near, "one", "web", "Running")
	const query = "projectsornamespaces=p-shop"
	var list struct{ Cursor string }
	if status := h.get(t, "boss", "/v1/croft/virtualmachines?"+query, &list); status != http.StatusOK {
		t.Fatal(status)
	}
	l := h.dial(t, "boss")
	ask := func(cursor string) string {
		return `{"resourceType":"virtualmachine","projectsornamespaces":"p-shop","cursor":"` + cursor + `"}`
	}
	l.ask(t, ask(list.Cursor))
	l.want(t, "begun", "resource.start")
	part, err := namespace.Type.Sources[0].Trim([]byte(`{"metadata":{"name":"one","labels":{"field.cattle.io/projectId":"p-shop"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.rows.Apply(t.Context(), index.Batch{Site: near, Type: namespace.Type, Changes: []index.Change{{Name: "one", Part: part}}}); err != nil {
		t.Fatal(err)
	}
	l.want(t, "a namespace came into the project", noticeEvent)
	away := h.dial(t, "boss")
	away.ask(t, ask(list.Cursor))
	away.want(t, "while he was away", "resource.error", "resource.stop")
}

// TestOvertaken holds that a subscriber who does not keep up is told to list again.
func TestOvertaken(t *testing.T) {
	h := newHall(t)
	h.bind(near, "", "all", seeMachines, "boss")
	w, err := newWatcher(newStore(h.access, virtualmachine.Type), rights.User{Name: "boss"}, Subscribe{ResourceType: "virtualmachine"})
	if err != nil {
		t.Fatal(err)
	}
	part, err := virtualmachine.Type.Sources[0].Trim([]byte(`{"metadata":{"name":"x"}}`))
	if err != nil {
		t.Fatal(err)
	}
	var changes []index.Change
	for i := range room + 1 {
		changes = append(changes, index.Change{Namespace: "n", Name: fmt.Sprint("m", i), Part: part})
	}
	h.apply(t, near, changes...)
	if err := w.run(context.Background(), func(message) bool { return true }); !errors.Is(err, errMissed) {
		t.Errorf("got %v, want %v", err, errMissed)
	}
}
