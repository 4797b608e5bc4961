package handler

import (
	"os"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/test/site/guest/launch"
)

// stamp remembers when something first happened to a machine.
type stamp struct {
	vmi  types.UID
	what string
}

// since is how long ago something first happened to a machine: the first
// caller gets 0.
func (h *handler) since(vmi types.UID, what string) time.Duration {
	first, _ := h.stamps.LoadOrStore(stamp{vmi, what}, time.Now())
	return time.Since(first.(time.Time)) //nolint:forcetypeassert // only times are stored
}

// once is true for the first caller only.
func (h *handler) once(vmi types.UID, what string) bool {
	_, before := h.stamps.LoadOrStore(stamp{vmi, what}, time.Now())
	return !before
}

// forgetAll drops every stamp of a machine, and what its guest was told.
func (h *handler) forgetAll(vmi types.UID) {
	h.admitted.Delete(vmi)
	h.stamps.Range(func(key, _ any) bool {
		if s, ok := key.(stamp); ok && s.vmi == vmi {
			h.stamps.Delete(key)
		}
		return true
	})
}

// launcherEnv makes machines end with the sandbox's supervisor. Without one,
// they end with this process.
func launcherEnv() []string {
	if os.Getenv(launch.SupervisorEnv) != "" {
		return nil
	}
	return []string{launch.SupervisorEnv + "=" + strconv.Itoa(os.Getpid())}
}
