package collect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
)

// site plays the namespaces of a site's API server, wire for wire: pages, bookmarks, 410, and whatever a test makes of
// it. Tests against a real API server are in package site.
type site struct {
	lock    sync.Mutex
	objects map[string]int // name → resourceVersion
	version int
	history []string // lines of the watch; the line i brings the version i+1
	oldest  int
	watches map[chan struct{}]struct{}
	changed chan struct{}
	lists   int
	ends    int
	// list and watch, when set, answer instead.
	list, watch http.HandlerFunc
	down        bool
}

// asked is how many pages of lists were asked for.
func (s *site) asked() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.lists
}

// endWatches ends every watch as a server does whose time is up.
func (s *site) endWatches() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.ends++
	close(s.changed)
	s.changed = make(chan struct{})
}

func newSite() *site {
	return &site{objects: map[string]int{}, version: 1, watches: map[chan struct{}]struct{}{}, changed: make(chan struct{})}
}

func object(name string, version int) string {
	return fmt.Sprintf(`{"metadata":{"name":%q,"uid":"u-%s","resourceVersion":"%d"},"status":{"phase":"Active"}}`, name, name, version)
}

func (s *site) tell(line string) {
	s.history = append(s.history, line)
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *site) put(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	kind := "ADDED"
	if _, ok := s.objects[name]; ok {
		kind = "MODIFIED"
	}
	s.version++
	s.objects[name] = s.version
	s.tell(fmt.Sprintf(`{"type":%q,"object":%s}`, kind, object(name, s.version)))
}

func (s *site) remove(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.version++
	delete(s.objects, name)
	s.tell(fmt.Sprintf(`{"type":"DELETED","object":%s}`, object(name, s.version)))
}

// raw sends a line as it is.
func (s *site) raw(line string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.version++
	s.tell(line)
}

// compact forgets the history, as etcd does.
func (s *site) compact() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.oldest = s.version
}

func (s *site) setDown(down bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.down = down
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	down, list, watch := s.down, s.list, s.watch
	s.lock.Unlock()
	query := r.URL.Query()
	switch {
	case down:
		http.Error(w, "the tunnel is gone", http.StatusServiceUnavailable)
	case strings.HasSuffix(r.URL.Path, "/version"):
		fmt.Fprint(w, `{"gitVersion":"v1.36.3"}`)
	case query.Get("watch") != "" && watch != nil:
		watch(w, r)
	case query.Get("watch") != "":
		s.serveWatch(w, r)
	case list != nil:
		list(w, r)
	default:
		s.serveList(w, r)
	}
}

func (s *site) serveList(w http.ResponseWriter, r *http.Request) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.lists++
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var names []string
	for name := range s.objects {
		if name > r.URL.Query().Get("continue") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	token := ""
	if len(names) > limit {
		names = names[:limit]
		token = names[limit-1]
	}
	var items []string
	for _, name := range names {
		items = append(items, object(name, s.objects[name]))
	}
	fmt.Fprintf(w, `{"kind":"NamespaceList","apiVersion":"v1","items":[%s],"metadata":{"resourceVersion":"%d","continue":%q}}`, strings.Join(items, ","), s.version, token)
}

func (s *site) serveWatch(w http.ResponseWriter, r *http.Request) {
	from, err := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
	flush(w)
	s.lock.Lock()
	ends := s.ends
	s.lock.Unlock()
	for {
		s.lock.Lock()
		if from < s.oldest {
			fmt.Fprintln(w, `{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}`)
			s.lock.Unlock()
			return
		}
		for from-1 < len(s.history) {
			fmt.Fprintln(w, s.history[from-1])
			from++
		}
		changed, over := s.changed, s.down || s.ends != ends
		s.lock.Unlock()
		flush(w)
		if over {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
	}
}

func flush(w http.ResponseWriter) {
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
}

// budget is small enough for tests.
var budget = collect.Budget{
	Objects: 1000, Bytes: 1 << 20, ObjectBytes: 4096, PartBytes: 2048, PageBytes: 64 << 10, PageObjects: 3, Changes: 100_000,
	Answer: time.Minute, Watch: time.Minute, Overtime: time.Minute, Pulse: 50 * time.Millisecond, Linger: time.Millisecond,
	FirstPause: 10 * time.Millisecond, LongestPause: 100 * time.Millisecond,
}

var types = []*index.Type{namespace.Type}

func open(t *testing.T, folder string) *index.Index {
	t.Helper()
	return openTypes(t, folder, types...)
}

func openTypes(t *testing.T, folder string, types ...*index.Type) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), folder, types)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// follow runs a collector and returns how to end it.
func follow(t *testing.T, x *index.Index, id string, handler http.Handler, budget collect.Budget) (*collect.Collector, func()) {
	t.Helper()
	return followTypes(t, x, id, handler, budget, types)
}

