package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"crofthci.io/croft/test/bench/farm"
)

// BenchmarkHub measures the hub with a hundred sites of a thousand machines, each a light API server, and in the same run
// Steve's own SQL cache over the same machines:
//
//	CROFT_BENCH_CHARTS=docs go test ./test/bench -run '^$' -bench Hub -benchtime 1x -timeout 1h
//
// CROFT_BENCH_SITES and CROFT_BENCH_MACHINES change how many there are, CROFT_BENCH_STEVE how many machines Steve gets (0:
// no Steve), CROFT_BENCH_GROWTH=0 leaves the smaller hubs out, CROFT_BENCH_FAULTS=0 the sites that break, and
// CROFT_BENCH_CHARTS is a folder for the curves of what was measured.
func BenchmarkHub(b *testing.B) {
	logrus.SetLevel(logrus.PanicLevel)
	full := farm.Spec{Sites: size("CROFT_BENCH_SITES", 100), Machines: size("CROFT_BENCH_MACHINES", 1000)}
	for b.Loop() {
		m := measureHub(b, full, thorough, os.Getenv("CROFT_BENCH_FAULTS") != "0")
		reportHub(m)
		var peer theirs
		if count := peers(full); count > 0 {
			peer = measureSteve(b, farm.Spec{Sites: full.Sites, Machines: count / full.Sites}, thorough)
			reportSteve(m, peer)
		}
		grown := []measured{m}
		if os.Getenv("CROFT_BENCH_GROWTH") != "0" {
			for _, spec := range smaller(full) {
				grown = append(grown, measureHub(b, spec, thorough, false))
			}
			reportGrowth(grown)
		}
		if folder := os.Getenv("CROFT_BENCH_CHARTS"); folder != "" {
			draw(b, folder, m, peer, grown)
		}
	}
}

// peers is how many machines Steve gets.
func peers(full farm.Spec) int {
	if os.Getenv("CROFT_BENCH_STEVE") == "0" {
		return 0
	}
	return size("CROFT_BENCH_STEVE", full.Sites*full.Machines)
}

// smaller are hubs with a tenth and a hundredth of the machines, and with a tenth of the machines at fewer sites.
func smaller(full farm.Spec) []farm.Spec {
	return []farm.Spec{
		{Sites: full.Sites, Machines: max(1, full.Machines/100)}, {Sites: full.Sites, Machines: max(1, full.Machines/10)},
		{Sites: max(1, full.Sites/10), Machines: full.Machines}, {Sites: 1, Machines: full.Machines * full.Sites / 10},
	}
}

