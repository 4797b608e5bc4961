package handler

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestBoundLog(t *testing.T) {
	for reason, test := range map[string]struct{ before, after int64 }{
		"a short log stays":                  {longestLog, longestLog},
		"of a long one the end is kept":      {longestLog + 1, shortestLog},
		"a machine may have printed nothing": {0, 0},
	} {
		path := filepath.Join(t.TempDir(), serialFile)
		content := make([]byte, test.before)
		copy(content[max(0, test.before-3):], "end")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := boundLog(path); err != nil {
			t.Fatalf("%s: %v", reason, err)
		}
		got, err := os.ReadFile(path)
		if err != nil || int64(len(got)) != test.after || test.after > 0 && !bytes.HasSuffix(got, []byte("end")) {
			t.Errorf("%s: %d bytes, %v; want %d", reason, len(got), err, test.after)
		}
	}
	if err := boundLog(filepath.Join(t.TempDir(), "none")); err != nil {
		t.Errorf("no log: %v", err)
	}
}

func TestDropLogs(t *testing.T) {
	root := t.TempDir()
	write := func(machine, file string, age time.Duration) {
		path := filepath.Join(root, machine, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for i := range keptLogs + 2 {
		write(fmt.Sprintf("gone-%d", i), serialFile, time.Duration(i)*time.Hour)
	}
	write("alive", serialFile, 1000*time.Hour)
	write("alive", realFile, 1000*time.Hour)
	if err := dropLogs(root); err != nil {
		t.Fatal(err)
	}
	for machine, want := range map[string]bool{
		"alive": true, "gone-0": true, fmt.Sprintf("gone-%d", keptLogs-1): true,
		fmt.Sprintf("gone-%d", keptLogs): false, fmt.Sprintf("gone-%d", keptLogs+1): false,
	} {
		if _, err := os.Stat(filepath.Join(root, machine)); (err == nil) != want {
			t.Errorf("%s is kept: %v, want %v", machine, err == nil, want)
		}
	}
}
