package upload

import (
	"bufio"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestExact(t *testing.T) {
	sum := func(text string) string {
		of := sha512.Sum512([]byte(text))
		return hex.EncodeToString(of[:])
	}
	dead := errors.New("the line went dead")
	cases := map[string]struct {
		reason   string
		from     io.Reader
		size     int64
		checksum string
		got      string
		err      string
	}{
		"Whole":   {"a file of the right size is given out", strings.NewReader("bytes"), 5, "", "bytes", ""},
		"Slow":    {"also when it comes in crumbs", iotest.OneByteReader(strings.NewReader("bytes")), 5, "", "bytes", ""},
		"Summed":  {"also when it has the right sum, however it is written", strings.NewReader("bytes"), 5, strings.ToUpper(sum("bytes")), "bytes", ""},
		"Short":   {"a file that ends early is no file", strings.NewReader("byte"), 5, "", "", "The file has 4 bytes, and size says 5."},
		"Long":    {"nor one that goes on: its last bytes are kept back", strings.NewReader("bytes and more"), 5, "", "", "The file has more than the 5 bytes that size says."},
		"Forged":  {"nor one with another sum", strings.NewReader("bites"), 5, sum("bytes"), "", "The file's SHA-512 is " + sum("bites") + ", and the image's checksum is " + sum("bytes") + "."},
		"Dead":    {"what the network says is kept", io.MultiReader(strings.NewReader("by"), iotest.ErrReader(dead)), 5, "", "", "the upload broke off after 2 of 5 bytes: the line went dead"},
		"DeadEnd": {"a file whose end is not seen is no file", io.MultiReader(strings.NewReader("bytes"), iotest.ErrReader(dead)), 5, "", "", "the upload broke off after 5 of 5 bytes: the line went dead"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			file := newExact(bufio.NewReaderSize(tc.from, 16), tc.size, tc.checksum)
			got, err := io.ReadAll(file)
			says := ""
			if err != nil {
				says = err.Error()
			}
			if diff := cmp.Diff(tc.err, says); diff != "" {
				t.Errorf("%s: error: -want +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.got, string(got)); tc.err == "" && diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
			if err != nil && int64(len(got)) >= tc.size {
				t.Errorf("%s: a wrong file must never be given out as a whole: %q", tc.reason, got)
			}
			if (file.problem() != nil) != (tc.err != "") {
				t.Errorf("%s: the problem is kept: %v", tc.reason, file.problem())
			}
		})
	}
}
