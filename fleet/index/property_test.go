package index_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// TestModel holds that the index answers as the model does, whatever has happened and whatever is asked. Each seed is a
// history of its own that is always the same.
func TestModel(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := &history{t: t, random: rand.New(rand.NewPCG(seed, 1)), model: newModel(), folder: t.TempDir()}
			h.open()
			for range 30 {
				h.happen()
				for range 5 {
					h.ask()
				}
			}
			h.index.Close()
		})
	}
}

// history is what happens to an index and to its model.
type history struct {
	t      *testing.T
	random *rand.Rand
	model  *model
	index  *index.Index
	folder string
	// told are the rows as events have told them.
	told map[string]string
}

func (h *history) open() {
	var err error
	if h.index, err = index.Open(h.t.Context(), h.folder, []*index.Type{item, place}); err != nil {
		h.t.Fatal(err)
	}
	if h.told == nil {
		h.told = map[string]string{}
	}
	h.index.OnEvent(func(event index.Event) {
		switch {
		case event.Type != item.Name:
		case event.Removed:
			delete(h.told, event.Key.ID())
		default:
			h.told[event.Key.ID()] = string(event.Document())
		}
	})
}

// pick is one of a list.
func pick[T any](h *history, all ...T) T {
	return all[h.random.IntN(len(all))]
}

// some is a few of a list, in its order.
func some[T any](h *history, all ...T) []T {
	var kept []T
	for _, each := range all {
		if h.random.IntN(3) == 0 {
			kept = append(kept, each)
		}
	}
	return kept
}

var (
	itemSites      = []string{"s1", "s2", "s3"}
	itemNamespaces = []string{"team-a", "team-b", "kube_system"}
	itemStates     = []string{"", "Running", "running", "Stopped", "Stop%ed", `quote"d'`, "Über <b>"}
	itemAddresses  = []string{"10.0.0.9", "10.0.0.10", "fd00::2", "10.0.0.100"}
	itemTags       = []string{"env=prod", "env=test", "Gold", "g_ld"}
)

func (h *history) key() index.Key {
	return index.Key{Site: pick(h, itemSites...), Namespace: pick(h, itemNamespaces...), Name: fmt.Sprintf("m%02d", h.random.IntN(25))}
}

// part is an object of one of the sources, or none where it goes.
func (h *history) part(source int) []byte {
	if h.random.IntN(4) == 0 {
		return nil
	}
	var p itemParts
	if source == 0 {
		p = itemParts{UID: fmt.Sprint("u", h.random.IntN(5)), Note: pick(h, "", "a note"), Created: 1_700_000_000 + h.random.Int64N(4), State: pick(h, itemStates...), CPU: pick(h, 0, 1, 2, 2.5, 16)}
		p.Due, p.Tags = pick[int64](h, 0, 1_800_000_000, 1_800_000_001), some(h, itemTags...)
		p.Labels = map[string]string{}
		for _, key := range some(h, "app", "x.io/tier") {
			p.Labels[key] = pick(h, "web", "WEB", "db", "")
		}
	} else {
		p = itemParts{Addresses: some(h, itemAddresses...), State: pick(h, "", "Running")}
	}
	text, err := json.Marshal(p)
	if err != nil {
		h.t.Fatal(err)
	}
	return text
}

// happen has something happen, and looks whether it was told.
func (h *history) happen() {
	revision, before := h.index.Revision(), h.rows()
	removed := false
	switch h.random.IntN(12) {
	case 0:
		site := pick(h, itemSites...)
		h.must(h.index.RemoveSite(h.t.Context(), site))
		h.model.removeSite(site)
		removed = true
	case 1:
		site, name := pick(h, itemSites...), pick(h, "Near", "far", "Away")
		h.must(h.index.SetSite(h.t.Context(), index.Site{ID: site, Name: name}))
		h.model.names[site] = name
	case 2:
		key := index.Key{Site: pick(h, itemSites...), Name: pick(h, itemNamespaces...)}
		h.model.projects[key] = pick(h, "p-1", "p-2")
		h.apply(place, key.Site, 0, index.Change{Name: key.Name, Part: []byte(h.model.projects[key])})
	case 3:
		h.must(h.index.Close())
		h.open()
	default:
		site, source := pick(h, itemSites...), h.random.IntN(2)
		var changes []index.Change
		for range 1 + h.random.IntN(30) {
			key := h.key()
			key.Site = site
			part := h.part(source)
			changes = append(changes, index.Change{Namespace: key.Namespace, Name: key.Name, Part: part})
			h.model.put(key, source, part)
		}
		h.apply(item, site, source, changes...)
	}
	h.checkTold()
	h.checkSince(revision, before, removed)
}

