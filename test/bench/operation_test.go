package bench

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// operation is one question, in the words of the hub's index and, where Steve has the field, of Steve.
type operation struct {
	name         string
	who          user.Info
	index, steve string
}

// questions are what a page asks: in the order of every column, with text in the name, and as somebody with rights in some
// namespaces alone. Steve has no columns of a machine but name, namespace, age and state.
var questions = []operation{
	{"by name", master, "sort=name", "sort=metadata.name"},
	{"by namespace", master, "sort=namespace", "sort=metadata.namespace,metadata.name"},
	{"the newest", master, "sort=-created", "sort=-metadata.creationTimestamp,metadata.name"},
	{"by state", master, "sort=state", "sort=metadata.state.name,metadata.name"},
	{"by site", master, "sort=site", ""},
	{"by reason", master, "sort=reason", ""},
	{"by node", master, "sort=node", ""},
	{"by processors", master, "sort=-cpu", ""},
	{"by memory", master, "sort=-memory", ""},
	{"by address", master, "sort=addresses", ""},
	{"by guest", master, "sort=guestOS", ""},
	{"by image", master, "sort=image", ""},
	{"by state and memory", master, "sort=state,-memory", ""},
	{"page 500 by name", master, "sort=name&page=500", "sort=metadata.name&page=500"},
	{"name~777", master, "sort=name&filter=name~777", "sort=metadata.name&filter=metadata.name~777"},
	{"name~nothing", master, "sort=name&filter=name~nothing", "sort=metadata.name&filter=metadata.name~nothing"},
	{"state=Paused", master, "sort=name&filter=state=Paused", ""},
	{"label app=app-7", master, "sort=name&filter=metadata.labels[app]=app-7", "sort=metadata.name&filter=metadata.labels[app]=app-7"},
	{"search=10.0.7.", master, "sort=name&search=10.0.7.", ""},
	{"1,000 namespaces, by name", restricted, "sort=name", "sort=metadata.name"},
	{"1,000 namespaces, newest", restricted, "sort=-created", "sort=-metadata.creationTimestamp,metadata.name"},
	{"1,000 namespaces, name~77", restricted, "sort=name&filter=name~77", "sort=metadata.name&filter=metadata.name~77"},
}

// effort is how hard is measured.
type effort struct {
	// alone is how often one asks after the other; readers ask so many times each at once.
	alone, readers, each int
	// longest ends the asking of one after the other early.
	longest time.Duration
	// rounds is how often it is asked while half of the sites are broken, and before, and behind.
	rounds int
}

var (
	thorough = effort{alone: 40, readers: 8, each: 40, longest: 4 * time.Second, rounds: 5}
	brief    = effort{alone: 2, readers: 2, each: 2, longest: time.Second, rounds: 1}
)

// outcome is what a page costs.
type outcome struct {
	// cpu is of one page, the least of several rounds, of which others disturb some.
	cpu time.Duration
	// p50 and p99 are with several readers at once.
	p50, p99 time.Duration
	bytes    int
}

// run asks a question.
func (e effort) run(b testing.TB, handler http.Handler, who user.Info, path string) outcome {
	b.Helper()
	var got outcome
	read := func() {
		status, text := getAs(b, handler, who, path)
		if status != http.StatusOK {
			b.Errorf("GET %s answered %d %.300s", path, status, text)
		}
		got.bytes = len(text)
	}
	read()
	const rounds = 4
	begun := time.Now()
	for round := range rounds {
		before, times := cpu(b), max(1, e.alone/rounds)
		for range times {
			read()
		}
		if spent := (cpu(b) - before) / time.Duration(times); round == 0 || spent < got.cpu {
			got.cpu = spent
		}
		if time.Since(begun) > e.longest {
			break
		}
	}
	each := e.each
	if each > 4 && got.cpu > 50*time.Millisecond {
		each = 4 // a slow one shows it soon
	}
	times := e.together(b, handler, who, path, each)
	got.p50, got.p99 = times[len(times)/2], times[len(times)*99/100]
	return got
}

// together asks with several readers at once and gives the times in order.
func (e effort) together(b testing.TB, handler http.Handler, who user.Info, path string, each int) []time.Duration {
	b.Helper()
	var lock sync.Mutex
	var times []time.Duration
	var group sync.WaitGroup
	for range e.readers {
		group.Go(func() {
			for range each {
				begun := time.Now()
				getAs(b, handler, who, path)
				took := time.Since(begun)
				lock.Lock()
				times = append(times, took)
				lock.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(times)
	return times
}

// getAs asks as somebody, without a network.
func getAs(b testing.TB, handler http.Handler, who user.Info, path string) (int, []byte) {
	b.Helper()
	asked := httptest.NewRequestWithContext(request.WithUser(b.Context(), who), http.MethodGet, "https://hub"+path, nil)
	asked.Header.Set("Accept", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, asked)
	return answer.Code, answer.Body.Bytes()
}
