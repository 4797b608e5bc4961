package collect_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/test/bench/lightapi"
)

// The kinds of a row of two sources, and the row, which says whether there is a run.
var (
	job = lightapi.KindOf("things.io", "v1", "Job", "jobs")
	run = lightapi.KindOf("things.io", "v1", "Run", "runs")

	pair = &index.Type{
		Name: "pair", Plural: "pairs",
		Sources: []index.Source{sourceOf(job), sourceOf(run)},
		Columns: []index.Column{{Name: "state"}},
		Join: func(parts [][]byte) (index.Row, error) {
			state := "Stopped"
			if parts[1] != nil {
				state = "Running"
			}
			return index.Row{Values: map[string]any{"state": state}}, nil
		},
	}
)

func sourceOf(kind lightapi.Kind) index.Source {
	return index.Source{
		Resource: schema.GroupVersionResource{Group: kind.Group, Version: kind.Version, Resource: kind.Resource},
		Trim: func(object []byte) ([]byte, error) {
			var kept struct {
				Metadata struct {
					UID string `json:"uid"`
				} `json:"metadata"`
			}
			if err := json.Unmarshal(object, &kept); err != nil {
				return nil, err
			}
			return json.Marshal(kept)
		},
	}
}

// unwilling is a site that refuses some of its lists, or whose lists never end.
type unwilling struct {
	*lightapi.Server

	refused  string
	refusals atomic.Int32
	silent   bool
}

func (s *unwilling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, r.URL.Path, _ = strings.Cut(r.URL.Path, "/k8s/clusters/c-1")
	switch {
	case r.URL.Path == "/version":
		fmt.Fprint(w, `{"gitVersion":"v1.36.3"}`)
	case r.URL.Query().Get("watch") != "" || !strings.HasSuffix(r.URL.Path, "/"+s.refused) || s.refusals.Add(-1) < 0:
		s.Server.ServeHTTP(w, r)
	case s.silent:
		<-r.Context().Done()
	default:
		http.Error(w, "not now", http.StatusInternalServerError)
	}
}

// TestListedTogether holds that a site's first lists make rows with all of their parts, each of which is written once, however
// the pages fall; and that what fails in the one source neither holds up the other nor is lost.
func TestListedTogether(t *testing.T) {
	cases := map[string]struct {
		reason string
		// pages are how many objects are in one; jobs and runs are which of 100 names have one.
		pages     int
		jobs, run func(i int) bool
		refused   string
		refusals  int32
		silent    bool
		once      bool
	}{
		"All":          {"every job runs", 7, every(1), every(1), "", 0, false, true},
		"Some":         {"runs are further ahead than their pages are long", 7, every(1), every(9), "", 0, false, true},
		"OnePage":      {"there is one page of each", 500, every(1), every(2), "", 0, false, true},
		"None":         {"nothing runs", 7, every(1), every(1000), "", 0, false, true},
		"NoJobs":       {"runs without a job have no row", 7, every(1000), every(1), "", 0, false, true},
		"Orphans":      {"some runs have no job", 7, every(3), every(1), "", 0, false, true},
		"RunsFail":     {"runs are listed by themselves later", 7, every(1), every(1), "runs", 3, false, false},
		"LastRunsFail": {"of some jobs the runs have been written already", 40, every(1), every(1), "runs", 1, false, false},
		"JobsFail":     {"jobs are listed again", 7, every(1), every(1), "jobs", 3, false, false},
		"RunsSilent":   {"the list of runs never comes, and jobs are shown all the same", 7, every(1), every(1), "runs", 1, true, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			site := &unwilling{Server: lightapi.New(job, run), refused: c.refused, silent: c.silent}
			site.refusals.Store(c.refusals)
			want := map[string]string{}
			for i := range 100 {
				name := fmt.Sprintf("x%d", i) // not in their order
				if c.jobs(i) {
					want[name] = "Stopped"
					fillOne(t, site.Server, job, name)
				}
				if c.run(i) {
					fillOne(t, site.Server, run, name)
				}
				if c.jobs(i) && c.run(i) {
					want[name] = "Running"
				}
			}
			x := openTypes(t, t.TempDir(), pair)
			defer x.Close()
			told := x.Subscribe(1000)
			limits := budget
			limits.PageObjects = c.pages
			if c.silent {
				limits.Answer = 300 * time.Millisecond
			}
			collector, stop := followTypes(t, x, "c-1", site, limits, []*index.Type{pair})
			eventually(t, "both are followed", func() bool {
				sources := collector.Health().Sources
				return live(sources["jobs.things.io"]) && live(sources["runs.things.io"])
			})
			stop()
			if diff := cmp.Diff(want, statesOf(t, x)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", c.reason, diff)
			}
			events, _, _ := told.Take()
			for _, event := range events {
				if c.once && event.Again {
					t.Errorf("%s: %s was written more than once", c.reason, event.Key.Name)
				}
			}
		})
	}
}

func live(source collect.SourceHealth) bool {
	return source.Listed && source.Live && source.LeftOut == 0
}

// every is every nth.
func every(n int) func(int) bool { return func(i int) bool { return i%n == n-1 } }

func fillOne(t *testing.T, api *lightapi.Server, kind lightapi.Kind, name string) {
	t.Helper()
	if err := api.Fill(kind, map[string]any{"metadata": map[string]any{"namespace": "n", "name": name}}); err != nil {
		t.Fatal(err)
	}
}

// statesOf are the states of all rows.
func statesOf(t *testing.T, x *index.Index) map[string]string {
	t.Helper()
	q, err := index.Parse(pair, url.Values{"pagesize": {"1000"}})
	if err != nil {
		t.Fatal(err)
	}
	q.Scope = index.Scope{Sites: []string{"c-1"}}
	page, err := x.List(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, entry := range page.Entries {
		var row struct{ State string }
		if err := json.Unmarshal(entry.Document, &row); err != nil {
			t.Fatal(err)
		}
		states[entry.Key.Name] = row.State
	}
	return states
}
