package serve

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// pupil is a client that knows rows by one list and by what it was told since.
type pupil struct {
	h      *hall
	as     string
	query  string
	rows   map[string]map[string]any
	cursor string
	line   *line
	// history is what happened in truth, and last the newest revision of each row of which this client was told.
	history history
	last    map[string]int64
	// lists counts how often it had to list, and told what it was told otherwise.
	lists, told int
}

// shown is a row without what is not told when it changes.
func shownRow(row map[string]any) map[string]any {
	kept := map[string]any{}
	for name, value := range row {
		if name != "links" && name != "lastHeard" && name != "actions" {
			kept[name] = value
		}
	}
	return kept
}

// list reads everything that the query has.
func (p *pupil) list(t *testing.T) (map[string]map[string]any, string) {
	t.Helper()
	var answer struct {
		Cursor string
		Data   []map[string]any
	}
	if status := p.h.get(t, p.as, "/v1/croft/virtualmachines?pagesize=1000&"+p.query, &answer); status != http.StatusOK {
		t.Fatalf("list answered %d", status)
	}
	rows := map[string]map[string]any{}
	for _, row := range answer.Data {
		rows[fmt.Sprint(row["id"])] = shownRow(row)
	}
	return rows, answer.Cursor
}

// connect goes on from the cursor, or begins with a list.
func (p *pupil) connect(t *testing.T) {
	t.Helper()
	if p.cursor == "" {
		p.lists++
		p.rows, p.cursor = p.list(t)
	}
	asked, err := url.ParseQuery(p.query)
	if err != nil {
		t.Fatal(err)
	}
	p.line = p.h.dial(t, p.as)
	ask := Subscribe{
		ResourceType: "virtualmachine", Cursor: &p.cursor, Filter: asked["filter"], Search: asked.Get("search"), Site: asked.Get("site"),
		ProjectsOrNamespaces: asked.Get("projectsornamespaces"), OtherProjectsOrNamespaces: asked.Get("projectsornamespaces!"),
	}
	if err := p.line.WriteJSON(ask); err != nil {
		t.Fatal(err)
	}
}

// leave closes the websocket; what has come and was not looked at is lost.
func (p *pupil) leave() {
	if p.line != nil {
		p.line.Close()
		p.line = nil
	}
}

// hear takes one message.
func (p *pupil) hear(t *testing.T) {
	t.Helper()
	event := p.line.next(t)
	id, _ := event.Data["id"].(string)
	switch event.Name {
	case "resource.create", "resource.change":
		p.told++
		p.inOrder(t, id, event.Revision)
		if state := fmt.Sprint(event.Data["state"]); state != p.history[id][event.Revision] {
			t.Errorf("%s with %q was told that %s was %q after change %d, and it was %q", p.as, p.query, id, state, event.Revision, p.history[id][event.Revision])
		}
		p.rows[id] = shownRow(event.Data)
	case "resource.remove":
		p.told++
		p.inOrder(t, id, event.Revision)
		delete(p.rows, id)
	case noticeEvent:
		p.lists++
		p.rows, p.cursor = p.list(t)
	case "resource.error":
		p.leave()
		p.cursor = ""
		p.connect(t)
	}
	if event.Cursor != "" {
		p.cursor = event.Cursor
	}
}

// inOrder holds that of a row nothing older is told after something newer.
func (p *pupil) inOrder(t *testing.T, id string, revision int64) {
	t.Helper()
	if revision < p.last[id] {
		t.Errorf("%s with %q was told of change %d of %s after %d", p.as, p.query, revision, id, p.last[id])
	}
	p.last[id] = revision
}

// history is the state that each row had after each change of it.
type history map[string]map[int64]string

func (h history) note(id string, revision int64, state string) {
	if h[id] == nil {
		h[id] = map[int64]string{}
	}
	h[id][revision] = state
}

// world is what happens.
type world struct {
	*hall
	history history
	random  *rand.Rand
	marks   int
}

