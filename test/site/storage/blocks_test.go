package storage

import (
	"os"
	"syscall"
	"testing"
)

// blocks is how much a file really takes.
func blocks(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Fatal("no stat of a file")
	}
	return stat.Blocks * 512
}
