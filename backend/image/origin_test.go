package image_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// origin are the servers that images are fetched from, which behave in every way that servers do.
type origin struct {
	// disk is what every image holds.
	disk []byte
	// plain and private are the servers, proxy is how those of example.org are reached.
	plain, private, proxy *httptest.Server
	// asked counts the downloads by path.
	mu    sync.Mutex
	asked map[string]int
	// seen is closed when somebody has seen a download half way.
	seen chan struct{}
}

func newOrigin(t *testing.T, size int) *origin {
	t.Helper()
	text := "a disk of a machine, or so. "
	o := &origin{disk: bytes.Repeat([]byte(text), size/len(text)+1)[:size], asked: map[string]int{}, seen: make(chan struct{})}
	pages := o.pages()
	o.plain, o.private, o.proxy = httptest.NewServer(pages), httptest.NewTLSServer(pages), httptest.NewServer(pages)
	// A test has ended when they are closed, and nobody hangs on to them.
	for _, server := range []*httptest.Server{o.plain, o.private, o.proxy} {
		t.Cleanup(server.Close)
		t.Cleanup(server.CloseClientConnections)
	}
	return o
}

// pages are the ways in which servers answer.
func (o *origin) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/disk", o.whole)
	mux.HandleFunc("/mute", func(out http.ResponseWriter, _ *http.Request) {
		out.(http.Flusher).Flush() // from here on nobody knows how long it will be
		_, _ = out.Write(o.disk)
	})
	mux.HandleFunc("/unranged", func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Length", strconv.Itoa(len(o.disk)))
		_, _ = out.Write(o.disk)
	})
	mux.HandleFunc("/short", o.short)
	mux.HandleFunc("/odd", func(out http.ResponseWriter, r *http.Request) {
		http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(o.disk[:len(o.disk)-1]))
	})
	mux.HandleFunc("/slow", o.slowly)
	mux.HandleFunc("/ranged-drop", func(out http.ResponseWriter, r *http.Request) { o.drop(out, r, true) })
	mux.HandleFunc("/drop", func(out http.ResponseWriter, r *http.Request) { o.drop(out, r, false) })
	mux.HandleFunc("/hiccup", o.hiccup)
	mux.HandleFunc("/flaky", o.flaky)
	mux.HandleFunc("/gone-later", o.goneLater)
	mux.HandleFunc("/here", http.RedirectHandler("/disk", http.StatusFound).ServeHTTP)
	mux.HandleFunc("/elsewhere", func(out http.ResponseWriter, r *http.Request) {
		http.Redirect(out, r, "https://images.example.org/here", http.StatusMovedPermanently)
	})
	mux.HandleFunc("/secure", func(out http.ResponseWriter, r *http.Request) {
		http.Redirect(out, r, o.private.URL+"/here", http.StatusTemporaryRedirect)
	})
	mux.HandleFunc("/loop", func(out http.ResponseWriter, r *http.Request) { http.Redirect(out, r, "/loop", http.StatusFound) })
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if fetches(r) {
			o.mu.Lock()
			o.asked[r.URL.Path]++
			o.mu.Unlock()
		}
		mux.ServeHTTP(out, r)
	})
}

// fetches says whether a request is a download: no look at the beginning, nor at how long it is.
func fetches(r *http.Request) bool { return r.Method == http.MethodGet && r.Header.Get("Range") == "" }

func (o *origin) times(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

// whole is a server as it should be.
func (o *origin) whole(out http.ResponseWriter, r *http.Request) {
	http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(o.disk))
}

// slowly sends the second half when somebody has seen that the first has come.
func (o *origin) slowly(out http.ResponseWriter, r *http.Request) {
	if !fetches(r) {
		o.whole(out, r)
		return
	}
	out.Header().Set("Content-Length", strconv.Itoa(len(o.disk)))
	half := len(o.disk) / 2
	_, _ = out.Write(o.disk[:half])
	out.(http.Flusher).Flush()
	select {
	case <-r.Context().Done():
	case <-o.seen:
		_, _ = out.Write(o.disk[half:])
	}
}

// short promises more than it sends, and ends as if that were all.
func (o *origin) short(out http.ResponseWriter, r *http.Request) {
	if !fetches(r) {
		o.whole(out, r)
		return
	}
	out.(http.Flusher).Flush()
	_, _ = out.Write(o.disk[:len(o.disk)/2])
}

// drop hangs up half way of everything that is longer than the look at the beginning; with ranges, the next half is had by
// asking for it.
func (o *origin) drop(out http.ResponseWriter, r *http.Request, ranges bool) {
	from, to := int64(0), int64(0)
	asked, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to)
	if ranges {
		out.Header().Set("ETag", `"disk"`) // by which the file is known again
	}
	if asked == 2 || r.Method == http.MethodHead {
		o.whole(out, r)
		return
	}
	size, status := int64(len(o.disk)), http.StatusOK
	if ranges {
		out.Header().Set("Accept-Ranges", "bytes")
		if asked == 1 {
			out.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, size-1, size))
			status = http.StatusPartialContent
		}
	} else {
		from = 0
	}
	out.Header().Set("Content-Length", strconv.FormatInt(size-from, 10))
	out.WriteHeader(status)
	if from < size/2 {
		_, _ = out.Write(o.disk[from : size/2])
		panic(http.ErrAbortHandler)
	}
	_, _ = out.Write(o.disk[from:])
}

// hiccup hangs up half way of the first download.
func (o *origin) hiccup(out http.ResponseWriter, r *http.Request) {
	if fetches(r) && o.times("/hiccup") == 1 {
		o.drop(out, r, true)
		return
	}
	o.whole(out, r)
}

// flaky is out of order at the first two downloads.
func (o *origin) flaky(out http.ResponseWriter, r *http.Request) {
	if fetches(r) && o.times("/flaky") <= 2 {
		http.Error(out, "out of order", http.StatusServiceUnavailable)
		return
	}
	o.whole(out, r)
}

// goneLater is there for the look at the beginning, and then no more.
func (o *origin) goneLater(out http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Range") == "" {
		http.NotFound(out, r)
		return
	}
	o.whole(out, r)
}
