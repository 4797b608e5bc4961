package bench

import (
	"errors"
	"os"
	"path/filepath"
	"runtime/pprof"
	"testing"
)

// profile writes down what a hub does while it fills, and what it then holds, into the folder CROFT_BENCH_PROFILE, if there
// is one. It begins with the first; the second is called when the hub is full.
func profile(b testing.TB) (full func()) {
	b.Helper()
	folder := os.Getenv("CROFT_BENCH_PROFILE")
	if folder == "" {
		return func() {}
	}
	work, err := os.Create(filepath.Join(folder, "fill.cpu"))
	if err != nil {
		b.Fatal(err)
	}
	if err := pprof.StartCPUProfile(work); err != nil {
		b.Fatal(err)
	}
	return func() {
		pprof.StopCPUProfile()
		memory(b)
		held, err := os.Create(filepath.Join(folder, "fill.heap"))
		if err == nil {
			err = pprof.WriteHeapProfile(held)
		}
		if err := errors.Join(err, work.Close(), held.Close()); err != nil {
			b.Fatal(err)
		}
	}
}
