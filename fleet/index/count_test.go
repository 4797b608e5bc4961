package index_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
)

// shelf is joined of two objects, and counts the copies that name it: those of paper, and those of stone.
var shelf = &index.Type{
	Name: "shelf", Plural: "shelves",
	Sources: []index.Source{
		{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "shelves"}},
		{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "boards"}},
	},
	Columns: []index.Column{
		{Name: "state"}, {Name: "papers", Kind: index.Number}, {Name: "lastPaper", Kind: index.Time},
		{Name: "stones", Kind: index.Number}, {Name: "lastStone", Kind: index.Time},
	},
	Counts: []index.Count{{Of: "copy", By: "shelf", Columns: []index.Counted{
		{Where: map[string]string{"of": "paper", "state": "Ready"}, Number: "papers", Last: "lastPaper"},
		{Where: map[string]string{"of": "stone", "state": "Ready"}, Number: "stones", Last: "lastStone"},
	}}},
	Join: func(parts [][]byte) (index.Row, error) {
		return index.Row{Labels: map[string]string{"a": "b"}, Values: map[string]any{"state": string(parts[0]) + string(parts[1])}}, nil
	},
}

// ofPaper is a copy that counts for a shelf.
type ofPaper struct {
	Shelf, Of, State string
	Created          int64
}

var copies = &index.Type{
	Name: "copy", Plural: "copies",
	Sources: []index.Source{{Resource: schema.GroupVersionResource{Group: "test", Version: "v1", Resource: "copies"}}},
	Columns: []index.Column{{Name: "state"}, {Name: "shelf"}, {Name: "of"}},
	Join: func(parts [][]byte) (index.Row, error) {
		var c ofPaper
		err := json.Unmarshal(parts[0], &c)
		return index.Row{Created: time.Unix(c.Created, 0), Values: map[string]any{"state": c.State, "shelf": c.Shelf, "of": c.Of}}, err
	},
}

// library is an index with shelves and copies, and what should be in it.
type library struct {
	t       *testing.T
	random  *rand.Rand
	folder  string
	rows    *index.Index
	shelves map[index.Key]string
	copies  map[index.Key]ofPaper
	// told are the shelves as events have told them.
	told map[string]string
}

// TestCounts holds that rows show how many others name them, whichever came first, over changes, removals, sites that leave
// and restarts; and that subscribers are told so.
func TestCounts(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := &library{
				t: t, random: rand.New(rand.NewPCG(seed, 7)), folder: t.TempDir(),
				shelves: map[index.Key]string{}, copies: map[index.Key]ofPaper{}, told: map[string]string{},
			}
			l.open()
			for range 60 {
				l.happen()
				l.check()
			}
			l.rows.Close()
		})
	}
}

func (l *library) open() {
	var err error
	if l.rows, err = index.Open(l.t.Context(), l.folder, []*index.Type{shelf, copies}); err != nil {
		l.t.Fatal(err)
	}
	l.rows.OnEvent(func(event index.Event) {
		switch {
		case event.Type != shelf.Name:
		case event.Removed:
			delete(l.told, event.Key.ID())
		default:
			l.told[event.Key.ID()] = string(event.Document())
		}
	})
}

// happen is one of all that can.
func (l *library) happen() {
	site := fmt.Sprintf("s%d", l.random.IntN(2))
	switch what := l.random.IntN(12); {
	case what == 0:
		if err := l.rows.Close(); err != nil {
			l.t.Fatal(err)
		}
		l.open()
	case what == 1:
		if err := l.rows.RemoveSite(l.t.Context(), site); err != nil {
			l.t.Fatal(err)
		}
		for key := range l.shelves {
			if key.Site == site {
				delete(l.shelves, key)
			}
		}
		for key := range l.copies {
			if key.Site == site {
				delete(l.copies, key)
			}
		}
	case what < 5:
		l.apply(site, shelf, 0)
	case what < 6:
		l.apply(site, shelf, 1)
	default:
		l.apply(site, copies, 0)
	}
}

