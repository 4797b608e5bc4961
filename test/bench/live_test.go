package bench

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/virtualmachine"
)

// rate is how many changes a second there are; CROFT_BENCH_RATE changes it.
const rate = 1000

// BenchmarkLive changes a thousand machines a second while many listen over websockets, each with his own rights and query,
// and takes the time from a change to each who may hear of it: go test ./test/bench -run '^$' -bench Live -benchtime 1x.
//
// The time begins before the change is written and ends when the client has read the message; both are in one process, so
// the clients' own work is in the CPU. What a told change takes is that beside what the same changes take without anybody
// who listens.
func BenchmarkLive(b *testing.B) {
	sites, machines, seconds := size("CROFT_BENCH_SITES", 10), size("CROFT_BENCH_MACHINES", 1000), size("CROFT_BENCH_SECONDS", 10)
	for b.Loop() {
		fmt.Printf("\n| %d sites × %d machines, %d changes/s for %d s | changes/s written | told | p50 | p99 | CPU a change | CPU a told one | allocations | bytes | of the machine's processors |\n|---|---|---|---|---|---|---|---|---|---|\n", sites, machines, size("CROFT_BENCH_RATE", rate), seconds)
		var alone toll
		for _, many := range listeners() {
			l := newLive(b, sites, machines)
			l.measure(b, many, time.Duration(seconds)*time.Second, &alone)
			l.close(b)
		}
	}
}

// listeners are how many listen, one measurement after the other; CROFT_BENCH_LISTENERS measures so many, and none.
func listeners() []int {
	if alone := size("CROFT_BENCH_LISTENERS", 0); alone > 0 {
		return []int{0, alone}
	}
	return []int{0, 10, 50, 200}
}

// live is a hub with sites, and those who listen to it.
type live struct {
	rows     *index.Index
	server   *httptest.Server
	sites    int
	machines int

	// told counts what has come, and heard are those who listen.
	told  atomic.Int64
	heard sync.WaitGroup

	lock  sync.Mutex
	times []time.Duration
}

// toll is what something took: processor time, allocations and their bytes.
type toll struct {
	cpu, count, bytes float64
}

// tollOf is what everything has taken so far.
func tollOf(b *testing.B) toll {
	b.Helper()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return toll{ms(cpu(b)), float64(memory.Mallocs), float64(memory.TotalAlloc)}
}

// less is what is left of a toll without another, for each of so many.
func (t toll) less(other toll, each float64) toll {
	return toll{(t.cpu - other.cpu) / each, (t.count - other.count) / each, (t.bytes - other.bytes) / each}
}

// of is what a toll of one makes for so many.
func (t toll) of(many float64) toll {
	return toll{t.cpu * many, t.count * many, t.bytes * many}
}

func newLive(b *testing.B, sites, machines int) *live {
	b.Helper()
	rows, err := index.Open(b.Context(), b.TempDir(), []*index.Type{virtualmachine.Type, namespace.Type})
	if err != nil {
		b.Fatal(err)
	}
	book := rights.NewBook()
	grant(book, "_hub", "", "all")
	for s := range sites {
		id := siteID(s)
		if err := rows.SetSite(b.Context(), index.Site{ID: id, Name: id, Connected: true, Synced: true, Complete: true}); err != nil {
			b.Fatal(err)
		}
		fill(b, rows, id, machines)
		grant(book, id, "", "boss")
		for team := range 100 {
			grant(book, id, fmt.Sprintf("team-%d", team), fmt.Sprintf("team-%d", team/10))
		}
	}
	handler := serve.New(&serve.Access{Hub: "_hub", Book: book, Index: rows}, "")
	l := &live{rows: rows, sites: sites, machines: machines}
	l.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := &user.DefaultInfo{Name: r.URL.Query().Get("as"), Groups: []string{user.AllAuthenticated, "all", r.URL.Query().Get("group")}}
		handler.ServeHTTP(w, r.WithContext(request.WithUser(r.Context(), who)))
	}))
	return l
}

