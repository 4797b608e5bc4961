package memory_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index/memory"
)

// The columns of the test's tables.
const (
	state = memory.First + iota
	size
	address
	note
	kind
)

func newTable() *memory.Table {
	show := func(into []byte, row memory.Visited) []byte {
		into = fmt.Appendf(into, "%d %s %s %s", row.ID(), row.Name, row.Cell(state).Text, row.Cell(note).Text)
		for key, word := range row.Labels {
			into = fmt.Appendf(into, " %s=%s", key, word)
		}
		return fmt.Append(into, row.Beside())
	}
	return memory.New(
		show,
		memory.Column{Kind: memory.Word, Ordered: true}, memory.Column{Kind: memory.Number, Ordered: true},
		memory.Column{Kind: memory.Bytes, Ordered: true}, memory.Column{Kind: memory.Text, Searched: true},
		memory.Column{Kind: memory.Word, Searched: true},
	)
}

// model is the same rows, without any wit.
type model map[int64]memory.Row

// document is how the table shows a row.
func (m model) document(id int64) string {
	row := m[id]
	return fmt.Sprintf("%d %s %s %s app=%s%s", id, row.Name, row.Cells[0].Text, row.Cells[3].Text, row.Labels["app"], row.Beside)
}

// scope sees one site whole, one namespace of another, and objects of one name in a third.
type scope struct{}

func (scope) Whole(site, namespace string) (bool, bool) {
	return site == "a" || site == "b" && namespace == "n1", site == "a" || site == "b" && namespace == "n1" || site == "c"
}

func (scope) Named(site, _, name string) bool { return site == "c" && strings.HasSuffix(name, "7") }

// everything sees all.
type everything struct{}

func (everything) Whole(string, string) (bool, bool) { return true, true }
func (everything) Named(string, string, string) bool { return true }

func rowOf(random *rand.Rand, id int64) memory.Row {
	site := string(rune('a' + id%4))
	return memory.Row{
		ID: id, Revision: random.Int64(), Site: site, SiteName: "Site " + site, Namespace: fmt.Sprintf("n%d", id/4%3),
		Name: fmt.Sprintf("row-%03d", id*7919%1000), UID: fmt.Sprint(id), Created: random.Int64N(5), Beside: []string{"", ".", ".."}[random.IntN(3)],
		Labels: map[string]string{"app": fmt.Sprint(random.IntN(3))},
		Cells: []memory.Cell{
			{Text: []string{"Running", "running", "Stopped", ""}[random.IntN(4)]}, {Number: float64(random.IntN(4))},
			{Text: string([]byte{byte(random.IntN(3)), byte(random.IntN(3))})}, {Text: []string{"Note " + fmt.Sprint(random.IntN(30)), ""}[random.IntN(5)/4]},
			{Text: []string{"Tea", "Water", "", ""}[random.IntN(4)]},
		},
	}
}

