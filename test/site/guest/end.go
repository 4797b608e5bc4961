package guest

import (
	"syscall"
	"time"
)

// Kill ends QEMU by force and waits for it.
func (g *Guest) Kill() {
	kill(g.dir)
	<-g.done
}

// End ends the machine of a folder by force, whoever started it, and waits for
// it. It needs no answer from QEMU.
func End(dir string) {
	if kill(dir) {
		settle(dir)
	}
}

func kill(dir string) bool {
	pid, alive := running(dir)
	if alive {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself
	}
	return alive
}

// settle waits until no QEMU runs in a folder, and for the launcher's word on how
// it ended. The launcher writes right after it has seen the end; one that was
// killed too writes nothing.
func settle(dir string) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		if _, alive := running(dir); !alive {
			break
		}
		<-tick.C
	}
	for range 40 {
		if _, ok := readExit(dir); ok {
			return
		}
		<-tick.C
	}
}
