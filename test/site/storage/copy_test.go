package storage_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"crofthci.io/croft/test/site/storage"
)

func TestCopy(t *testing.T) {
	cases := map[string]struct {
		reason   string
		from, to []byte
		want     []byte
	}{
		"Same":    {"the bytes are the source's", []byte("new bytes"), []byte("old bytes"), []byte("new bytes")},
		"Larger":  {"a larger volume stays so, and its rest is empty", []byte("new"), []byte("old bytes"), []byte("new\x00\x00\x00\x00\x00\x00")},
		"Smaller": {"a file that was never written to is as large as it must be", []byte("new bytes"), nil, []byte("new bytes")},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
			for file, content := range map[string][]byte{from: tc.from, to: tc.to} {
				if err := os.WriteFile(file, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			open, err := os.Open(to)
			if err != nil {
				t.Fatal(err)
			}
			defer open.Close()
			if err := storage.Copy(t.Context(), to, from); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(tc.want)+1)
			n, _ := open.ReadAt(got, 0)
			if !bytes.Equal(got[:n], tc.want) {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got[:n])
			}
		})
	}
}