// TestAgainstModel changes rows at random, and asks for pages at random.
func TestAgainstModel(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // the same in every run
		table, rows := newTable(), model{}
		most := int64(40 << seed) // also more than a block of an order holds
		for round := range 15 {
			changes := change(random, rows, most)
			if round == 0 {
				if err := table.Load(func(put func(memory.Row)) error {
					for _, each := range rows {
						put(each)
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			} else {
				table.Apply(changes)
			}
			for range 10 {
				ask(t, random, table, rows)
			}
		}
	}
}

// change makes, alters and removes rows.
func change(random *rand.Rand, rows model, most int64) []memory.Change {
	var changes []memory.Change
	for range most / 4 {
		id := 1 + random.Int64N(most)
		_, known := rows[id]
		if known && random.IntN(3) == 0 {
			delete(rows, id)
			changes = append(changes, memory.Change{Row: memory.Row{ID: id}, Gone: true})
			continue
		}
		rows[id] = rowOf(random, id)
		changes = append(changes, memory.Change{Row: rows[id]})
	}
	return changes
}

// ask asks for a page, and for the one behind it.
func ask(t *testing.T, random *rand.Rand, table *memory.Table, rows model) {
	t.Helper()
	q := memory.Query{Scope: everything{}, Limit: 1 + random.IntN(20), Offset: random.IntN(2) * random.IntN(50)}
	if random.IntN(2) == 0 {
		q.Scope = scope{}
	}
	for range random.IntN(3) {
		q.Keys = append(q.Keys, memory.Key{Column: []int{memory.Site, memory.Namespace, memory.Name, memory.Created, state, size, address}[random.IntN(7)], Descending: random.IntN(2) == 0})
	}
	var hold func(memory.Row) bool
	q.Tests, hold = tests(random)
	if random.IntN(3) == 0 {
		q.Search, hold = search(random, hold)
	}
	want := rows.sorted(q, hold)
	reason := fmt.Sprintf("keys %v, offset %d, limit %d, %d tests", q.Keys, q.Offset, q.Limit, len(q.Tests))
	got := table.Select(q)
	check(t, rows, reason, got, want, q.Offset, q.Limit)
	if len(got.Rows) > 0 {
		q.After = &memory.Position{Cells: got.Last, ID: got.Rows[len(got.Rows)-1].ID}
		check(t, rows, "the page behind it: "+reason, table.Select(q), want, q.Offset+len(got.Rows), q.Limit)
	}
}

func check(t *testing.T, rows model, reason string, got memory.Found, want []int64, from, limit int) {
	t.Helper()
	page := want[min(from, len(want)):min(from+limit, len(want))]
	ids := []int64{}
	for _, row := range got.Rows {
		ids = append(ids, row.ID)
		if want := rows.document(row.ID); string(row.Document) != want {
			t.Fatalf("row %d has the document %s, not %s", row.ID, row.Document, want)
		}
	}
	if diff := gocmp.Diff(append([]int64{}, page...), ids); diff != "" {
		t.Fatalf("%s (-want +got)\n%s", reason, diff)
	}
	if got.Count != len(want) || got.More != (from+limit < len(want)) {
		t.Fatalf("%s: count %d of %d, more %v", reason, got.Count, len(want), got.More)
	}
}

// tests are some tests, and what they mean.
func tests(random *rand.Rand) ([]memory.Test, func(memory.Row) bool) {
	digit := fmt.Sprint(random.IntN(3))
	switch random.IntN(6) {
	case 0:
		return []memory.Test{memory.TextIs(state, func(text string) bool { return text == "running" }, "running")}, func(r memory.Row) bool { return strings.EqualFold(r.Cells[0].Text, "running") }
	case 1:
		return []memory.Test{memory.Any(memory.NumberIs(size, func(n float64) bool { return n > 2 }), memory.TextIs(note, func(text string) bool { return strings.Contains(text, "note "+digit) }, "note "+digit))}, func(r memory.Row) bool {
			return r.Cells[1].Number > 2 || strings.Contains(r.Cells[3].Text, "Note "+digit)
		}
	case 2:
		return []memory.Test{memory.Not(memory.LabelIs("app", func(word string) bool { return word == digit }))}, func(r memory.Row) bool { return r.Labels["app"] != digit }
	case 3:
		return []memory.Test{memory.PlaceIs(func(site, namespace string) bool { return site+namespace != "an1" }), memory.Always(true)}, func(r memory.Row) bool { return r.Site+r.Namespace != "an1" }
	default:
		return nil, func(memory.Row) bool { return true }
	}
}

// search looks for a text besides: in the names, and, if the asker may see them, in the notes and the kinds.
func search(random *rand.Rand, hold func(memory.Row) bool) (*memory.Search, func(memory.Row) bool) {
	text := []string{"w-1", "note 2", "te", "a", "zoo", "row-007"}[random.IntN(6)]
	hidden := [][]int{nil, {note}, {note, kind}, {kind}, {memory.Name}}[random.IntN(5)]
	return memory.NewSearch(text, hidden...), func(r memory.Row) bool {
		for column, has := range map[int]string{memory.Name: r.Name, note: r.Cells[3].Text, kind: r.Cells[4].Text} {
			if !slices.Contains(hidden, column) && strings.Contains(strings.ToLower(has), text) {
				return hold(r)
			}
		}
		return false
	}
}

// sorted are the ids of the rows of a query, in order.
func (m model) sorted(q memory.Query, hold func(memory.Row) bool) []int64 {
	var all []memory.Row
	for _, row := range m {
		whole, part := q.Scope.Whole(row.Site, row.Namespace)
		if (whole || part && q.Scope.Named(row.Site, row.Namespace, row.Name)) && hold(row) {
			all = append(all, row)
		}
	}
	keys := slices.Clone(q.Keys)
	if !slices.ContainsFunc(keys, func(k memory.Key) bool { return k.Column == memory.Name }) {
		keys = append(keys, memory.Key{Column: memory.Name, Descending: len(keys) > 0 && keys[len(keys)-1].Descending})
	}
	turn := func(c int, down bool) int {
		if down {
			return -c
		}
		return c
	}
	slices.SortFunc(all, func(a, b memory.Row) int {
		for _, key := range keys {
			if c := turn(compare(a, b, key.Column), key.Descending); c != 0 {
				return c
			}
		}
		return turn(cmp.Compare(a.ID, b.ID), keys[len(keys)-1].Descending)
	})
	ids := []int64{}
	for _, row := range all {
		ids = append(ids, row.ID)
	}
	return ids
}

func compare(a, b memory.Row, column int) int {
	switch column {
	case memory.Name:
		return cmp.Compare(a.Name, b.Name)
	case memory.Site:
		return cmp.Compare(a.SiteName, b.SiteName)
	case memory.Namespace:
		return cmp.Compare(a.Namespace, b.Namespace)
	case memory.Created:
		return cmp.Compare(a.Created, b.Created)
	case state:
		return cmp.Compare(strings.ToLower(a.Cells[0].Text), strings.ToLower(b.Cells[0].Text))
	case size:
		return cmp.Compare(a.Cells[1].Number, b.Cells[1].Number)
	default:
		return cmp.Compare(a.Cells[2].Text, b.Cells[2].Text)
	}
}

func TestSitesLeaveAndAreRenamed(t *testing.T) {
	table := newTable()
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same in every run
	var changes []memory.Change
	for id := range int64(40) {
		changes = append(changes, memory.Change{Row: rowOf(random, id+1)})
	}
	table.Apply(changes)
	table.Rename("a", "Zone")
	table.RemoveSite("b")
	var sites []string
	for _, row := range table.Select(memory.Query{Scope: everything{}, Keys: []memory.Key{{Column: memory.Site}}, Limit: 100}).Rows {
		sites = append(sites, row.Site)
	}
	if diff := gocmp.Diff([]string{"c", "d", "a"}, slices.Compact(sites)); diff != "" || len(sites) != 30 {
		t.Errorf("the one that was renamed comes last, the one that left not at all; %d rows (-want +got)\n%s", len(sites), diff)
	}
	counts := table.Count(memory.Query{Scope: scope{}}, []int{memory.Site, memory.Namespace}, []int{size})
	if len(counts) == 0 || counts[0].Values[0] != "a" {
		t.Errorf("rows are counted by the site's id: %v", counts)
	}
}
