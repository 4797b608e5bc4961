package process

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	keepLog = 32 << 20 // bytes of a log before it is moved aside at a start
	tailLog = 2 << 10  // bytes of a log that an error shows
)

// openLog appends to the log of s; without one the output is dropped.
func openLog(s Spec) (*os.File, error) {
	if s.Log == "" {
		return os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	}
	if err := os.MkdirAll(filepath.Dir(s.Log), 0o755); err != nil {
		return nil, fmt.Errorf("log of %s: %w", s.Name, err)
	}
	if info, err := os.Stat(s.Log); err == nil && info.Size() > keepLog {
		if err := os.Rename(s.Log, s.Log+".1"); err != nil {
			return nil, fmt.Errorf("log of %s: %w", s.Name, err)
		}
	}
	file, err := os.OpenFile(s.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", s.Name, err)
	}
	return file, nil
}

// tail returns the last lines of a log since it had the given length, for the
// error of a failed start.
func tail(path string, from int64) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	if end, err := file.Seek(0, io.SeekEnd); err == nil {
		_, _ = file.Seek(max(min(from, end), end-tailLog), io.SeekStart)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(text))
}

// length is how long a log is; one that does not exist is empty.
func length(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
