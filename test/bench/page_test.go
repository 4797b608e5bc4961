package bench

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/dynamic"

	"crofthci.io/croft/test/bench/farm"
	"crofthci.io/croft/test/e2e/stage"
)

// BenchmarkPage has Chromium show the machines of a farm of sites, in the dashboard of a sandbox's hub: that hub gives the
// page and lets one in, and what is asked of /v1/croft is answered by a hub that follows the farm. It prints what the page
// takes, and how its memory goes while machines change:
//
//	bin/croft-sandbox run --only=hub --dir=.sandbox-page -- go test ./test/bench -run '^$' -bench Page -benchtime 1x -timeout 1h
//
// CROFT_BENCH_SITES, CROFT_BENCH_MACHINES, CROFT_BENCH_SECONDS and CROFT_BENCH_RATE say how much of each.
func BenchmarkPage(b *testing.B) {
	spec := farm.Spec{Sites: size("CROFT_BENCH_SITES", 100), Machines: size("CROFT_BENCH_MACHINES", 1000)}
	seconds := size("CROFT_BENCH_SECONDS", 120)
	s := stage.Open(b)
	for b.Loop() {
		showPage(b, s, spec, seconds)
	}
}

// shown is what the script has seen, in milliseconds and bytes.
type shown struct {
	First, Open, Next, Search, Sort []float64
	Script                          struct{ Files, Gzip int }
	Memory                          []struct{ At, Heap, Nodes float64 }
}

func showPage(b *testing.B, s *stage.Stage, spec farm.Spec, seconds int) {
	b.Helper()
	f, h := startHub(b, spec, budgetFor(spec))
	until(b, "every site is followed", func() bool { return h.fresh() == spec.Sites })
	front := frontOf(b, s, h)
	defer front.Close()

	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var changes atomic.Int64
	ended := make(chan error, 1)
	go func() { ended <- stir(ctx, f, spec, &changes) }()
	var seen shown
	s.Browse(b, &seen, map[string]string{"CROFT_URL": front.URL, "CROFT_SECONDS": strconv.Itoa(seconds)}, "figures.mjs")
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
	seen.print(spec, changes.Load())
}

// frontOf is the sandbox's hub with the machines of another.
func frontOf(b *testing.B, s *stage.Stage, h *hub) *httptest.Server {
	b.Helper()
	behind, err := url.Parse(s.Admin.URL)
	if err != nil {
		b.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // the sandbox's own, on loopback
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/croft") {
			h.served.ServeHTTP(w, r.WithContext(request.WithUser(r.Context(), master)))
			return
		}
		// It goes on with the host that the browser has asked, so what the hub links to leads here again.
		proxy.ServeHTTP(w, r)
	}))
	front.Config.ErrorLog = log.New(io.Discard, "", 0) // a browser says of each connection that it does not know who signed
	front.StartTLS()
	return front
}

// stir changes machines of all sites in turn, the first of each among them, which the first page shows.
func stir(ctx context.Context, f *farm.Farm, spec farm.Spec, changes *atomic.Int64) error {
	ticker := time.NewTicker(time.Second / time.Duration(size("CROFT_BENCH_RATE", 20)))
	defer ticker.Stop()
	machines := schema.GroupVersionResource{Group: "kubevirt.io", Version: "v1", Resource: "virtualmachines"}
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		site := n % spec.Sites
		if err := touch(ctx, f, site, machines, n); err != nil && ctx.Err() == nil {
			return fmt.Errorf("change a machine of site %d: %w", site, err)
		}
		changes.Add(1)
	}
}

// touch changes what a machine says of itself.
func touch(ctx context.Context, f *farm.Farm, site int, machines schema.GroupVersionResource, n int) error {
	client, err := dynamic.NewForConfig(f.Config(site))
	if err != nil {
		return err
	}
	list, err := client.Resource(machines).List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return err
	}
	machine := &list.Items[0]
	status := []string{"Running", "Paused", "Migrating"}[n/100%3]
	if err := unstructured.SetNestedField(machine.Object, status, "status", "printableStatus"); err != nil {
		return err
	}
	_, err = client.Resource(machines).Namespace(machine.GetNamespace()).Update(ctx, machine, metav1.UpdateOptions{})
	return err
}

// print prints the tables.
func (s shown) print(spec farm.Spec, changes int64) {
	fmt.Printf("\n%d sites × %d machines in Chromium\n\n| | least | median | most | goal |\n|---|---|---|---|---|\n", spec.Sites, spec.Machines)
	for _, line := range []struct {
		name  string
		times []float64
		goal  string
	}{
		{"first load, from the address to rows with menus, the browser's cache empty once", s.First, ""},
		{"list interactive, opened in the dashboard", s.Open, "≤ 2000 ms"},
		{"next page", s.Next, "≤ 300 ms"},
		{"search, from the last key", s.Search, "≤ 500 ms"},
		{"other order", s.Sort, ""},
	} {
		slices.Sort(line.times)
		fmt.Printf("| %s | %.0f ms | %.0f ms | %.0f ms | %s |\n", line.name, line.times[0], line.times[len(line.times)/2], line.times[len(line.times)-1], line.goal)
	}
	fmt.Printf("| own script on first load, gzip | | %d KB in %d files | | ≤ 300 KB |\n", s.Script.Gzip>>10, s.Script.Files)
	fmt.Printf("\n%d changes meanwhile\n\n| after | heap after collection | elements |\n|---|---|---|\n", changes)
	for _, m := range s.Memory {
		fmt.Printf("| %.0f s | %.1f MB | %.0f |\n", m.At, m.Heap/(1<<20), m.Nodes)
	}
}
