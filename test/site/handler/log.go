package handler

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// serialFile is what a guest printed; it stays when the machine is gone.
	serialFile = "serial.log"
	// longestLog is when the beginning of a log is dropped, and shortestLog is how
	// much of its end is kept then.
	longestLog  = 16 << 20
	shortestLog = 1 << 20
	// keptLogs is how many machines that are gone have their logs kept.
	keptLogs = 50
)

func (h *handler) serialLog(vmi types.UID) string {
	return filepath.Join(h.site.GuestDir(vmi), serialFile)
}

// boundLog shortens a log that has grown too long. QEMU only ever adds to the end
// of the file, wherever that is.
func boundLog(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= longestLog {
		return err
	}
	end := make([]byte, shortestLog)
	if _, err := f.ReadAt(end, info.Size()-shortestLog); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.Write(end)
	return err
}

// dropLogs removes the oldest logs of machines that are gone: folders in which
// nothing else is.
func dropLogs(root string) error {
	machines, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	var logs []fs.FileInfo
	folders := map[fs.FileInfo]string{}
	for _, machine := range machines {
		folder := filepath.Join(root, machine.Name())
		files, err := os.ReadDir(folder)
		if err != nil || len(files) != 1 || files[0].Name() != serialFile {
			continue
		}
		info, err := files[0].Info()
		if err != nil {
			continue // it has just gone
		}
		logs = append(logs, info)
		folders[info] = folder
	}
	slices.SortFunc(logs, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, old := range logs[min(keptLogs, len(logs)):] {
		err = errors.Join(err, os.RemoveAll(folders[old]))
	}
	return err
}
