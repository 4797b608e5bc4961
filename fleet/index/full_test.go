package index_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
)

// most is more pages than any test has.
const most = 1 << 30

// TestFull holds that a full disk ends writing and nothing else, and that writing goes on when there is room.
func TestFull(t *testing.T) {
	folder := t.TempDir()
	x := open(t, folder)
	apply(t, x, "a", 0, put("n", "web", `{"state":"Running"}`))
	told := x.Subscribe(100)
	bind := func(pages int) {
		t.Helper()
		if err := x.Bound(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
	}
	bind(1)
	revision := x.Revision()
	many := make([]index.Change, 0, 1000)
	for i := range 1000 {
		many = append(many, put("n", fmt.Sprint("m", i), fmt.Sprintf(`{"state":%q}`, strings.Repeat("x", 1000))))
	}
	batch := index.Batch{Site: "a", Type: thing, Changes: many, Version: "2"}
	err := x.Apply(t.Context(), batch)
	if !errors.Is(err, index.ErrFull) || !x.Full() {
		t.Fatalf("got %v, full %v, want %v", err, x.Full(), index.ErrFull)
	}
	if got := ids(t, x, everything, ""); len(got) != 1 || x.Revision() != revision {
		t.Errorf("after half a batch there are %d rows at %d, want the one of before", len(got), x.Revision())
	}
	if events, _, more := told.Take(); len(events) > 0 || !more {
		t.Errorf("subscribers were told of %d changes that are not there, or dropped (%v)", len(events), !more)
	}
	if cursor, err := x.Cursor(t.Context(), "a", thing.Sources[0]); err != nil || cursor.Version != "1" {
		t.Errorf("the watch would go on from %+v, error %v", cursor, err)
	}
	// Sites are told of all the same, because that is when people want to know that rows are stale.
	site := index.Site{ID: "a", Name: strings.Repeat("a long name", 1000), Full: true}
	if err := x.SetSite(t.Context(), site); err == nil {
		t.Error("the site found room on a full disk")
	}
	if now, _ := x.Site("a"); !now.Full || !now.Stale() {
		t.Errorf("the site is %+v", now)
	}
	if events, _, _ := told.Take(); len(events) != 1 || events[0].Type != index.FreshnessType {
		t.Errorf("subscribers were told %+v, want that the site is not what it was", events)
	}
	bind(most)
	if err := x.Apply(t.Context(), batch); err != nil || x.Full() {
		t.Fatalf("with room again: got %v, full %v", err, x.Full())
	}
	if got := ids(t, x, everything, "pagesize=1000"); len(got) != 1000 {
		t.Errorf("there are %d rows", len(got))
	}
}

// TestBeginsWithoutRoom holds that a hub begins to read when there is no room to write.
func TestBeginsWithoutRoom(t *testing.T) {
	folder := t.TempDir()
	x, err := index.Open(t.Context(), folder, []*index.Type{thing, place})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, x, "a", 0, put("n", "web", `{"state":"Running"}`))
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	before := sizeOf(t, folder)
	x = open(t, folder)
	if got := ids(t, x, everything, ""); len(got) != 1 {
		t.Errorf("there are %d rows", len(got))
	}
	if after := sizeOf(t, folder); after != before {
		t.Errorf("to open a file that has its tables wrote %d bytes", after-before)
	}
}

// sizeOf is how many bytes the index has written.
func sizeOf(t *testing.T, folder string) int64 {
	t.Helper()
	var size int64
	for _, name := range []string{"index.db", "index.db-wal"} {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil {
			size += info.Size()
		}
	}
	return size
}

// plain is as much of a site as a collector needs: it lists what there is, and its watch ends when that changes.
type plain struct {
	lock    sync.Mutex
	count   int
	changed chan struct{}
}

func (p *plain) grow(count int) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.count = count
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *plain) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.lock.Lock()
	count, changed := p.count, p.changed
	p.lock.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/version"):
		fmt.Fprint(w, `{}`)
	case r.URL.Query().Get("watch") == "":
		var items []string
		for i := range count {
			items = append(items, fmt.Sprintf(`{"metadata":{"name":"n%d","resourceVersion":"1","labels":{"text":%q}}}`, i, strings.Repeat("x", 60)))
		}
		fmt.Fprintf(w, `{"items":[%s],"metadata":{"resourceVersion":"%d"}}`, strings.Join(items, ","), count)
	case r.URL.Query().Get("resourceVersion") != fmt.Sprint(count):
		fmt.Fprintln(w, `{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}`)
	default:
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		select {
		case <-changed:
		case <-r.Context().Done():
		}
	}
}

// TestFullHeals holds that a site of which nothing could be written is followed again when there is room.
func TestFullHeals(t *testing.T) {
	x, err := index.Open(t.Context(), t.TempDir(), []*index.Type{namespace.Type})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	site := &plain{count: 3, changed: make(chan struct{})}
	server := httptest.NewServer(site)
	defer server.Close()
	budget := collect.DefaultBudget
	budget.FirstPause, budget.LongestPause, budget.Pulse = 10*time.Millisecond, 50*time.Millisecond, 50*time.Millisecond
	c := &collect.Collector{ID: "a", Config: &rest.Config{Host: server.URL}, Types: []*index.Type{namespace.Type}, Index: x, Budget: budget}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	health := func() collect.SourceHealth { return c.Health().Sources["namespaces"] }
	rows := func() int {
		query, err := index.Parse(namespace.Type, nil)
		if err != nil {
			t.Fatal(err)
		}
		query.Scope = everything
		page, err := x.List(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		return page.Count
	}
	until(t, "the site is followed", func() bool { return rows() == 3 && health().Live })
	if err := x.Bound(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	site.grow(5000)
	until(t, "the site's health says that the disk is full", func() bool {
		h := health()
		return h.Full && strings.Contains(h.Problem, "disk is full")
	})
	if got := rows(); got < 3 || got >= 5000 {
		t.Errorf("there are %d rows, want those of before and what found room", got)
	}
	if err := x.Bound(t.Context(), most); err != nil {
		t.Fatal(err)
	}
	until(t, "everything is there and followed", func() bool {
		h := health()
		return rows() == 5000 && h.Live && !h.Full && h.Problem == ""
	})
}

func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in a minute it did not happen that %s", what)
		}
	}
}