func (h *history) apply(kind *index.Type, site string, source int, changes ...index.Change) {
	h.must(h.index.Apply(h.t.Context(), index.Batch{Site: site, Type: kind, Source: source, Changes: changes, Version: "1"}))
}

func (h *history) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// rows are the addresses of all rows.
func (h *history) rows() map[string]bool {
	all := map[string]bool{}
	for key := range h.model.ages {
		all[key.ID()] = true
	}
	return all
}

// checkTold holds that whoever has followed the events knows every row as it is.
func (h *history) checkTold() {
	h.t.Helper()
	want := map[string]map[string]any{}
	for key := range h.model.ages {
		want[key.ID()] = h.model.shown(h.model.row(key))
	}
	got := map[string]map[string]any{}
	for id, document := range h.told {
		got[id] = decoded(h.t, []byte(document))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Fatalf("what events told is not what is there: (-want +got)\n%s", diff)
	}
}

// checkSince holds that who comes back with a revision is told what has come and gone, or to begin again.
func (h *history) checkSince(revision int64, before map[string]bool, removed bool) {
	h.t.Helper()
	sight, err := h.index.Sight(h.ofAll(url.Values{}))
	h.must(err)
	changed, _, err := h.index.Since(h.t.Context(), sight, revision, 1000)
	// A site that goes takes what was known of its removals along, and an index that is opened empty has none.
	if errors.Is(err, index.ErrTooOld) && (removed || len(before) == 0) {
		return
	}
	h.must(err)
	for _, each := range changed {
		if each.Gone {
			delete(before, each.Key.ID())
		} else {
			before[each.Key.ID()] = true
		}
	}
	if diff := cmp.Diff(h.rows(), before); diff != "" {
		h.t.Fatalf("who comes back knows other rows: (-want +got)\n%s", diff)
	}
}

func decoded(t *testing.T, document []byte) map[string]any {
	t.Helper()
	var row map[string]any
	if err := json.Unmarshal(document, &row); err != nil {
		t.Fatalf("%v in %s", err, document)
	}
	return row
}

// ask asks something at random of both, and compares pages, counts, sums and documents.
func (h *history) ask() {
	h.t.Helper()
	q := h.question()
	want := h.model.find(q.holds, h.model.order(q.sort))
	size := 1 + h.random.IntN(20)
	query := h.parse(q, size)
	first := h.list(query)
	h.compare(q, "the first page", want[:min(size, len(want))], first.Entries)
	if first.Count != len(want) || first.Pages != (len(want)+size-1)/size {
		h.t.Fatalf("%s: counted %d rows on %d pages, want %d", q, first.Count, first.Pages, len(want))
	}
	query.Page = 2
	h.compare(q, "the second page", want[min(size, len(want)):min(2*size, len(want))], h.list(query).Entries)
	entries := first.Entries
	for page := first; page.Continue != ""; {
		q.values.Set("continue", page.Continue)
		page = h.list(h.parse(q, size))
		entries = append(entries, page.Entries...)
	}
	h.compare(q, "page after page", want, entries)
	h.compareSums(q, want, query)
}

func (h *history) parse(q *question, size int) index.Query {
	h.t.Helper()
	q.values.Set("pagesize", fmt.Sprint(size))
	query, err := index.Parse(item, q.values)
	if err != nil {
		h.t.Fatalf("%s: %v", q, err)
	}
	query.Scope = q.scope
	return query
}

func (h *history) list(query index.Query) index.Page {
	h.t.Helper()
	page, err := h.index.List(h.t.Context(), query)
	h.must(err)
	return page
}

func (h *history) compare(q *question, what string, want []modelRow, got []index.Entry) {
	h.t.Helper()
	var wantIDs, gotIDs []string
	var wantRows, gotRows []map[string]any
	for _, r := range want {
		wantIDs, wantRows = append(wantIDs, r.key.ID()), append(wantRows, h.model.shown(r))
	}
	for _, entry := range got {
		gotIDs, gotRows = append(gotIDs, entry.Key.ID()), append(gotRows, decoded(h.t, entry.Document))
	}
	if diff := cmp.Diff(wantIDs, gotIDs); diff != "" {
		h.t.Fatalf("%s: %s: (-want +got)\n%s", q, what, diff)
	}
	if diff := cmp.Diff(wantRows, gotRows); diff != "" {
		h.t.Fatalf("%s: %s: (-want +got)\n%s", q, what, diff)
	}
}

