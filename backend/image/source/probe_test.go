package source_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/backend/image/source"
)

const gib = 1 << 30

func qcow2(size uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte("QFI\xfb\x00\x00\x00\x03"), make([]byte, 16)...), size)
}

func padded(head []byte, size int) []byte {
	return append(head, make([]byte, size-len(head))...)
}

func zipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var into bytes.Buffer
	writer := gzip.NewWriter(&into)
	if _, err := writer.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return into.Bytes()
}

func TestProbe(t *testing.T) {
	vmdk := binary.LittleEndian.AppendUint64([]byte("KDMV\x01\x00\x00\x00\x03\x00\x00\x00"), 2*gib/512)
	ranged := func(content []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "disk", time.Time{}, bytes.NewReader(content))
		}
	}
	cases := map[string]struct {
		reason  string
		handler http.HandlerFunc
		want    source.File
		err     string
	}{
		"QCOW2": {
			reason:  "a qcow2 file is smaller than the disk inside",
			handler: ranged(padded(qcow2(3*gib), 200_000)),
			want:    source.File{Size: 200_000, VirtualSize: 3 * gib, Format: source.FormatQCOW2},
		},
		"VMDK": {
			reason:  "a VMDK says its capacity in sectors",
			handler: ranged(padded(vmdk, 4096)),
			want:    source.File{Size: 4096, VirtualSize: 2 * gib, Format: source.FormatVMDK},
		},
		"Raw": {
			reason:  "a raw disk is as large as its file, which is more than was read",
			handler: ranged(padded([]byte("boot"), 300_000)),
			want:    source.File{Size: 300_000, VirtualSize: 300_000, Format: source.FormatRaw},
		},
		"Gzip": {
			reason:  "a header is found inside gzip too",
			handler: ranged(zipped(t, padded(qcow2(5*gib), 100_000))),
			want:    source.File{Size: int64(len(zipped(t, padded(qcow2(5*gib), 100_000)))), VirtualSize: 5 * gib, Format: source.FormatGzip},
		},
		"GzipRaw": {
			reason:  "a raw disk inside gzip has a size that nobody knows yet",
			handler: ranged(zipped(t, padded([]byte("boot"), 100_000))),
			want:    source.File{Size: int64(len(zipped(t, padded([]byte("boot"), 100_000)))), Format: source.FormatGzip},
		},
		"Absurd": {
			reason:  "a header that names more than an exbibyte is no header",
			handler: ranged(padded(qcow2(1<<63), 4096)),
			want:    source.File{Size: 4096, Format: source.FormatQCOW2},
		},
		"AbsurdVMDK": {
			reason:  "nor is one that names more sectors than there are bytes",
			handler: ranged(padded(binary.LittleEndian.AppendUint64([]byte("KDMV\x01\x00\x00\x00\x03\x00\x00\x00"), 1<<59), 4096)),
			want:    source.File{Size: 4096, Format: source.FormatVMDK},
		},
		"NoRange": {
			reason: "a server that ignores ranges gives the length, and the rest is not read",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "400000")
				_, _ = w.Write(padded(qcow2(gib), 400_000))
			},
			want: source.File{Size: 400_000, VirtualSize: gib, Format: source.FormatQCOW2},
		},
		"NoLength": {
			reason: "a server that gives no length leaves the size of a raw disk open",
			handler: func(w http.ResponseWriter, _ *http.Request) {
				w.(http.Flusher).Flush()
				_, _ = w.Write(padded([]byte("boot"), 4096))
			},
			want: source.File{Format: source.FormatRaw},
		},
		"NotFound": {
			reason:  "the server's own words are told",
			handler: http.NotFound,
			err:     `answers "404 Not Found"`,
		},
		"Empty": {
			reason:  "an empty file is no disk",
			handler: func(http.ResponseWriter, *http.Request) {},
			err:     "sends an empty file",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tc.handler)
			defer server.Close()
			got, err := source.Probe(t.Context(), server.Client(), server.URL+"/disk.img")
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if (err == nil) != (tc.err == "") || (err != nil && !strings.HasSuffix(err.Error(), tc.err)) {
				t.Errorf("%s: want error %q, got %v", tc.reason, tc.err, err)
			}
		})
	}
}

func TestProbeKeepsPasswords(t *testing.T) {
	_, err := source.Probe(t.Context(), http.DefaultClient, "http://me:secret@127.0.0.1:1/disk.img")
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("an error must not tell the password: %v", err)
	}
}