func followTypes(t *testing.T, x *index.Index, id string, handler http.Handler, budget collect.Budget, types []*index.Type) (*collect.Collector, func()) {
	t.Helper()
	server := httptest.NewServer(handler)
	c := &collect.Collector{ID: id, Config: &rest.Config{Host: server.URL + "/k8s/clusters/" + id}, Types: types, Index: x, Budget: budget}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			server.CloseClientConnections()
			server.Close()
		})
	}
	t.Cleanup(stop)
	return c, stop
}

func names(t *testing.T, x *index.Index, id string) []string {
	t.Helper()
	q, err := index.Parse(namespace.Type, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Scope, q.Size = index.Scope{Sites: []string{id}}, 1000
	page, err := x.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, entry := range page.Entries {
		got = append(got, entry.Key.Name)
	}
	return got
}

// eventually waits for a condition, at most two minutes.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("in two minutes it did not happen that %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func shows(t *testing.T, x *index.Index, id string, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		diff := cmp.Diff(want, names(t, x, id))
		if diff == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("site %s: (-want +got)\n%s", id, diff)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func source(c *collect.Collector) collect.SourceHealth {
	return c.Health().Sources["namespaces"]
}

func TestFollow(t *testing.T) {
	x := open(t, t.TempDir())
	defer x.Close()
	s := newSite()
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		s.put(name)
	}
	c, _ := follow(t, x, "c-1", s, budget)
	shows(t, x, "c-1", "a", "b", "c", "d", "e", "f", "g")
	eventually(t, "the watch is open", func() bool { return source(c).Live })
	s.put("h")
	s.remove("a")
	s.put("b")
	shows(t, x, "c-1", "b", "c", "d", "e", "f", "g", "h")
	if s.asked() != 3 {
		t.Errorf("%d pages were asked for, want 3", s.asked())
	}
}

func TestRestartResumes(t *testing.T) {
	folder := t.TempDir()
	x := open(t, folder)
	s := newSite()
	s.put("a")
	s.put("b")
	_, stop := follow(t, x, "c-1", s, budget)
	shows(t, x, "c-1", "a", "b")
	stop()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	s.put("c")
	s.remove("a")
	lists := s.asked()
	x = open(t, folder)
	defer x.Close()
	shows(t, x, "c-1", "a", "b")
	follow(t, x, "c-1", s, budget)
	shows(t, x, "c-1", "b", "c")
	if s.asked() != lists {
		t.Errorf("the source was listed again although the watch could go on")
	}
}

// TestExpired holds that a source that must be listed again is never seen without the rows that are still there.
func TestExpired(t *testing.T) {
	folder := t.TempDir()
	x := open(t, folder)
	s := newSite()
	for i := range 20 {
		s.put(fmt.Sprintf("n%02d", i))
	}
	_, stop := follow(t, x, "c-1", s, budget)
	eventually(t, "all are there", func() bool { return len(names(t, x, "c-1")) == 20 })
	stop()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	s.remove("n00")
	s.put("n20")
	s.compact()
	x = open(t, folder)
	defer x.Close()
	events := x.Subscribe(1000)
	c, _ := follow(t, x, "c-1", s, budget)
	eventually(t, "it is listed and watched again", func() bool { return s.asked() > 7 && source(c).Live })
	shows(t, x, "c-1", append([]string{}, sequence(1, 20)...)...)
	events.Stop()
	var told []string
	changes, _, _ := events.Take()
	for _, event := range changes {
		told = append(told, fmt.Sprintf("%s removed=%v", event.Key.Name, event.Removed))
	}
	if diff := cmp.Diff([]string{"n20 removed=false", "n00 removed=true"}, told); diff != "" {
		t.Errorf("what did not change must not be told: (-want +got)\n%s", diff)
	}
}