var allMachines = rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachines"}}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// happen does one thing at random: mostly to a machine, sometimes to somebody's rights or to a site.
func (w *world) happen(t *testing.T) {
	t.Helper()
	site, in := pick(w.random, near, far), pick(w.random, "one", "two", "three")
	name := fmt.Sprint(pick(w.random, "web", "db", "w"), w.random.IntN(5))
	switch dice := w.random.IntN(100); {
	case dice < 60:
		w.write(t, site, in, name, pick(w.random, "Running", "Stopped", "Paused"))
	case dice < 85:
		w.gone(t, site, in, name)
	case dice < 90:
		w.bind(site, in, "extra-"+in, pick(w.random, allMachines, rbacv1.PolicyRule{}), "ann")
		w.rows.TellRights(site)
	case dice < 93:
		w.bind(site, in, "guest-"+in, rbacv1.PolicyRule{Verbs: []string{pick(w.random, "list", "create")}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachineinstances"}}, "ann")
		w.rows.TellRights(site)
	case dice < 96:
		w.book.Remove(site, rights.RoleBinding, in, "extra-"+in)
		w.rows.TellRights(site)
	case dice < 99:
		w.site(t, index.Site{ID: far, Name: pick(w.random, "Far", "Further"), Connected: w.random.IntN(2) == 0, Synced: true, Complete: true})
	default:
		if err := w.rows.RemoveSite(t.Context(), far); err != nil {
			t.Fatal(err)
		}
		w.site(t, index.Site{ID: far, Name: "Far", Connected: true, Synced: true, Complete: true})
	}
}

// write writes a machine, into the history too if that is a change.
func (w *world) write(t *testing.T, site, in, name, state string) {
	t.Helper()
	before := w.rows.Revision()
	w.put(t, site, in, name, state)
	if now := w.rows.Revision(); now != before {
		w.history.note(site+"/"+in+"/"+name, now, state)
	}
}

// mark writes a row that everybody sees, whatever his query, and gives its id.
func (w *world) mark(t *testing.T) string {
	t.Helper()
	w.marks++
	name := fmt.Sprintf("web-mark-%d", w.marks)
	w.write(t, near, "mark", name, "Running")
	return near + "/mark/" + name
}

// TestWhatIsTold holds, under random events, rights and reconnections with cursors, that nothing is told that was not so,
// nothing older after something newer, also over reconnections, and that what a client knows by one list and by what it was
// told since is what a fresh list says.
func TestWhatIsTold(t *testing.T) {
	queries := []string{"", "filter=state=Running", "search=web&filter=state!=Stopped", "site=" + near, "projectsornamespaces!=two", "filter=name~w&filter=metadata.labels[state]=running"}
	told, lists := 0, 0
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := &world{hall: newHall(t), history: history{}, random: rand.New(rand.NewPCG(seed, 1))} //nolint:gosec // of a test
			w.bind("_hub", "", "ann-knows", rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}}, "ann")
			w.bind(near, "mark", "mark", allMachines, "ann")
			w.bind(near, "one", "always", allMachines, "ann")
			w.bind(near, "", "boss", allMachines, "boss")
			w.bind(far, "", "boss", allMachines, "boss")
			var pupils []*pupil
			for i, query := range queries {
				pupils = append(pupils, w.pupil([]string{"ann", "boss"}[i%2], query), w.pupil([]string{"boss", "ann"}[i%2], query))
			}
			for round := range 6 {
				for _, p := range pupils {
					switch {
					case p.line == nil:
						p.connect(t)
					case w.random.IntN(3) == 0:
						p.leave()
					}
				}
				for range 1 + w.random.IntN(30) {
					w.happen(t)
				}
				for _, p := range pupils {
					if p.line == nil && w.random.IntN(2) == 0 {
						p.connect(t)
					}
				}
				for range w.random.IntN(10) {
					w.happen(t)
				}
				w.compare(t, round, pupils)
			}
			for _, p := range pupils {
				told, lists = told+p.told, lists+p.lists
			}
		})
	}
	t.Logf("%d changes were told, %d lists were read", told, lists)
	if told < 500 || lists == 0 {
		t.Error("so little was told that nothing was shown")
	}
}

// pupil is a client that knows nothing yet.
func (w *world) pupil(as, query string) *pupil {
	return &pupil{h: w.hall, as: as, query: query, history: w.history, last: map[string]int64{}}
}

// compare waits until everybody has heard what has happened, and looks at what he knows.
func (w *world) compare(t *testing.T, round int, pupils []*pupil) {
	t.Helper()
	mark := w.mark(t)
	for _, p := range pupils {
		if p.line == nil {
			continue
		}
		for p.rows[mark] == nil {
			p.hear(t)
		}
		want, _ := p.list(t)
		if diff := cmp.Diff(want, p.rows); diff != "" {
			t.Fatalf("round %d: %s with %q knows (-want +got)\n%s", round, p.as, p.query, diff)
		}
	}
}
