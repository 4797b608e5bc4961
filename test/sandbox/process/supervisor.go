package process

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Supervisor runs programs until it is stopped.
type Supervisor struct {
	launcher *launcher
	changed  func(Status)

	lock     sync.Mutex
	children []*child // in the order of their start
	stopped  bool
	running  sync.WaitGroup
}

// New makes a supervisor without programs. changed is called with every new
// status of a program and may be nil.
func New(changed func(Status)) *Supervisor {
	if changed == nil {
		changed = func(Status) {}
	}
	return &Supervisor{launcher: newLauncher(), changed: changed}
}

// Start runs spec and returns when it answers. A program that cannot start, or
// that exits again and again before its first answer, is an error that shows the
// end of its log; it is then not supervised any more.
func (s *Supervisor) Start(ctx context.Context, spec Spec) error {
	c, err := s.add(spec)
	if err != nil {
		return err
	}
	written := length(spec.Log)
	s.running.Go(c.run)
	select {
	case <-c.ready:
		return nil
	case err = <-c.fatal:
	case <-ctx.Done():
		err = fmt.Errorf("no answer yet: %w", context.Cause(ctx))
	}
	s.Remove(spec.Name)
	if text := tail(spec.Log, written); text != "" {
		return fmt.Errorf("%s does not start: %w\nthe end of %s:\n%s", spec.Name, err, spec.Log, text)
	}
	return fmt.Errorf("%s does not start: %w", spec.Name, err)
}

func (s *Supervisor) add(spec Spec) (*child, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.stopped {
		return nil, fmt.Errorf("%s: the supervisor has stopped", spec.Name)
	}
	if slices.ContainsFunc(s.children, named(spec.Name)) {
		return nil, fmt.Errorf("%s runs already", spec.Name)
	}
	c := newChild(spec, s.launcher, s.changed)
	s.children = append(s.children, c)
	return c, nil
}

// Remove stops one program and forgets it.
func (s *Supervisor) Remove(name string) {
	s.lock.Lock()
	at := slices.IndexFunc(s.children, named(name))
	if at < 0 {
		s.lock.Unlock()
		return
	}
	c := s.children[at]
	s.children = slices.Delete(s.children, at, at+1)
	s.lock.Unlock()
	c.end()
}

// Stop ends every program, the highest stage first, and returns when all are
// gone. No program starts afterwards.
func (s *Supervisor) Stop() {
	s.lock.Lock()
	if s.stopped {
		s.lock.Unlock()
		return
	}
	s.stopped = true
	stages := map[int][]*child{}
	for _, c := range s.children {
		stages[c.spec.Stage] = append(stages[c.spec.Stage], c)
	}
	s.lock.Unlock()

	order := make([]int, 0, len(stages))
	for stage := range stages {
		order = append(order, stage)
	}
	slices.Sort(order)
	for _, stage := range slices.Backward(order) {
		endAll(stages[stage])
	}
	s.running.Wait() // also those that Remove is ending
	s.launcher.stop()
}

func endAll(children []*child) {
	var group sync.WaitGroup
	for _, c := range children {
		group.Go(c.end)
	}
	group.Wait()
}

// Status returns the programs in the order of their start.
func (s *Supervisor) Status() []Status {
	s.lock.Lock()
	defer s.lock.Unlock()
	all := make([]Status, 0, len(s.children))
	for _, c := range s.children {
		all = append(all, c.now())
	}
	return all
}

func named(name string) func(*child) bool {
	return func(c *child) bool { return c.spec.Name == name }
}