func sequence(from, to int) []string {
	var all []string
	for i := from; i <= to; i++ {
		all = append(all, fmt.Sprintf("n%02d", i))
	}
	return all
}

func TestDown(t *testing.T) {
	x := open(t, t.TempDir())
	defer x.Close()
	s := newSite()
	s.put("a")
	s.put("gone")
	c, _ := follow(t, x, "c-1", s, budget)
	shows(t, x, "c-1", "a", "gone")
	eventually(t, "it is connected", func() bool { return c.Health().Connected && source(c).Live })
	s.setDown(true)
	eventually(t, "it is disconnected", func() bool { h := c.Health(); return !h.Connected && !h.Sources["namespaces"].Live })
	shows(t, x, "c-1", "a", "gone")
	if problem := c.Health().Problem; !strings.Contains(problem, "503: the tunnel is gone") {
		t.Errorf("the problem %q does not say what the hub was told", problem)
	}
	lists := s.asked()
	s.put("b")
	s.remove("gone")
	s.setDown(false)
	shows(t, x, "c-1", "a", "b")
	eventually(t, "it is connected again", func() bool { return c.Health().Connected && source(c).Live })
	if s.asked() != lists {
		t.Error("the source was listed again although the watch could go on")
	}
}

// TestHostile holds that a site that misbehaves harms nobody, and that what can be read of it is.
func TestHostile(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"items":[{"metadata":{"name":"`)
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(strings.Repeat("x", 1<<16))); err != nil {
				return
			}
		}
	}
	answers := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
	}
	cases := map[string]struct {
		reason string
		make   func(*site)
		want   []string
		health func(collect.SourceHealth) bool
	}{
		"Garbage":   {"what is no list fails", func(s *site) { s.list = answers("<html>hello</html>") }, nil, failing},
		"NoVersion": {"JSON that is no list fails", func(s *site) { s.list = answers(`{"items":[]}`) }, nil, failing},
		"Endless":   {"an answer without end is cut", func(s *site) { s.list = endless }, nil, failing},
		"HalfAList": {"a list that breaks off is no list", func(s *site) { s.list = answers(`{"metadata":{"resourceVersion":"5"},"items":[` + object("a", 1)) }, []string{}, failing},
		"Silent":    {"who does not answer is given up", func(s *site) { s.list = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() } }, nil, failing},
		"Status": {"a refusal is passed on", func(s *site) {
			s.list = func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, `{"kind":"Status","message":"forbidden to you"}`, http.StatusForbidden)
			}
		}, nil, saying("forbidden to you")},
		"BadNames": {"names that are no names are left out", func(s *site) { s.put("../../etc"); s.put("x%2e"); s.put("a/b"); s.put("fine") }, []string{"fine"}, leaving(3)},
		"LargeObject": {"an object beyond the budget is left out", func(s *site) {
			s.list = answers(`{"metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"big","labels":{"a":"` + strings.Repeat("x", 5000) + `"}}},` + object("ok", 1) + `]}`)
		}, []string{"ok"}, leaving(1)},
		"WatchGarbage": {"a watch that is none fails and is tried again", func(s *site) { s.put("a"); s.watch = answers("hello\n") }, []string{"a"}, failing},
		"WatchEnds":    {"a watch that ends at once is a failure too", func(s *site) { s.put("a"); s.watch = answers("") }, []string{"a"}, failing},
		"LongLine": {"a line beyond the budget is skipped", func(s *site) {
			s.put("a")
			s.list = answers(`{"metadata":{"resourceVersion":"2"},"items":[` + object("a", 1) + `]}`)
			s.raw(`{"type":"ADDED","object":{"metadata":{"name":"` + strings.Repeat("x", 100_000) + `"}}}`)
			s.put("b")
		}, []string{"a", "b"}, leaving(1)},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := open(t, t.TempDir())
			defer x.Close()
			good, bad := newSite(), newSite()
			good.put("good")
			tc.make(bad)
			tight := budget
			if name == "Silent" {
				tight.Answer = 300 * time.Millisecond
			}
			c, stopBad := follow(t, x, "bad", bad, tight)
			_, stopGood := follow(t, x, "good", good, budget)
			shows(t, x, "good", "good")
			eventually(t, "the collector says what is wrong", func() bool { return tc.health(source(c)) })
			if len(tc.want) > 0 {
				shows(t, x, "bad", tc.want...)
			}
			good.put("news")
			shows(t, x, "good", "good", "news")
			stopBad()
			stopGood()
		})
	}
}

