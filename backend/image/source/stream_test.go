package source_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crofthci.io/croft/backend/image/source"
	"crofthci.io/croft/pkg/outside"
	"crofthci.io/croft/test/badlink"
)

// TestStream reads files from sources that break off in every way that sources do.
func TestStream(t *testing.T) {
	file := bytes.Repeat([]byte("a part of a disk. "), 8<<10)
	changed := append([]byte("another"), file...)
	// serve answers as it should, with a tag by which the file is known again.
	serve := func(w http.ResponseWriter, r *http.Request, content []byte, tag string) {
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
	cases := map[string]struct {
		reason string
		answer func(asked int, w http.ResponseWriter, r *http.Request)
		// opens and says are the errors of Open and of reading, "" for none; asked is how many requests there are, 0 for any.
		opens, says string
		asked       int
	}{
		"Whole": {reason: "what comes in one piece is asked for once", asked: 1, answer: func(_ int, w http.ResponseWriter, r *http.Request) {
			serve(w, r, file, `"1"`)
		}},
		"Broken": {reason: "what breaks off is asked for from there", answer: func(_ int, w http.ResponseWriter, r *http.Request) {
			serve(badlink.After(32<<10, w), r, file, `"1"`)
		}},
		"Dated": {reason: "the day of the last change is a condition as well", asked: 2, answer: func(asked int, w http.ResponseWriter, r *http.Request) {
			if asked == 1 {
				w = badlink.After(1<<10, w)
			}
			http.ServeContent(w, r, "", time.Unix(1e9, 0), bytes.NewReader(file))
		}},
		"Busy": {reason: "a source that is out of order for a while is asked again", asked: 4, answer: func(asked int, w http.ResponseWriter, r *http.Request) {
			switch asked {
			case 1:
				serve(badlink.After(1<<10, w), r, file, `"1"`)
			case 2, 3:
				http.Error(w, "out of order", http.StatusServiceUnavailable)
			default:
				serve(w, r, file, `"1"`)
			}
		}},
		"Changed": {reason: "the end of another file is not put behind the beginning", says: "does not send the rest of the same file", asked: 2, answer: func(asked int, w http.ResponseWriter, r *http.Request) {
			if asked == 1 {
				serve(badlink.After(1<<10, w), r, file, `"1"`)
				return
			}
			serve(w, r, changed, `"2"`)
		}},
		"Lying": {reason: "nor what a source sends that does not hear of the condition", says: "does not send the rest of the same file", asked: 2, answer: func(asked int, w http.ResponseWriter, r *http.Request) {
			if asked == 1 {
				serve(badlink.After(1<<10, w), r, file, `"1"`)
				return
			}
			r.Header.Set("Range", "bytes=0-")
			r.Header.Del("If-Range")
			serve(w, r, file, `"1"`)
		}},
		"Gone": {reason: "a file that is gone is asked for no more", says: `answers "404 Not Found"`, asked: 2, answer: func(asked int, w http.ResponseWriter, r *http.Request) {
			if asked == 1 {
				serve(badlink.After(1<<10, w), r, file, `"1"`)
				return
			}
			http.NotFound(w, r)
		}},
		"Dead": {reason: "a source that sends nothing any more is given up", says: "breaks off at byte 1024 of", asked: 21, answer: func(asked int, w http.ResponseWriter, r *http.Request) {
			left := 0
			if asked == 1 {
				left = 1 << 10
			}
			serve(badlink.After(left, w), r, file, `"1"`)
		}},
		"Unranged": {reason: "without ranges there is no rest to ask for", opens: "does not know ranges", answer: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			_, _ = w.Write(file)
		}},
		"Unknown": {reason: "nor without anything to know the file by", opens: "does not know ranges", answer: func(_ int, w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file))
		}},
		"Weak": {reason: "a weak tag is of what the file means, and not of its bytes", opens: "does not know ranges", answer: func(_ int, w http.ResponseWriter, r *http.Request) {
			serve(w, r, file, `W/"1"`)
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				tc.answer(int(asked.Add(1)), w, r)
			}))
			defer server.Close()
			stream, err := source.Open(t.Context(), source.Client(true, outside.Way{}), server.URL)
			if tc.opens != "" {
				if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), tc.opens) {
					t.Errorf("%s: got %v", tc.reason, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Close()
			stream.Pause = func(int) time.Duration { return 0 }
			got, err := io.ReadAll(stream)
			if tc.says == "" && (err != nil || !bytes.Equal(got, file)) {
				t.Errorf("%s: got %d of %d bytes, %v", tc.reason, len(got), len(file), err)
			}
			if tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%s: want %q, got %v", tc.reason, tc.says, err)
			}
			if n := int(asked.Load()); tc.asked != 0 && n != tc.asked {
				t.Errorf("%s: asked %d times, want %d", tc.reason, n, tc.asked)
			}
		})
	}
}

// TestSeek reads from the middle, and again from there.
func TestSeek(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader("0123456789"))
	}))
	defer server.Close()
	stream, err := source.Open(t.Context(), source.Client(true, outside.Way{}), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	for _, from := range []int64{6, 2, 2, 0} {
		if _, err := stream.Seek(from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(stream)
		if want := "0123456789"[from:]; string(got) != want || err != nil {
			t.Errorf("from %d: got %q, %v", from, got, err)
		}
	}
	if end, err := stream.Seek(0, io.SeekEnd); end != 10 || err != nil {
		t.Errorf("the end is at %d, %v", end, err)
	}
}