// TestHub runs a small version of it all, so that the benchmark goes on working.
func TestHub(t *testing.T) {
	logrus.SetLevel(logrus.PanicLevel)
	spec := farm.Spec{Sites: 3, Machines: 50}
	m := measureHub(t, spec, brief, true)
	// Three sites with fifty machines each, twenty namespaces, eight nodes, two roles and eleven bindings.
	if want := 3 * (50 + 20 + 8 + 2 + 11); m.rows != want {
		t.Errorf("the index has %d rows, not %d", m.rows, want)
	}
	reportHub(m)
	peer := measureSteve(t, spec, brief)
	reportSteve(m, peer)
	tenth := m // as if it had been measured
	tenth.spec.Machines = spec.Machines / 10
	grown := []measured{m, tenth}
	reportGrowth(grown)
	folder := t.TempDir()
	draw(t, folder, m, peer, grown)
	for _, name := range []string{"hub-rows.svg", "hub-sites.svg", "hub-pages.svg"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}

// reportHub prints what was seen of the hub.
func reportHub(m measured) {
	machines, rows := float64(m.machines()), float64(m.rows)
	fmt.Printf("\n%d sites × %d machines, %d rows\n\n| | hub | goal |\n|---|---|---|\n", m.spec.Sites, m.spec.Machines, m.rows)
	fmt.Printf("| fill, machines joined with their instances | %.1f s, %.0f rows/s, %.0f µs CPU a machine | ≥ 10,000 rows/s |\n",
		m.fill.Seconds(), rows/m.fill.Seconds(), micros(m.fillCPU)/machines)
	fmt.Printf("| of that, the sites' own CPU on the same processors | %.1f s, the hub's %.1f s | |\n", m.sitesCPU.Seconds(), m.fillCPU.Seconds())
	fmt.Printf("| memory a row | %.0f B | ≤ 2,048 B |\n", float64(m.memory)/rows)
	fmt.Printf("| disk a row | %.0f B | ≤ 1,536 B |\n", float64(m.disk)/rows)
	fmt.Printf("| warm start to the first page | %.2f s, %.2f s CPU | ≤ 5 s |\n", m.warm.Seconds(), m.warmCPU.Seconds())
	fmt.Println("\n| page of 100 | CPU | p50 | p99 | KB |\n|---|---|---|---|---|")
	for i, q := range questions {
		fmt.Printf("| %s | %s |\n", q.name, m.pages[i])
	}
	if len(m.broken) == 0 {
		return
	}
	fmt.Println("\n| half of the sites dead or slow | CPU before and behind | p50 | p99 | CPU meanwhile | p50 | p99 | more CPU, p99 (goal ≤ 10 %) |\n|---|---|---|---|---|---|---|---|")
	for i := range m.broken {
		fmt.Printf("| %s | %s | %s | %s, %s |\n", questions[i].name, m.before[i].times(), m.broken[i].times(), more(m.before[i].cpu, m.broken[i].cpu), more(m.before[i].p99, m.broken[i].p99))
	}
}

// times is three cells.
func (o outcome) times() string {
	return fmt.Sprintf("%.2f ms | %.2f ms | %.2f ms", ms(o.cpu), ms(o.p50), ms(o.p99))
}

func more(before, now time.Duration) string {
	return fmt.Sprintf("%+.0f %%", 100*(float64(now)/float64(before)-1))
}

// reportSteve prints what was seen of Steve, beside the hub.
func reportSteve(m measured, peer theirs) {
	machines := float64(peer.machines)
	fmt.Printf("\nSteve's SQL cache, %d machines of one server: filled in %.1f s, %.0f µs CPU a machine, without instances; %.0f B of memory and %.0f B of disk a machine\n",
		peer.machines, peer.fill.p50.Seconds(), micros(peer.fill.cpu)/machines, float64(peer.memory)/machines, float64(peer.disk)/machines)
	fmt.Println("\n| page of 100 | Steve CPU | p50 | p99 | KB | hub CPU | Steve to hub, goal ≥ 20 |\n|---|---|---|---|---|---|---|")
	for i, q := range questions {
		if other, ok := peer.pages[q.name]; ok {
			ours := max(m.pages[i].cpu, time.Microsecond)
			fmt.Printf("| %s | %s | %.2f ms | %.0f |\n", q.name, other, ms(ours), float64(other.cpu)/float64(ours))
		}
	}
}

// String is four cells.
func (o outcome) String() string {
	return fmt.Sprintf("%.2f ms | %.1f ms | %.1f ms | %d", ms(o.cpu), ms(o.p50), ms(o.p99), o.bytes>>10)
}

func micros(d time.Duration) float64 { return float64(d.Microseconds()) }

// reportGrowth prints what a page costs as the hub grows.
func reportGrowth(all []measured) {
	fmt.Println("\n| CPU of a page | sites | machines |" + header() + "\n|---|---|---|" + dashes())
	for _, m := range all {
		fmt.Printf("| | %d | %d |", m.spec.Sites, m.machines())
		for _, i := range curves {
			fmt.Printf(" %.2f ms |", ms(m.pages[i].cpu))
		}
		fmt.Println()
	}
}

// curves are the questions that are drawn.
var curves = []int{0, 2, 13, 14, 16, 19, 21}

func header() (text string) {
	for _, i := range curves {
		text += " " + questions[i].name + " |"
	}
	return text
}

func dashes() (text string) {
	for range curves {
		text += "---|"
	}
	return text
}
