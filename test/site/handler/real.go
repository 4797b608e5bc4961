package handler

import (
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/types"
)

// realFile in a machine's folder says that it runs in QEMU. Without it, a process
// that finds no QEMU any more would take the machine for a state, and show a
// guest as Running that is lost.
const realFile = "real"

// remember writes down that a machine runs in QEMU.
func (h *handler) remember(vmi types.UID) {
	if err := os.WriteFile(filepath.Join(h.site.GuestDir(vmi), realFile), nil, 0o600); err != nil {
		h.site.Log.Warn("guest folder", "error", err)
	}
}

// remembers says whether a machine ran in QEMU when this process, or one before,
// looked last.
func (h *handler) remembers(vmi types.UID) bool {
	_, err := os.Stat(filepath.Join(h.site.GuestDir(vmi), realFile))
	return err == nil
}
