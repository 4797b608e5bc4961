package resilience

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"crofthci.io/croft/test/badlink"
	"crofthci.io/croft/test/e2e/stage"
)

// TestTheRelayDies kills the controllers while they hand on a file over a bad link: the image gets its bytes all the same.
func TestTheRelayDies(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const name = "relayed"
	link := &restLink{disk: bytes.Repeat([]byte("a disk, sent in pieces over a link that breaks off. "), 1<<16), asked: make(chan struct{}), goOn: make(chan struct{})}
	server := httptest.NewServer(link)
	t.Cleanup(server.Close)
	goOn := sync.OnceFunc(func() { close(link.goOn) })
	t.Cleanup(goOn)
	s.MakeImage(t, id, name, server.URL+"/disk.raw", map[string]any{"retry": 3})

	select {
	case <-link.asked:
	case <-time.After(9 * time.Minute):
		t.Fatal("the relay has not asked for the rest of the file")
	}
	s.Back(t, "site-1/croft-manage", s.Kill(t, "site-1/croft-manage"))
	goOn()
	stage.Eventually(t, "all of the file is there", 3*time.Minute, func() error {
		image := s.Image(t, id, name)
		if stage.Held(image.Status.Conditions, "Imported").Status != "True" || image.Status.Size != int64(len(link.disk)) {
			return fmt.Errorf("%+v", image.Status)
		}
		return nil
	})
}

// restLink serves a disk over a bad link, which breaks off after a third of it each time. Who asks for the rest for the first time, which only the
// relay does, waits until goOn is closed.
type restLink struct {
	disk  []byte
	asked chan struct{}
	goOn  chan struct{}
	once  sync.Once
}

func (b *restLink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var first int
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &first); err == nil && first > 0 && first < len(b.disk)-1 {
		b.once.Do(func() {
			close(b.asked)
			select {
			case <-b.goOn:
			case <-r.Context().Done():
			}
		})
	}
	http.ServeContent(badlink.After(len(b.disk)/3, w), r, "", time.Unix(1e9, 0), bytes.NewReader(b.disk))
}
