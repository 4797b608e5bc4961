package site

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rancher/machine/libmachine/drivers"
	"github.com/rancher/machine/libmachine/log"

	"crofthci.io/croft/fleet/driver"
)

// nodeDriver makes the machine behind one node until it has its address, and removes it until it and its disk are gone.
type nodeDriver interface {
	create(ctx context.Context) error
	remove(ctx context.Context) error
}

// BenchmarkDriver counts what a driver asks of a site's API server for a node, and takes the time from create to address: of
// Croft's, and of one that polls every five seconds and reads each object. Both have the same credential and the same machine,
// and a proxy between them and the site counts: each request is one, and so is a watch, however long it lasts.
func BenchmarkDriver(b *testing.B) {
	log.SetOutWriter(io.Discard)
	log.SetErrWriter(io.Discard)
	s := open(b)
	w := s.workshop(b)
	for b.Loop() {
		fmt.Printf("\n| the guest boots in | at once | driver | calls to create a node | to remove it | create to address: median | slowest |\n|---|---|---|---|---|---|---|\n")
		for _, boot := range []string{"0s", "40s"} {
			w.boot(b, boot)
			for _, many := range []int{1, size("CROFT_BENCH_NODES", 20)} {
				ours := w.measure(b, many, func(i int) nodeDriver { return w.croft(b, fmt.Sprintf("blue-ours-%s-%d-%d", boot, many, i)) })
				polls := w.measure(b, many, func(i int) nodeDriver { return w.polls(b, fmt.Sprintf("blue-polls-%s-%d-%d", boot, many, i)) })
				for _, line := range []struct {
					name string
					got  cost
				}{{"polls every 5 s", polls}, {"Croft's", ours}} {
					fmt.Printf("| %s | %d | %s | %.1f | %.1f | %.1f s | %.1f s |\n", boot, many, line.name, line.got.made, line.got.removed, line.got.median, line.got.slowest)
				}
				fmt.Printf("\nCroft's asked to create: %s\n\n", ours.asked)
			}
		}
		w.boot(b, "")
	}
}

// cost is what some nodes have cost: calls for each, and seconds.
type cost struct {
	made, removed, median, slowest float64
	asked                          string
}

// measure makes nodes at once, and removes them at once.
func (w *workshop) measure(b *testing.B, many int, next func(int) nodeDriver) cost {
	b.Helper()
	machines := make([]nodeDriver, many)
	for i := range machines {
		machines[i] = next(i)
	}
	w.meter.start()
	seconds := atOnce(b, machines, nodeDriver.create)
	made, asked := w.meter.start()
	atOnce(b, machines, nodeDriver.remove)
	removed, _ := w.meter.start()
	slices.Sort(seconds)
	return cost{each(made, many), each(removed, many), seconds[many/2], seconds[many-1], asked}
}

// atOnce does a step of all machines, and says how long each took.
func atOnce(b *testing.B, machines []nodeDriver, step func(nodeDriver, context.Context) error) []float64 {
	b.Helper()
	seconds := make([]float64, len(machines))
	var all sync.WaitGroup
	for i, machine := range machines {
		all.Go(func() {
			began := time.Now()
			if err := step(machine, b.Context()); err != nil {
				b.Error(err)
			}
			seconds[i] = time.Since(began).Seconds()
		})
	}
	all.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return seconds
}

// croftNode is a node by Croft's driver, as rancher-machine drives it.
type croftNode struct{ driver *driver.Driver }

func (w *workshop) croft(b *testing.B, name string) nodeDriver {
	b.Helper()
	d := driver.New()
	d.BaseDriver = &drivers.BaseDriver{MachineName: name, StorePath: b.TempDir()}
	given := flags{}
	for _, flag := range d.GetCreateFlags() {
		given[flag.String()] = flag.Default()
	}
	given["croft-kubeconfig-content"], given["croft-cluster-name"] = w.kubeconfig, "blue"
	given["croft-image-name"], given["croft-disk-size"] = workNamespace+"/"+image, "1"
	given["croft-cpu-count"], given["croft-memory-size"] = 1, 1
	if err := d.SetConfigFromFlags(given); err != nil {
		b.Fatal(err)
	}
	return croftNode{d}
}

func (n croftNode) create(context.Context) error {
	if err := n.driver.PreCreateCheck(); err != nil {
		return err
	}
	return n.driver.Create()
}

func (n croftNode) remove(context.Context) error { return n.driver.Remove() }

// flags are what rancher-machine gives a driver.
type flags map[string]any

func (f flags) String(key string) string    { text, _ := f[key].(string); return text }
func (f flags) Int(key string) int          { number, _ := f[key].(int); return number }
func (f flags) Bool(key string) bool        { is, _ := f[key].(bool); return is }
func (f flags) StringSlice(string) []string { return nil }

// boot has every guest of the site take so long to boot from now on; "" as it comes.
func (w *workshop) boot(b *testing.B, long string) {
	b.Helper()
	socket := filepath.Join(w.dir, "site-1", "site.sock")
	at := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	defer at.CloseIdleConnections()
	method, body := http.MethodPost, `{"name":"boot","value":"`+cmp.Or(long, "0s")+`"}`
	if long == "" {
		method, body = http.MethodDelete, `{"name":"boot"}`
	}
	request, err := http.NewRequestWithContext(b.Context(), method, "http://site/faults", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	answer, err := at.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("order %s: %s", body, answer.Status)
	}
}
