package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	firstPause = 200 * time.Millisecond // before the first restart
	longPause  = 10 * time.Second       // before any later one
	longLife   = 30 * time.Second       // a life this long forgives earlier exits
	probeEvery = 100 * time.Millisecond // while a program starts
	longWait   = 30 * time.Second       // without an answer is worth a word
	patience   = 6                      // see Spec.Patience
	stopGrace  = 10 * time.Second       // between SIGTERM and SIGKILL
)

// child is one program under supervision: a loop of start, wait, pause.
type child struct {
	spec     Spec
	launcher *launcher
	changed  func(Status)

	stop  chan struct{} // closed to end the program
	ended chan struct{} // closed when it has ended for good
	ready chan struct{} // closed at its first answer
	fatal chan error    // gets why it can never start

	lock     sync.Mutex
	status   Status
	stopping bool
}

func newChild(spec Spec, l *launcher, changed func(Status)) *child {
	if spec.Patience == 0 {
		spec.Patience = patience
	}
	if spec.LongWait == 0 {
		spec.LongWait = longWait
	}
	if spec.Grace == 0 {
		spec.Grace = stopGrace
	}
	return &child{
		spec: spec, launcher: l, changed: changed,
		stop: make(chan struct{}), ended: make(chan struct{}),
		ready: make(chan struct{}), fatal: make(chan error, 1),
		status: Status{Name: spec.Name, State: Starting, Since: time.Now(), Log: spec.Log},
	}
}

// run keeps the program running until end is called.
func (c *child) run() {
	defer close(c.ended)
	pause := firstPause
	for exits := 1; ; exits++ {
		began := time.Now()
		err := c.live()
		if c.asked() {
			c.set(func(s *Status) { s.State, s.PID = Stopped, 0 })
			return
		}
		if exits >= c.spec.Patience || !startable(err) {
			c.giveUp(err)
		}
		if time.Since(began) > longLife {
			pause = firstPause
		}
		c.set(func(s *Status) {
			s.State, s.PID, s.LastExit = BackOff, 0, err.Error()
			s.Restarts++
		})
		select {
		case <-c.stop:
			c.set(func(s *Status) { s.State = Stopped })
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

// live is one life of the program; the error says how it ended.
func (c *child) live() error {
	output, err := openLog(c.spec)
	if err != nil {
		return err
	}
	defer output.Close()
	cmd, err := c.launcher.start(c.spec, output)
	if err != nil {
		return fmt.Errorf("start %s: %w", c.spec.Name, err)
	}
	c.set(func(s *Status) { s.State, s.PID, s.Since = Starting, cmd.Process.Pid, time.Now() })

	alive, dead := context.WithCancel(context.Background())
	defer dead()
	go c.watch(alive, cmd.Process.Pid)
	exit := make(chan error, 1)
	go func() { exit <- cmd.Wait() }()
	select {
	case err = <-exit:
	case <-c.stop:
		err = c.kill(cmd, exit)
	}
	if err == nil {
		return errors.New("exited with status 0")
	}
	return err
}

// watch probes the program until it answers or dies, and tells now and then that it still does neither.
func (c *child) watch(alive context.Context, pid int) {
	told := time.Now()
	for c.spec.Ready != nil {
		ctx, cancel := context.WithTimeout(alive, 5*time.Second)
		err := c.spec.Ready(ctx)
		cancel()
		if err == nil {
			break
		}
		if alive.Err() == nil && time.Since(told) > c.spec.LongWait {
			told = time.Now()
			c.set(func(s *Status) { s.Waiting = err.Error() })
		}
		select {
		case <-alive.Done():
			return
		case <-time.After(probeEvery):
		}
	}
	c.set(func(s *Status) {
		s.Waiting = ""
		if s.PID == pid { // it may have died since it answered
			s.State = Running
		}
	})
	c.lock.Lock()
	defer c.lock.Unlock()
	select {
	case <-c.ready:
	default:
		close(c.ready)
	}
}

// kill asks the program to end and, after its grace, makes it and its group.
func (c *child) kill(cmd *exec.Cmd, exit <-chan error) error {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-exit:
		return err
	case <-time.After(c.spec.Grace):
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	return <-exit
}

// end stops the program for good and waits for it.
func (c *child) end() {
	c.lock.Lock()
	if !c.stopping {
		c.stopping = true
		close(c.stop)
	}
	c.lock.Unlock()
	<-c.ended
}

func (c *child) asked() bool {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.stopping
}

func (c *child) giveUp(err error) {
	select {
	case c.fatal <- err:
	default:
	}
}

func (c *child) set(change func(*Status)) {
	c.lock.Lock()
	change(&c.status)
	now := c.status
	c.lock.Unlock()
	c.changed(now)
}

func (c *child) now() Status {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.status
}

// startable says whether another try may start the program: a missing or
// forbidden file stays so.
func startable(err error) bool {
	return !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrPermission)
}