// TestSilentWatch holds that a watch that never ends and never says anything is cut, though the site answers all else,
// and that the source is then followed again.
func TestSilentWatch(t *testing.T) {
	x := open(t, t.TempDir())
	defer x.Close()
	s := newSite()
	s.put("a")
	s.watch = func(w http.ResponseWriter, r *http.Request) {
		flush(w)
		<-r.Context().Done()
	}
	hasty := budget
	hasty.Watch, hasty.Overtime = 20*time.Millisecond, 20*time.Millisecond
	c, _ := follow(t, x, "c-1", s, hasty)
	eventually(t, "the collector says that the watch is overdue", func() bool {
		return c.Health().Connected && strings.Contains(source(c).Problem, "did not end it in time")
	})
	s.lock.Lock()
	s.watch = nil
	s.lock.Unlock()
	s.put("b")
	shows(t, x, "c-1", "a", "b")
}

func failing(h collect.SourceHealth) bool { return h.Problem != "" }

func saying(text string) func(collect.SourceHealth) bool {
	return func(h collect.SourceHealth) bool { return strings.Contains(h.Problem, text) }
}

func leaving(count int) func(collect.SourceHealth) bool {
	return func(h collect.SourceHealth) bool { return h.LeftOut == count }
}

// TestNamesOfOthers holds that a site writes into its own rows alone, whatever its objects say.
func TestNamesOfOthers(t *testing.T) {
	x := open(t, t.TempDir())
	defer x.Close()
	victim, liar := newSite(), newSite()
	victim.put("mine")
	liar.list = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"metadata":{"resourceVersion":"1"},"items":[{"site":"c-victim","metadata":{"name":"mine","clusterName":"c-victim","labels":{"field.cattle.io/projectId":"stolen"}}}]}`)
	}
	follow(t, x, "c-victim", victim, budget)
	follow(t, x, "c-liar", liar, budget)
	shows(t, x, "c-victim", "mine")
	shows(t, x, "c-liar", "mine")
	entry, err := x.Get(t.Context(), namespace.Type, index.Key{Site: "c-victim", Name: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	var row struct{ Site, Project string }
	if err := json.Unmarshal(entry.Document, &row); err != nil {
		t.Fatal(err)
	}
	if row.Site != "c-victim" || row.Project != "" {
		t.Errorf("got %+v", row)
	}
}

func TestBudgetOfObjects(t *testing.T) {
	x := open(t, t.TempDir())
	defer x.Close()
	s := newSite()
	for i := range 15 {
		s.put(fmt.Sprintf("n%02d", i))
	}
	tight := budget
	tight.Objects = 10
	c, _ := follow(t, x, "c-1", s, tight)
	eventually(t, "what is beyond the budget is left out and told", func() bool { return source(c).LeftOut == 5 })
	if got := len(names(t, x, "c-1")); got != 10 {
		t.Errorf("got %d rows, want 10", got)
	}
}

// TestWatchKeepsToTheBudget holds that what a site calls its changes does not matter: only so many objects have a row.
func TestWatchKeepsToTheBudget(t *testing.T) {
	line := func(kind, name string, version int) string {
		return fmt.Sprintf(`{"type":%q,"object":%s}`, kind, object(name, version))
	}
	cases := map[string]struct {
		reason string
		lines  func(tell func(kind, name string))
		want   []string
		left   int
	}{
		"NewNamesModified": {"an object that is said to have changed and was never seen is a new one", func(tell func(kind, name string)) {
			for i := range 20 {
				tell("MODIFIED", fmt.Sprintf("m%02d", i))
			}
		}, []string{"m00", "m01", "n00", "n01", "n02"}, 0},
		"UnknownDeleted": {"what was never there makes no room by being removed", func(tell func(kind, name string)) {
			for i := range 20 {
				tell("DELETED", fmt.Sprintf("d%02d", i))
				tell("ADDED", fmt.Sprintf("m%02d", i))
			}
		}, []string{"m00", "m01", "n00", "n01", "n02"}, 1},
		"AddedTwice": {"one object is one, however often it is said to be new", func(tell func(kind, name string)) {
			for range 20 {
				tell("ADDED", "n00")
			}
			tell("ADDED", "n03")
		}, []string{"n00", "n01", "n02", "n03"}, 0},
		"RoomAgain": {"what is removed makes room", func(tell func(kind, name string)) {
			tell("ADDED", "n03")
			tell("ADDED", "n04")
			tell("ADDED", "n05")
			tell("DELETED", "n00")
			tell("MODIFIED", "n05")
		}, []string{"n01", "n02", "n03", "n04", "n05"}, 0},
		"LeftOutRemoved": {"what was left out and is gone is left out no more", func(tell func(kind, name string)) {
			tell("ADDED", "n03")
			tell("ADDED", "n04")
			tell("ADDED", "n05")
			tell("ADDED", "n06")
			tell("DELETED", "n05")
		}, []string{"n00", "n01", "n02", "n03", "n04"}, 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			x := open(t, t.TempDir())
			defer x.Close()
			s := newSite()
			for _, name := range sequence(0, 2) {
				s.put(name)
			}
			tight := budget
			tight.Objects = 5
			c, _ := follow(t, x, "c-1", s, tight)
			eventually(t, "the watch is open", func() bool { return source(c).Live })
			tc.lines(func(kind, name string) { s.raw(line(kind, name, s.version+1)) })
			s.raw(line("MODIFIED", "n02", 1_000_000))
			eventually(t, "all of it has been read", func() bool {
				cursor, err := x.Cursor(t.Context(), "c-1", namespace.Type.Sources[0])
				return err == nil && cursor.Version == "1000000"
			})
			shows(t, x, "c-1", tc.want...)
			if got := source(c).LeftOut; got != tc.left {
				t.Errorf("%s: %d objects are left out, want %d", tc.reason, got, tc.left)
			}
		})
	}
}

// TestLeftOut holds that what is left out is known after a restart, also while the site is away, and that it is looked at
// again when there may be room.
func TestLeftOut(t *testing.T) {
	folder := t.TempDir()
	x := open(t, folder)
	s := newSite()
	for _, name := range sequence(0, 4) {
		s.put(name)
	}
	tight := budget
	tight.Objects, tight.Watch = 3, time.Nanosecond
	c, stop := follow(t, x, "c-1", s, tight)
	eventually(t, "two are left out", func() bool { return source(c).LeftOut == 2 })
	stop()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	s.setDown(true)
	x = open(t, folder)
	defer x.Close()
	c, _ = follow(t, x, "c-1", s, tight)
	eventually(t, "the hub knows it again", func() bool { return source(c).Listed && source(c).LeftOut == 2 })
	s.setDown(false)
	eventually(t, "the site is followed again", func() bool { return source(c).Live })
	shows(t, x, "c-1", "n00", "n01", "n02")
	s.remove("n00")
	s.remove("n01")
	shows(t, x, "c-1", "n02")
	s.endWatches()
	shows(t, x, "c-1", "n02", "n03", "n04")
	eventually(t, "nothing is left out any more", func() bool { return source(c).Live && source(c).LeftOut == 0 })
}

// whole is a type of which everything is kept, so that a site decides how much that is.
var whole = &index.Type{
	Name: "namespace", Plural: "namespaces",
	Sources: []index.Source{{Resource: namespace.Type.Sources[0].Resource, Trim: func(object []byte) ([]byte, error) { return object, nil }}},
	Columns: namespace.Type.Columns,
	Join:    func([][]byte) (index.Row, error) { return index.Row{}, nil },
}

// TestBudgetOfBytes holds that neither one object nor all of them together may be kept without limit.
func TestBudgetOfBytes(t *testing.T) {
	x, err := index.Open(t.Context(), t.TempDir(), []*index.Type{whole})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	s := newSite()
	big := func(kind, name string, size int) {
		s.raw(fmt.Sprintf(`{"type":%q,"object":{"metadata":{"name":%q,"resourceVersion":"%d"},"fill":%q}}`, kind, name, s.version+1, strings.Repeat("x", size)))
	}
	tight := budget
	tight.Bytes = 4000
	c, _ := followTypes(t, x, "c-1", s, tight, []*index.Type{whole})
	eventually(t, "the watch is open", func() bool { return source(c).Live })
	big("ADDED", "a", 1000)
	big("ADDED", "b", 1000)
	big("ADDED", "c", 1000)
	big("ADDED", "d", 1000)
	eventually(t, "the fourth is left out", func() bool { return source(c).LeftOut == 1 })
	shows(t, x, "c-1", "a", "b", "c")
	big("MODIFIED", "a", 3000)
	eventually(t, "one that has grown too large is left out too", func() bool { return source(c).LeftOut == 2 })
	shows(t, x, "c-1", "b", "c")
	big("MODIFIED", "d", 1000)
	shows(t, x, "c-1", "b", "c", "d")
	eventually(t, "what has a row now is left out no more", func() bool { return source(c).LeftOut == 1 })
	big("DELETED", "b", 0)
	big("DELETED", "c", 0)
	big("MODIFIED", "a", 1500)
	shows(t, x, "c-1", "a", "d")
	eventually(t, "nothing is left out", func() bool { return source(c).LeftOut == 0 })
}

// TestProblemIsBounded holds that what a site says of its troubles does not fill the answers of everybody.
func TestProblemIsBounded(t *testing.T) {
	x := open(t, t.TempDir())
	defer x.Close()
	s := newSite()
	s.watch = func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"type":"ERROR","object":{"kind":"Status","code":500,"message":%q}}`+"\n", strings.Repeat("x", 3000))
	}
	c, _ := follow(t, x, "c-1", s, budget)
	eventually(t, "the site's words are told", func() bool { return strings.Contains(source(c).Problem, "xxx") })
	if got := len(source(c).Problem); got > 1100 {
		t.Errorf("the problem has %d bytes", got)
	}
}

