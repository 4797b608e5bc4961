package qcow2_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/iotest"

	"crofthci.io/croft/backend/image/qcow2"
)

// TestQEMUReads holds that QEMU's own tool finds nothing wrong with a file and reads the disk that was written.
func TestQEMUReads(t *testing.T) {
	const cluster, table = 64 << 10, 512 << 20
	cases := map[string]struct {
		reason string
		size   int64
		full   map[int64]int // where bytes are, and how many
		most   int64
	}{
		"Empty":  {"a disk of nothing is a file of next to nothing", 10 << 20, nil, 6 * cluster},
		"Full":   {"a disk without a hole", 3 * cluster, map[int64]int{0: 3 * cluster}, 9 * cluster},
		"Odd":    {"a disk whose last cluster is not whole", 2*cluster + 512, map[int64]int{2 * cluster: 512}, 7 * cluster},
		"Holes":  {"what is empty is left out", 64 << 20, map[int64]int{cluster + 7: 1, 40 << 20: 5 * cluster}, 16 * cluster},
		"Tables": {"a disk that needs several tables, and leaves one out", 2*table + cluster, map[int64]int{5: 1, 2*table + 100: 9}, 10 * cluster},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			disk := sparse(t, filepath.Join(dir, "disk.raw"), tc.size, tc.full)
			plan, err := qcow2.Survey(disk, tc.size)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := disk.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			file, err := io.ReadAll(plan.Reader(disk))
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(file)) != plan.Size() || plan.Size() > tc.most {
				t.Errorf("%s: the file has %d bytes, was said to have %d, and should have %d at most", tc.reason, len(file), plan.Size(), tc.most)
			}
			at := filepath.Join(dir, "disk.qcow2")
			if err := os.WriteFile(at, file, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, arguments := range [][]string{{"check", "-f", "qcow2", at}, {"compare", "-f", "qcow2", "-F", "raw", at, disk.Name()}} {
				if out, err := exec.CommandContext(t.Context(), "qemu-img", arguments...).CombinedOutput(); err != nil {
					t.Fatalf("%s: qemu-img %v: %v\n%s", tc.reason, arguments, err, out)
				}
			}
		})
	}
}

// sparse is a disk that holds something at some places only.
func sparse(t *testing.T, name string, size int64, full map[int64]int) *os.File {
	t.Helper()
	disk, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = disk.Close() })
	if err := disk.Truncate(size); err != nil {
		t.Fatal(err)
	}
	for at, length := range full {
		bytes := make([]byte, length)
		for i := range bytes {
			bytes[i] = byte(1 + rand.IntN(255))
		}
		if _, err := disk.WriteAt(bytes, at); err != nil {
			t.Fatal(err)
		}
	}
	return disk
}

// TestBroken holds that a disk which breaks off is never a whole file.
func TestBroken(t *testing.T) {
	dead := errors.New("the line went dead")
	if _, err := qcow2.Survey(iotest.ErrReader(dead), 1<<20); !errors.Is(err, dead) {
		t.Errorf("a disk that cannot be read is said: %v", err)
	}
	if _, err := qcow2.Survey(bytes.NewReader(nil), 0); err == nil {
		t.Error("a disk without a size is refused")
	}
	disk := bytes.Repeat([]byte{1}, 1<<20)
	plan, err := qcow2.Survey(bytes.NewReader(disk), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	half := io.MultiReader(bytes.NewReader(disk[:1<<19]), iotest.ErrReader(dead))
	if _, err := io.ReadAll(plan.Reader(io.NopCloser(half))); !errors.Is(err, dead) {
		t.Errorf("a second reading that breaks off is said: %v", err)
	}
}