// grant lets a group see everything in a namespace of a site, or in all.
func grant(book *rights.Book, site, in, group string) {
	kind := rights.ClusterRoleBinding
	if in != "" {
		kind = rights.RoleBinding
	}
	book.Put(site, rights.ClusterRole, &rights.Object{Name: "viewer", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get", "list"}, APIGroups: []string{"*"}, Resources: []string{"*"}}}})
	book.Put(site, kind, &rights.Object{Namespace: in, Name: group, RoleRef: &rbacv1.RoleRef{Kind: "ClusterRole", Name: "viewer"}, Subjects: []rbacv1.Subject{{Kind: rbacv1.GroupKind, Name: group}}})
}

// listen follows as one of many: every tenth sees everything, the others ten namespaces of each site; every other has a
// filter, and every fifth follows one site alone.
func (l *live) listen(b *testing.B, number int) *websocket.Conn {
	b.Helper()
	group := fmt.Sprintf("team-%d", number%10)
	if number%10 == 0 {
		group = "boss"
	}
	connection, _, err := websocket.DefaultDialer.Dial(fmt.Sprintf("ws%s/v1/croft/subscribe?as=user-%d&group=%s", strings.TrimPrefix(l.server.URL, "http"), number, group), nil)
	if err != nil {
		b.Fatal(err)
	}
	ask := map[string]any{"resourceType": "virtualmachine", "cursor": ""}
	if number%2 == 1 {
		ask["filter"] = []string{"state!=Paused"}
	}
	if number%5 == 4 {
		ask["site"] = siteID(number % l.sites)
	}
	if err := connection.WriteJSON(ask); err != nil {
		b.Fatal(err)
	}
	var begun struct{ Name string }
	if err := connection.ReadJSON(&begun); err != nil || begun.Name != "resource.start" {
		b.Fatalf("%+v %v", begun, err)
	}
	l.heard.Add(1)
	go l.hear(connection)
	return connection
}

// hear takes the time of every change that comes: it stands in the machine's label. It reads as little as it can, because
// those who listen are in the figures too.
func (l *live) hear(connection *websocket.Conn) {
	defer l.heard.Done()
	var text bytes.Buffer
	var mine []time.Duration
	for {
		text.Reset()
		_, reader, err := connection.NextReader()
		if err == nil {
			_, err = text.ReadFrom(reader)
		}
		if err != nil {
			break
		}
		now := time.Now()
		_, behind, found := bytes.Cut(text.Bytes(), []byte(`"at":"`))
		moment, _, _ := bytes.Cut(behind, []byte(`"`))
		nanoseconds, err := strconv.ParseInt(string(moment), 10, 64)
		if found && err == nil {
			mine = append(mine, now.Sub(time.Unix(0, nanoseconds)))
			l.told.Add(1)
		}
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	l.times = append(l.times, mine...)
}

func (l *live) measure(b *testing.B, many int, lasting time.Duration, alone *toll) {
	b.Helper()
	var connections []*websocket.Conn
	for number := range many {
		connections = append(connections, l.listen(b, number))
	}
	before, begun := tollOf(b), time.Now()
	changes := l.change(b, lasting)
	written := float64(changes) / time.Since(begun).Seconds()
	l.settle()
	took, spent := time.Since(begun), tollOf(b).less(before, 1)
	for _, connection := range connections {
		_ = connection.Close()
	}
	l.heard.Wait()
	slices.Sort(l.times)
	middle, late, each := "", "", "| | | |"
	if told := len(l.times); told > 0 {
		one := spent.less(alone.of(float64(changes)), float64(told))
		middle, late = fmt.Sprintf("%.0f ms", ms(l.times[told/2])), fmt.Sprintf("%.0f ms", ms(l.times[told*99/100]))
		each = fmt.Sprintf("| %.1f µs | %.1f | %.0f |", one.cpu*1000, one.count, one.bytes)
	} else {
		*alone = spent.less(toll{}, float64(changes))
	}
	fmt.Printf("| %d listeners | %.0f | %d | %s | %s | %.2f ms %s %.0f %% |\n", many, written, len(l.times), middle, late,
		spent.cpu/float64(changes), each, spent.cpu/10/took.Seconds()/float64(runtime.NumCPU()))
}

// change writes in small batches, as collectors of so many sites do, and says how many changes there were.
func (l *live) change(b *testing.B, lasting time.Duration) int {
	b.Helper()
	const ticks = 50
	every := max(1, size("CROFT_BENCH_RATE", rate)/ticks)
	ticker := time.NewTicker(time.Second / ticks)
	defer ticker.Stop()
	changes := 0
	for begun := time.Now(); time.Since(begun) < lasting; <-ticker.C {
		batch := index.Batch{Site: siteID(changes / every % l.sites), Type: virtualmachine.Type}
		for range every {
			m := changes * 7919 % l.machines
			object := fmt.Sprintf(`{"metadata":{"labels":{"at":"%d"}},"spec":{"template":{"spec":{"domain":{}}}},"status":{"printableStatus":"Running"}}`, time.Now().UnixNano())
			part, err := virtualmachine.Type.Sources[0].Trim([]byte(object))
			if err != nil {
				b.Fatal(err)
			}
			batch.Changes = append(batch.Changes, index.Change{Namespace: fmt.Sprintf("team-%d", m%100), Name: fmt.Sprintf("machine-%05d", m), Part: part})
			changes++
		}
		if err := l.rows.Apply(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return changes
}

// settle waits until nothing comes any more.
func (l *live) settle() {
	for last := int64(-1); ; {
		now := l.told.Load()
		if now == last {
			return
		}
		last = now
		time.Sleep(time.Second)
	}
}

func (l *live) close(b *testing.B) {
	b.Helper()
	l.server.Close()
	if err := l.rows.Close(); err != nil {
		b.Fatal(err)
	}
}