// apply writes a batch: a small one, or one of which much is read at once.
func (l *library) apply(site string, t *index.Type, source int) {
	batch := index.Batch{Site: site, Type: t, Source: source}
	for range []int{1, 3, 80}[l.random.IntN(3)] {
		namespace := []string{"one", "two"}[l.random.IntN(2)]
		change := index.Change{Namespace: namespace, Name: fmt.Sprintf("s%d", l.random.IntN(30))}
		gone := l.random.IntN(4) == 0
		switch {
		case t == shelf && source == 0:
			key := index.Key{Site: site, Namespace: namespace, Name: change.Name}
			if delete(l.shelves, key); !gone {
				change.Part = fmt.Appendf(nil, "state-%d", l.random.IntN(3))
				l.shelves[key] = ""
			}
		case t == shelf:
			if !gone {
				change.Part = []byte("+")
			}
		default:
			change.Name = fmt.Sprintf("c%03d", l.random.IntN(120))
			l.write(site, &change, gone)
		}
		batch.Changes = append(batch.Changes, change)
	}
	if err := l.rows.Apply(l.t.Context(), batch); err != nil {
		l.t.Fatal(err)
	}
}

// write makes a change one of a copy.
func (l *library) write(site string, change *index.Change, gone bool) {
	key := index.Key{Site: site, Namespace: change.Namespace, Name: change.Name}
	if delete(l.copies, key); gone {
		return
	}
	one := ofPaper{
		Shelf: fmt.Sprintf("s%d", l.random.IntN(30)), Of: []string{"paper", "stone", "glass"}[l.random.IntN(3)],
		State: []string{"Ready", "Ready", "Failed"}[l.random.IntN(3)], Created: int64(1_700_000_000 + l.random.IntN(1000)),
	}
	text, err := json.Marshal(one)
	if err != nil {
		l.t.Fatal(err)
	}
	change.Part, l.copies[key] = text, one
}

// counted is what a shelf shows.
type counted struct {
	Papers, Stones       int
	LastPaper, LastStone any
}

// check compares every shelf with what there is.
func (l *library) check() {
	l.t.Helper()
	want := map[string]counted{}
	for key := range l.shelves {
		want[key.ID()] = l.count(key)
	}
	query, err := index.Parse(shelf, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	query.Scope, query.Size = index.Scope{Sites: []string{"s0", "s1"}}, 1000
	page, err := l.rows.List(l.t.Context(), query)
	if err != nil {
		l.t.Fatal(err)
	}
	got, told := map[string]counted{}, map[string]string{}
	for _, entry := range page.Entries {
		var shown counted
		if err := json.Unmarshal(entry.Document, &shown); err != nil {
			l.t.Fatal(err)
		}
		got[entry.Key.ID()], told[entry.Key.ID()] = shown, string(entry.Document)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Fatalf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(told, l.told); diff != "" {
		l.t.Fatalf("events have told otherwise than the list (-list +told)\n%s", diff)
	}
}

// count counts by looking at every copy.
func (l *library) count(shelf index.Key) counted {
	var papers, stones, lastPaper, lastStone int64
	for key, one := range l.copies {
		switch {
		case key.Site != shelf.Site || key.Namespace != shelf.Namespace || one.Shelf != shelf.Name || one.State != "Ready":
		case one.Of == "paper":
			papers, lastPaper = papers+1, max(lastPaper, one.Created)
		case one.Of == "stone":
			stones, lastStone = stones+1, max(lastStone, one.Created)
		}
	}
	moment := func(seconds int64) any {
		if seconds == 0 {
			return 0.0
		}
		return time.Unix(seconds, 0).UTC().Format(time.RFC3339)
	}
	return counted{int(papers), int(stones), moment(lastPaper), moment(lastStone)}
}
