package importer

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"k8s.io/client-go/util/cert"
)

// The metrics that CDI's controllers look for in the answers of its workers.
const (
	importProgress = "kubevirt_cdi_import_progress_total"
	cloneProgress  = "kubevirt_cdi_clone_progress_total"
)

// gauge is how far a worker has come, in percent.
type gauge struct {
	// name of the metric, and owner: the uid that its label names.
	name, owner string

	mu          sync.Mutex
	read, total int64
}

// count gives a reader that moves the gauge as it is read.
func (g *gauge) count(source io.Reader, total int64) io.Reader {
	g.mu.Lock()
	g.total = total
	g.mu.Unlock()
	return io.TeeReader(source, g)
}

// Write counts bytes.
func (g *gauge) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.read += int64(len(p))
	return len(p), nil
}

// percent is 0 as long as nobody knows the whole.
func (g *gauge) percent() float64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.total <= 0 {
		return 0
	}
	return min(100, 100*float64(g.read)/float64(g.total))
}

// ServeHTTP answers a scrape in the form that Prometheus reads.
func (g *gauge) ServeHTTP(out http.ResponseWriter, _ *http.Request) {
	out.Header().Set("Content-Type", "text/plain; version=0.0.4")
	fmt.Fprintf(out, "# TYPE %s counter\n%s{ownerUID=%q} %.4f\n", g.name, g.name, g.owner, g.percent())
}

// serveMetrics answers scrapes at the pod's address until stop is called. The
// certificate is made on the spot: CDI's controllers do not check it.
func serveMetrics(address netip.Addr, g *gauge) (stop func(), err error) {
	certificate, key, err := cert.GenerateSelfSignedCertKey(address.String(), []net.IP{address.AsSlice()}, nil)
	if err != nil {
		return nil, fmt.Errorf("certificate for metrics: %w", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("certificate for metrics: %w", err)
	}
	listener, err := net.Listen("tcp", netip.AddrPortFrom(address, port).String())
	if err != nil {
		return nil, fmt.Errorf("listen for metrics: %w", err)
	}
	server := &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	secure := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	go func() { _ = server.Serve(secure) }() // it always ends with an error: closed
	return func() { _ = server.Close() }, nil
}