// compareSums compares the rows by namespace, which the query sums up.
func (h *history) compareSums(q *question, rows []modelRow, query index.Query) {
	h.t.Helper()
	want := map[string]index.Total{}
	for _, r := range rows {
		want[r.key.Namespace] = index.Total{Rows: want[r.key.Namespace].Rows + 1}
	}
	got, err := h.index.Summaries(query)
	h.must(err)
	if diff := cmp.Diff([]index.Summary{{Field: "namespace", Totals: want}}, got); diff != "" {
		h.t.Fatalf("%s: summed up by namespace: (-want +got)\n%s", q, diff)
	}
}

// question is one query and what it means.
type question struct {
	values url.Values
	scope  index.Scope
	sort   []string
	means  []func(modelRow) bool
}

// String is the query as it failed.
func (q *question) String() string { return fmt.Sprintf("?%s within %+v", q.values.Encode(), q.scope) }

func (q *question) holds(r modelRow) bool {
	return !slices.ContainsFunc(q.means, func(holds func(modelRow) bool) bool { return !holds(r) })
}

func (h *history) question() *question {
	q := &question{values: url.Values{"summary": {"namespace"}}}
	h.within(q)
	for _, column := range some(h, "state", "cpu", "due", "created", "site", "namespace", "addresses", "name", "uid") {
		if len(q.sort) < 4 {
			q.sort = append(q.sort, pick(h, "", "-")+column)
		}
	}
	h.random.Shuffle(len(q.sort), func(i, j int) { q.sort[i], q.sort[j] = q.sort[j], q.sort[i] })
	q.values.Set("sort", strings.Join(q.sort, ","))
	for range h.random.IntN(3) {
		h.filter(q)
	}
	if h.random.IntN(4) == 0 {
		text := pick(h, "m1", "RUN", "10.0.0.1", "env=", "g_l", "%")
		q.values.Set("search", text)
		q.means = append(q.means, func(r modelRow) bool {
			return slices.ContainsFunc([]string{"name", "state", "addresses", "tags"}, func(column string) bool { return within(h.model.text(r, column), text) })
		})
	}
	if h.random.IntN(4) == 0 {
		site := pick(h, "s1", "near", "Far", "nowhere")
		q.values.Set("site", site)
		q.means = append(q.means, func(r modelRow) bool {
			return r.key.Site == site || strings.EqualFold(h.model.siteName(r.key.Site), site)
		})
	}
	h.places(q)
	return q
}

// places narrows a question to namespaces and projects, or to others.
func (h *history) places(q *question) {
	if h.random.IntN(4) != 0 {
		return
	}
	names, not := []string{pick(h, "team-a", "p-1", "s2:p-1"), pick(h, "team-b", "p-2")}, pick(h, "", "!")
	q.values.Set("projectsornamespaces"+not, strings.Join(names, ","))
	q.means = append(q.means, func(r modelRow) bool {
		project := h.model.projects[index.Key{Site: r.key.Site, Name: r.key.Namespace}]
		in := slices.Contains(names, r.key.Namespace) || project != "" && (slices.Contains(names, project) || slices.Contains(names, r.key.Site+":"+project))
		return in == (not == "")
	})
}

// within gives a question the rights of somebody.
func (h *history) within(q *question) {
	s := &q.scope
	switch h.random.IntN(3) {
	case 0:
		s.Sites = itemSites
	case 1:
		s.Sites = some(h, itemSites...)
	}
	for range h.random.IntN(3) {
		key := h.key()
		s.Namespaces = append(s.Namespaces, [2]string{key.Site, key.Namespace})
		s.Names = append(s.Names, [3]string{key.Site, key.Namespace, key.Name})
		s.Anywhere = append(s.Anywhere, [2]string{key.Site, key.Name})
	}
	q.means = append(q.means, func(r modelRow) bool {
		return slices.Contains(s.Sites, r.key.Site) || slices.Contains(s.Namespaces, [2]string{r.key.Site, r.key.Namespace}) ||
			slices.Contains(s.Names, [3]string{r.key.Site, r.key.Namespace, r.key.Name}) || slices.Contains(s.Anywhere, [2]string{r.key.Site, r.key.Name})
	})
}
