package image

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"crofthci.io/croft/test/badlink"
	"crofthci.io/croft/test/e2e/stage"
)

// TestOverABadLink imports a file over a link on which no download lasts to the end: each breaks off after a third of it.
func TestOverABadLink(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	disk := bytes.Repeat([]byte("a disk of a machine, or so. "), 1<<18)[:6<<20]
	link := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		http.ServeContent(badlink.After(len(disk)/3, out), r, "", time.Unix(1e9, 0), bytes.NewReader(disk))
	}))
	defer link.Close()
	sum := sha512.Sum512(disk)
	s.MakeImage(t, id, "over-a-bad-link", link.URL+"/disk.raw", map[string]any{"checksum": hex.EncodeToString(sum[:]), "retry": 1})
	s.Imported(t, id, "over-a-bad-link")
}