// TestIndexIsSetAside holds that everything is listed again by itself, and told as missing until then, when the file
// breaks while nothing happens at the site.
func TestIndexIsSetAside(t *testing.T) {
	folder := t.TempDir()
	x := open(t, folder)
	s := newSite()
	s.put("a")
	c, stop := follow(t, x, "c-1", s, budget)
	shows(t, x, "c-1", "a")
	eventually(t, "it is followed", func() bool { return source(c).Live })
	stop()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, folder)
	t.Cleanup(func() { x.Close() })
	c, _ = follow(t, x, "c-1", s, budget)
	eventually(t, "it is followed again", func() bool { return source(c).Live })
	lists := s.asked()
	spoil(t, filepath.Join(folder, "index.db"))
	q, err := index.Parse(namespace.Type, nil)
	if err != nil {
		t.Fatal(err)
	}
	q.Scope = index.Scope{Sites: []string{"c-1"}}
	eventually(t, "the site is listed into a new file", func() bool {
		_, _ = x.Get(t.Context(), namespace.Type, index.Key{Site: "c-1", Name: "a"}) // who reads the file finds out
		page, err := x.List(t.Context(), q)
		return err == nil && len(page.Entries) == 1 && source(c).Epoch == 1 && source(c).Live
	})
	if s.asked() != lists+1 {
		t.Errorf("the source was listed %d times, want once", s.asked()-lists)
	}
}

// spoil overwrites every page of a database but the first.
func spoil(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(4096); at < info.Size(); at += 4096 {
		if _, err := file.WriteAt([]byte("garbage all over the page's head"), at); err != nil {
			t.Fatal(err)
		}
	}
}
