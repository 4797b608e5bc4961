package bench

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/test/bench/farm"
)

// BenchmarkHalf asks whether pages take longer while half of the sites are dead or slow, often enough to decide it:
//
//	go test ./test/bench -run '^$' -bench Half -benchtime 1x -timeout 1h
//
// The same hub is asked for some seconds with all sites, and for some with half of them, in turn, CROFT_BENCH_CYCLES times.
// Each time with half of the sites is held against the times before and behind it, and those against each other: by how much
// they differ is what the machine does of itself.
func BenchmarkHalf(b *testing.B) {
	logrus.SetLevel(logrus.PanicLevel)
	spec := farm.Spec{Sites: size("CROFT_BENCH_SITES", 100), Machines: size("CROFT_BENCH_MACHINES", 1000)}
	slice := time.Duration(size("CROFT_BENCH_SECONDS", 3)) * time.Second
	for b.Loop() {
		whole, half := alternate(b, spec, size("CROFT_BENCH_CYCLES", 8), slice)
		reportHalf(spec, slice, whole, half)
	}
}

// restless notices within seconds that a site is dead, and that it is back.
func restless(spec farm.Spec) collect.Budget {
	budget := budgetFor(spec)
	budget.Pulse, budget.Answer = 500*time.Millisecond, time.Second
	return budget
}

// alternate gives what was seen with all sites, once more than what was seen with half of them.
func alternate(b testing.TB, spec farm.Spec, cycles int, slice time.Duration) (whole, half []seen) {
	b.Helper()
	f, h := startHub(b, spec, restless(spec))
	m := measured{spec: spec}
	for {
		until(b, "every site is followed", func() bool { return h.fresh() == spec.Sites })
		whole = append(whole, look(b, h.served, slice))
		if len(whole) > cycles {
			return whole, half
		}
		m.turn(b, f, farm.Dead, farm.Slow)
		until(b, "half of the sites are gone", func() bool { return h.fresh() == spec.Sites/2 })
		half = append(half, look(b, h.served, slice))
		m.turn(b, f, farm.None, farm.None)
	}
}

// seen is what was seen in some seconds.
type seen struct {
	pages         int
	p50, p99, cpu time.Duration
}

// look has eight readers ask for pages of all sites, one question after the other.
func look(b testing.TB, handler http.Handler, lasting time.Duration) seen {
	b.Helper()
	var lock sync.Mutex
	var times []time.Duration
	var group sync.WaitGroup
	begun, spent := time.Now(), cpu(b)
	for reader := range 8 {
		group.Go(func() {
			var mine []time.Duration
			for n := reader; time.Since(begun) < lasting; n++ {
				q, asked := questions[n%fromAll], time.Now()
				if status, _ := getAs(b, handler, q.who, indexPath+"?"+q.index); status != http.StatusOK {
					b.Errorf("%s answered %d", q.name, status)
				}
				mine = append(mine, time.Since(asked))
			}
			lock.Lock()
			defer lock.Unlock()
			times = append(times, mine...)
		})
	}
	group.Wait()
	slices.Sort(times)
	return seen{len(times), times[len(times)/2], times[len(times)*99/100], (cpu(b) - spent) / time.Duration(len(times))}
}

func reportHalf(spec farm.Spec, slice time.Duration, whole, half []seen) {
	fmt.Printf("\n%d sites × %d machines, %v with all sites and %v with half of them in turn\n\n| time | pages | CPU | p50 | p99 | p99 to before and behind |\n|---|---|---|---|---|---|\n", spec.Sites, spec.Machines, slice, slice)
	var broken, itself []float64
	for i, s := range whole {
		change := ""
		if i > 0 {
			itself = append(itself, float64(s.p99)/float64(whole[i-1].p99))
		}
		fmt.Printf("| all | %s |\n", s.cells(change))
		if i < len(half) {
			ratio := 2 * float64(half[i].p99) / float64(s.p99+whole[i+1].p99)
			broken = append(broken, ratio)
			fmt.Printf("| half | %s |\n", half[i].cells(percent(ratio)))
		}
	}
	fmt.Printf("\np99 with half of the sites: %s; of one time with all sites to the one before: %s (goal: within 10 %%)\n", between(broken), between(itself))
}

func (s seen) cells(change string) string {
	return fmt.Sprintf("%d | %.2f ms | %.1f ms | %.1f ms | %s", s.pages, ms(s.cpu), ms(s.p50), ms(s.p99), change)
}

func percent(ratio float64) string { return fmt.Sprintf("%+.0f %%", 100*(ratio-1)) }

// between is the median of ratios, and between which of them the true one is with nine chances in ten.
func between(ratios []float64) string {
	slices.Sort(ratios)
	out := outside(len(ratios))
	return strings.Join([]string{"median", percent(ratios[len(ratios)/2]), "between", percent(ratios[out]), "and", percent(ratios[len(ratios)-1-out])}, " ")
}

// outside is how many of so many values may be left out at each end, so that the true median is among the others with nine
// chances in ten: each value is above it or below with equal chance.
func outside(count int) int {
	chance, sum := 1.0, 0.0
	for range count {
		chance /= 2
	}
	for out := range count {
		if sum += chance; 2*sum > 0.1 {
			return max(0, out-1)
		}
		chance *= float64(count-out) / float64(out+1)
	}
	return 0
}

// TestOutside holds against the table of the binomial distribution how many values are left out.
func TestOutside(t *testing.T) {
	for count, want := range map[int]int{1: 0, 5: 0, 6: 0, 8: 1, 10: 1, 13: 3, 20: 5} {
		if got := outside(count); got != want {
			t.Errorf("of %d values %d are left out at each end, not %d", count, got, want)
		}
	}
}
