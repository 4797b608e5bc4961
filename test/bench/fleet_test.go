// Package bench measures what Croft promises about speed, and prints it. It asserts nothing: a figure without the machine
// it was measured on says little. Begin reading with BenchmarkFleet.
package bench

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/virtualmachine"
)

// size is how many sites and how many machines a site are measured; CROFT_BENCH_SITES and CROFT_BENCH_MACHINES change it.
func size(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// BenchmarkFleet fills an index and reads pages of it: go test ./test/bench -run '^$' -bench Fleet -benchtime 1x.
func BenchmarkFleet(b *testing.B) {
	sites, machines := size("CROFT_BENCH_SITES", 100), size("CROFT_BENCH_MACHINES", 1000)
	for b.Loop() {
		measure(b, sites, machines)
	}
}

func measure(b *testing.B, sites, machines int) {
	folder := b.TempDir()
	types := []*index.Type{virtualmachine.Type, namespace.Type}
	rows, err := index.Open(b.Context(), folder, types)
	if err != nil {
		b.Fatal(err)
	}
	begun, spent := time.Now(), cpu(b)
	var whole index.Scope
	var narrow index.Scope
	for s := range sites {
		id := fmt.Sprintf("c-m-%08d", s)
		whole.Sites = append(whole.Sites, id)
		for n := range 10 {
			narrow.Namespaces = append(narrow.Namespaces, [2]string{id, fmt.Sprintf("team-%d", n)})
		}
		fill(b, rows, id, machines)
	}
	total := sites * machines
	took := time.Since(begun)
	spent = cpu(b) - spent
	fmt.Printf("\n| %d sites × %d machines | |\n|---|---|\n", sites, machines)
	fmt.Printf("| fill, machine and instance | %.1f s, %.0f rows/s, %.0f µs CPU a row |\n", took.Seconds(), float64(total)/took.Seconds(), float64(spent.Microseconds())/float64(total))
	if err := rows.Close(); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("| disk a row | %d B |\n", folderSize(b, folder)/int64(total))
	begun = time.Now()
	if rows, err = index.Open(b.Context(), folder, types); err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	fmt.Printf("| open again | %.0f ms |\n", float64(time.Since(begun).Microseconds())/1000)
	fmt.Println("\n| page of 100 | CPU a page, one reader | p50, 8 readers | p99, 8 readers |\n|---|---|---|---|")
	queries := []struct {
		name  string
		scope index.Scope
		query string
	}{
		{"name", whole, ""}, {"-memory", whole, "sort=-memory"}, {"state,name", whole, "sort=state"}, {"addresses", whole, "sort=addresses"}, {"site", whole, "sort=site"},
		{"created, page 500", whole, "sort=created&page=500"},
		{"name~777", whole, "filter=name~777"}, {"name~nothing", whole, "filter=name~nothing"}, {"state=Paused", whole, "filter=state=Paused"}, {"search", whole, "search=10.0.7."},
		{"1,000 namespaces, name", narrow, ""}, {"1,000 namespaces, name~77", narrow, "filter=name~77"},
	}
	for _, q := range queries {
		page(b, rows, q.name, q.scope, q.query)
	}
	counts(b, rows, whole)
}

// fill writes a site's machines as a collector would.
func fill(b *testing.B, rows *index.Index, site string, machines int) {
	b.Helper()
	states := []string{"Running", "Running", "Running", "Stopped", "Paused"}
	for source := range 2 {
		var changes []index.Change
		for m := range machines {
			object := fmt.Sprintf(`{"metadata":{"uid":"0f8fad5b-d9cb-469f-a165-70867728%04d","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"app-%d"}},"spec":{"runStrategy":"Always","template":{"spec":{"domain":{"cpu":{"cores":%d},"memory":{"guest":"%dGi"}}}}},"status":{"printableStatus":%q}}`,
				m%10000, m%50, m%8+1, m%64+1, states[m%len(states)])
			if source == 1 {
				object = fmt.Sprintf(`{"status":{"phase":"Running","nodeName":"node-%d","guestOSInfo":{"prettyName":"Debian GNU/Linux 13"},"interfaces":[{"ipAddress":"10.0.%d.%d"}]}}`, m%16, m/250, m%250)
			}
			part, err := virtualmachine.Type.Sources[source].Trim([]byte(object))
			if err != nil {
				b.Fatal(err)
			}
			changes = append(changes, index.Change{Namespace: fmt.Sprintf("team-%d", m%100), Name: fmt.Sprintf("machine-%05d", m), Part: part})
			if len(changes) == 500 || m == machines-1 {
				batch := index.Batch{Site: site, Type: virtualmachine.Type, Source: source, Changes: changes, Version: "1"}
				if err := rows.Apply(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
				changes = nil
			}
		}
	}
}

func page(b *testing.B, rows *index.Index, name string, scope index.Scope, text string) {
	b.Helper()
	values, err := url.ParseQuery(text)
	if err != nil {
		b.Fatal(err)
	}
	read := func() {
		query, err := index.Parse(virtualmachine.Type, values)
		if err != nil {
			b.Error(err)
			return
		}
		query.Scope = scope
		if _, err := rows.List(context.Background(), query); err != nil {
			b.Error(err)
		}
	}
	read()
	const alone = 10
	before := cpu(b)
	for range alone {
		read()
	}
	spent := (cpu(b) - before) / alone
	times := together(8, 10, read)
	fmt.Printf("| %s | %.1f ms | %.1f ms | %.1f ms |\n", name, ms(spent), ms(times[len(times)/2]), ms(times[len(times)*99/100]))
}

// together reads with several readers at once and gives the times in order.
func together(readers, each int, read func()) []time.Duration {
	var lock sync.Mutex
	var times []time.Duration
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			for range each {
				begun := time.Now()
				read()
				lock.Lock()
				times = append(times, time.Since(begun))
				lock.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(times)
	return times
}

func counts(b *testing.B, rows *index.Index, scope index.Scope) {
	b.Helper()
	before := cpu(b)
	if _, err := rows.Count(b.Context(), index.Query{Type: virtualmachine.Type, Scope: scope}, []string{"site", "namespace", "state"}, nil); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("| counts by site, namespace and state | %.1f ms | | |\n", ms(cpu(b)-before))
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// cpu is what the process has used of the processors.
func cpu(b testing.TB) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func folderSize(b testing.TB, folder string) int64 {
	b.Helper()
	var sum int64
	err := filepath.Walk(folder, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return sum
}
