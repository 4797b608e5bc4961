package serve

import (
	"net/http"
	"strings"
	"testing"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/virtualmachine"
)

// cursorOf is that of a list of machines.
func (h *hall) cursorOf(t *testing.T) string {
	t.Helper()
	var list struct{ Cursor string }
	if status := h.get(t, "boss", "/v1/croft/virtualmachines", &list); status != http.StatusOK || list.Cursor == "" {
		t.Fatalf("%d, cursor %q", status, list.Cursor)
	}
	return list.Cursor
}

// TestCursorOfAnotherReplica holds that a client who comes to another replica lists again, though the number in his cursor
// is one that the other has reached too: what happened there under lower numbers he has not heard.
func TestCursorOfAnotherReplica(t *testing.T) {
	other := newHall(t)
	other.bind(near, "", "all", seeMachines, "boss")
	first := newHall(t)
	first.bind(near, "", "all", seeMachines, "boss")
	first.put(t, near, "one", "web", "Running")
	cursor := first.cursorOf(t)
	given, err := ParseCursor(cursor)
	if err != nil {
		t.Fatal(err)
	}
	for other.rows.Revision() <= given.Revision {
		var changes []index.Change
		for range 100 {
			changes = append(changes, machine(t, "one", "web", []string{"Running", "Stopped"}[len(changes)%2]))
		}
		other.apply(t, near, changes...)
	}
	l := other.dial(t, "boss")
	l.ask(t, `{"resourceType":"virtualmachine","cursor":"`+cursor+`"}`)
	refused := l.want(t, "the other replica's", "resource.error", "resource.stop")
	if said, _ := refused[0].Data["error"].(string); !strings.Contains(said, "another replica") {
		t.Errorf("it says %q", said)
	}
	l.ask(t, `{"resourceType":"virtualmachine","cursor":"`+other.cursorOf(t)+`"}`)
	l.want(t, "its own", "resource.start")
}

// TestCursorAfterRestart holds that a cursor outlives a restart of its hub with its rows, and not one without.
func TestCursorAfterRestart(t *testing.T) {
	folder := t.TempDir()
	hub := func(folder string) *hall {
		rows, err := index.Open(t.Context(), folder, []*index.Type{virtualmachine.Type})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = rows.Close() })
		book := rights.NewBook()
		h := &hall{Server: New(&Access{Hub: "_hub", Book: book, Index: rows}, ""), book: book, rows: rows}
		h.bind("_hub", "", "knows", seeClusters, "boss")
		h.bind(near, "", "all", seeMachines, "boss")
		h.site(t, index.Site{ID: near, Name: "Near", Connected: true, Synced: true, Complete: true})
		return h
	}
	before := hub(folder)
	before.put(t, near, "one", "web", "Running")
	cursor := before.cursorOf(t)
	if err := before.rows.Close(); err != nil {
		t.Fatal(err)
	}
	again := hub(folder)
	again.put(t, near, "one", "web", "Stopped")
	l := again.dial(t, "boss")
	l.ask(t, `{"resourceType":"virtualmachine","cursor":"`+cursor+`"}`)
	l.want(t, "goes on", "resource.start", "resource.change "+near+"/one/web")
	anew := hub(t.TempDir())
	for anew.rows.Revision() <= again.rows.Revision() {
		anew.put(t, near, "one", "web", "Running")
		anew.put(t, near, "one", "web", "Stopped")
	}
	l = anew.dial(t, "boss")
	l.ask(t, `{"resourceType":"virtualmachine","cursor":"`+cursor+`"}`)
	l.want(t, "begun anew", "resource.error", "resource.stop")
}
