package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/test/bench/farm"
)

// measured is what was seen of one hub.
type measured struct {
	spec farm.Spec
	// rows is how many the index has, of all types.
	rows int
	// fill is the time from the first question to a site until everything is known and followed.
	fill, fillCPU time.Duration
	// sitesCPU is what the sites took of the same processors meanwhile.
	sitesCPU time.Duration
	// memory and disk are of all rows together; disk is what lies there when the hub has ended.
	memory, disk int64
	// warm is the time from the start of a hub with all rows to its first page.
	warm, warmCPU time.Duration
	pages         []outcome
	// broken are pages while half of the sites are dead or slow; before are the same ones.
	before, broken []outcome
}

// machines is how many there are in all.
func (m measured) machines() int { return m.spec.Sites * m.spec.Machines }

// measureHub has a hub follow a farm, and asks it.
func measureHub(b testing.TB, spec farm.Spec, e effort, faults bool) measured {
	b.Helper()
	f, err := farm.Start(spec)
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := f.Stop(); err != nil {
			b.Error(err)
		}
	}()
	m := measured{spec: spec}
	folder := b.TempDir()
	m.fillFrom(b, f, folder, e, faults)
	m.disk = folderSize(b, folder)
	m.again(b, folder)
	return m
}

// fillFrom follows the farm and asks.
func (m *measured) fillFrom(b testing.TB, f *farm.Farm, folder string, e effort, faults bool) {
	b.Helper()
	empty := memory(b)
	h, err := openHub(b.Context(), folder)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close(b)
	sites, err := f.CPU()
	if err != nil {
		b.Fatal(err)
	}
	begun, spent := time.Now(), cpu(b)
	full := profile(b)
	h.follow(b.Context(), b, f, m.spec, budgetFor(m.spec))
	until(b, "every site is followed", func() bool { return h.fresh() == m.spec.Sites })
	m.fill, m.fillCPU = time.Since(begun), cpu(b)-spent
	if m.sitesCPU, err = f.CPU(); err != nil {
		b.Fatal(err)
	}
	m.sitesCPU -= sites
	m.rows = h.count(b)
	full()
	m.memory = memory(b) - empty
	for _, q := range questions {
		m.pages = append(m.pages, e.run(b, h.served, q.who, indexPath+"?"+q.index))
	}
	if faults {
		m.breakHalf(b, f, h, e)
	}
}

// budgetFor lets a site have as many objects as it has; one site with 10,000 is within what is usual.
func budgetFor(spec farm.Spec) collect.Budget {
	budget := collect.DefaultBudget
	budget.Bytes = max(budget.Bytes, int64(spec.Machines)<<12)
	return budget
}

// count is how many rows there are of all types, those too that are kept for the hub's own use.
func (h *hub) count(b testing.TB) int {
	b.Helper()
	all := 0
	var sites []string
	for _, s := range h.rows.Sites() {
		sites = append(sites, s.ID)
	}
	for _, t := range h.rows.Types() {
		if t.Hidden {
			if err := h.rows.Parts(b.Context(), t, func(index.Key, []byte) error { all++; return nil }); err != nil {
				b.Fatal(err)
			}
			continue
		}
		tallies, err := h.rows.Count(b.Context(), index.Query{Type: t, Scope: index.Scope{Sites: sites}}, nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, tally := range tallies {
			all += tally.Count
		}
	}
	return all
}

// breakHalf asks for pages, has every second site dead or slow, asks again, heals them, and asks once more: the questions
// of which the answers come from all sites. What is before and behind is one, so that a machine that grows slower meanwhile is not
// taken for the sites' doing.
func (m *measured) breakHalf(b testing.TB, f *farm.Farm, h *hub, e effort) {
	b.Helper()
	before := e.again(b, h, nil)
	m.turn(b, f, farm.Dead, farm.Slow)
	dead := (m.spec.Sites + 1) / 4 // those that do not answer at all; the slow ones do
	m.noticed(b, h, e, m.spec.Sites-dead)
	m.broken = middles(e.again(b, h, nil))
	m.turn(b, f, farm.None, farm.None)
	m.noticed(b, h, e, m.spec.Sites)
	m.before = middles(e.again(b, h, before))
}

// turn gives every second site a fault: the one and the other in turn.
func (m *measured) turn(b testing.TB, f *farm.Farm, dead, slow farm.Fault) {
	b.Helper()
	for number := 0; number < m.spec.Sites; number += 2 {
		fault := dead
		if number%4 == 0 {
			fault = slow
		}
		if err := f.Break(number, fault); err != nil {
			b.Fatal(err)
		}
	}
}

// noticed waits until the hub knows how many sites are fresh. A small measurement does not wait for a site's pulses.
func (m *measured) noticed(b testing.TB, h *hub, e effort, sites int) {
	b.Helper()
	if e.rounds > 1 {
		until(b, fmt.Sprintf("%d sites are fresh", sites), func() bool { return h.fresh() == sites })
	}
}

// again asks the questions whose answers come from all sites, round by round, and adds what is seen to what was seen before.
func (e effort) again(b testing.TB, h *hub, seen [][]outcome) [][]outcome {
	b.Helper()
	if seen == nil {
		seen = make([][]outcome, fromAll)
	}
	for range e.rounds {
		for i, q := range questions[:fromAll] {
			seen[i] = append(seen[i], e.run(b, h.served, q.who, indexPath+"?"+q.index))
		}
	}
	return seen
}

// fromAll is how many of the questions are asked while sites are broken.
const fromAll = 4

// middles is of each question the median of each figure.
func middles(seen [][]outcome) (all []outcome) {
	for _, rounds := range seen {
		middle := func(figure func(outcome) time.Duration) time.Duration {
			figures := make([]time.Duration, 0, len(rounds))
			for _, round := range rounds {
				figures = append(figures, figure(round))
			}
			slices.Sort(figures)
			return figures[len(figures)/2]
		}
		all = append(all, outcome{
			cpu: middle(func(o outcome) time.Duration { return o.cpu }), p50: middle(func(o outcome) time.Duration { return o.p50 }),
			p99: middle(func(o outcome) time.Duration { return o.p99 }),
		})
	}
	return all
}

// again starts a hub where there is one's data, and waits for its first page.
func (m *measured) again(b testing.TB, folder string) {
	b.Helper()
	begun, spent := time.Now(), cpu(b)
	h, err := openHub(b.Context(), folder)
	if err != nil {
		b.Fatal(err)
	}
	defer h.close(b)
	status, text := get(b, h.served, indexPath+"?pagesize=100")
	m.warm, m.warmCPU = time.Since(begun), cpu(b)-spent
	if status != 200 || countOf(b, text) != m.machines() {
		b.Fatalf("after a restart the first page was %d and had %d machines", status, countOf(b, text))
	}
}

// countOf is how many machines an answer speaks of.
func countOf(b testing.TB, text []byte) int {
	b.Helper()
	var answer struct{ Count int }
	if err := json.Unmarshal(text, &answer); err != nil {
		b.Error(err)
	}
	return answer.Count
}

// memory is what the process holds that is not of a file, after everything unused has been let go.
func memory(b testing.TB) int64 {
	b.Helper()
	for range 2 {
		runtime.GC()
	}
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kilobytes int64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, "RssAnon: %d kB", &kilobytes); err == nil {
			return kilobytes << 10
		}
	}
	b.Fatal("the kernel does not say RssAnon")
	return 0
}
