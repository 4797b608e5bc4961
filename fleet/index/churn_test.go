package index_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
)

// TestChurn holds that who goes on from page to page sees a row that is there throughout once and no more, in its order,
// however much comes, goes and changes between two pages.
func TestChurn(t *testing.T) {
	orders := []string{"", "-name", "state", "-cpu,state", "state,-cpu", "cpu,-name", "addresses,-state,cpu", "-created,site", "site,-namespace", "-due,-addresses,name"}
	for i, order := range orders {
		t.Run("#"+order, func(t *testing.T) {
			h := &history{t: t, random: rand.New(rand.NewPCG(uint64(i), 2)), model: newModel(), folder: t.TempDir()}
			h.open()
			defer h.index.Close()
			var stable, loose []index.Change
			for n := range 60 {
				stable = append(stable, h.fresh("stays", n))
				loose = append(loose, h.fresh("moves", n))
			}
			h.apply(item, "s1", 0, append(loose, stable...)...)
			values := url.Values{"sort": {order}, "pagesize": {"7"}}
			want := h.staying(h.whole(values))
			var got []string
			for {
				page := h.list(h.ofAll(values))
				got = append(got, h.staying(page.Entries)...)
				if page.Continue == "" {
					break
				}
				values.Set("continue", page.Continue)
				h.churn()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("sort=%s: rows that were there throughout: (-want +got)\n%s", order, diff)
			}
		})
	}
}

// fresh is a new object.
func (h *history) fresh(kind string, n int) index.Change {
	part := itemParts{State: pick(h, "Running", "Stopped"), CPU: pick[float64](h, 1, 2, 4), Created: 1_700_000_000 + h.random.Int64N(3), Due: pick[int64](h, 0, 1_800_000_000), Addresses: some(h, itemAddresses...)}
	text, err := json.Marshal(part)
	if err != nil {
		h.t.Fatal(err)
	}
	return index.Change{Namespace: pick(h, itemNamespaces...), Name: fmt.Sprintf("m%02d-%s", n, kind), Part: text}
}

// churn has rows that move come, go and change.
func (h *history) churn() {
	var changes []index.Change
	for range 25 {
		change := h.fresh("moves", h.random.IntN(60))
		if h.random.IntN(2) == 0 {
			change.Part = nil
		}
		changes = append(changes, change)
	}
	h.apply(item, "s1", 0, changes...)
}

func (h *history) ofAll(values url.Values) index.Query {
	query, err := index.Parse(item, values)
	h.must(err)
	query.Scope = index.Scope{Sites: itemSites}
	return query
}

// whole is everything in one page.
func (h *history) whole(values url.Values) []index.Entry {
	query := h.ofAll(values)
	query.Size = index.LargestPage
	return h.list(query).Entries
}

// staying are the rows among entries that are there throughout.
func (h *history) staying(entries []index.Entry) []string {
	var ids []string
	for _, entry := range entries {
		if len(entry.Key.Name) > 5 && entry.Key.Name[4:] == "stays" {
			ids = append(ids, entry.Key.ID())
		}
	}
	return ids
}
