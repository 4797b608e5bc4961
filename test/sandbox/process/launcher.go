package process

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// launcher forks every child from one OS thread that lives as long as the
// supervisor. The kernel sends Pdeathsig when the forking *thread* ends, not the
// process, and Go ends a thread whenever a goroutine returns while locked to it:
// https://go.dev/issue/27505.
type launcher struct {
	work chan func()
}

func newLauncher() *launcher {
	l := &launcher{work: make(chan func())}
	go l.run()
	return l
}

func (l *launcher) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread() // the thread goes back to Go's pool, alive
	for start := range l.work {
		start()
	}
}

// start begins the program of s, its output going to output.
func (l *launcher) start(s Spec, output *os.File) (*exec.Cmd, error) {
	cmd := exec.Command(s.Path, s.Args...)
	cmd.Dir = s.Dir
	cmd.Env = append(os.Environ(), s.Env...)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Pdeathsig: syscall.SIGKILL,
		// An own group, so that Ctrl-C in a terminal reaches the supervisor
		// alone, which then stops its children in order.
		Setpgid: true,
	}
	result := make(chan error, 1)
	l.work <- func() { result <- cmd.Start() }
	return cmd, <-result
}

// stop lets the thread go. No child of it may run any more.
func (l *launcher) stop() { close(l.work) }
