package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
	"crofthci.io/croft/test/sandbox/state"
)

// sandbox is what a run works with.
type sandbox struct {
	*Run
	progress   *progress
	builds     builds
	supervisor *process.Supervisor
	ended      <-chan struct{} // closed when the sandbox shall end

	access access // to the hub; complete once the gate is open

	lock  sync.Mutex
	state state.State
	dirty chan struct{} // has an item when sandbox.json is behind
}

// Run brings everything up and keeps it up until ctx ends.
func (r *Run) Run(ctx context.Context) error {
	isolate()
	if err := r.preflight(); err != nil {
		return err
	}
	lock, err := state.Hold(r.Dir)
	if err != nil {
		return err
	}
	defer lock.Release()
	s := &sandbox{Run: r, progress: newProgress(os.Stdout), ended: ctx.Done(), dirty: make(chan struct{}, 1)}
	if err := s.plan(lock); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // a build that goes on is of no use to anybody
	s.builds = s.made(ctx)
	s.supervisor = process.New(s.changed)
	ended := s.remember()
	defer ended()
	defer s.stop()

	if err := s.up(ctx); err != nil {
		return unless(ctx, err)
	}
	if len(r.Command) > 0 {
		return r.inside(ctx)
	}
	s.summary(os.Stdout)
	<-ctx.Done()
	return nil
}

// unless forgets errors that are only the end of ctx: who asked for it knows.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// plan takes the directory's ports and networks, those of an earlier run again.
func (s *sandbox) plan(lock *state.Lock) error {
	var err error
	if s.state, err = state.Open(s.Dir); err != nil {
		return err
	}
	seed := state.Seed(s.Dir)
	if s.state.Octet, err = lock.Octets(s.state.Octet, s.Sites, seed); err != nil {
		return err
	}
	for _, part := range s.parts() {
		if _, err := s.state.Choose(part.cluster, state.Block(s.state.Octet+part.network), seed, part.listeners...); err != nil {
			return err
		}
	}
	s.state.Supervisor, s.state.URL, s.state.Processes = os.Getpid(), "", nil
	return s.state.Write(s.Dir)
}

// part is a cluster and what listens for it on 127.0.0.1.
type part struct {
	cluster string
	// network counts from 1; the ports are taken from its block. The hub has no network of its own and shares the first
	// site's block.
	network   int
	listeners []string
}

func (s *sandbox) parts() []part {
	parts := []part{{"sandbox", 1, []string{"guests"}}}
	if s.has("hub") {
		parts = append(parts, part{"hub", 1, []string{"etcd", "etcd-peer", "kube-apiserver", "kube-controller-manager", "croft-fleet"}})
	}
	for i, name := range s.sites() {
		parts = append(parts, part{name, i + 1, append(slices.Clone(controlplane.Listeners), backendListeners...)})
	}
	return parts
}

func (s *sandbox) has(part string) bool { return slices.Contains(s.Only, part) }

// sites are the names of the sites.
func (s *sandbox) sites() []string {
	if !s.has("sites") {
		return nil
	}
	var names []string
	for i := range s.Sites {
		names = append(names, fmt.Sprintf("site-%d", i+1))
	}
	return names
}

// up starts the hub and the sites side by side; a site joins when both are up.
// The hub's API server goes first: started together on few cores, all would be
// late, and the page is what a person waits for.
func (s *sandbox) up(ctx context.Context) error {
	if err := serveGuests(ctx, s.guests(), s.state.Ports["sandbox"]["guests"]); err != nil {
		return err
	}
	var steps []func(context.Context) error
	ready := &gate{begun: make(chan struct{}), open: make(chan struct{})}
	if !s.has("hub") {
		close(ready.begun)
		close(ready.open)
	}
	if s.has("hub") {
		steps = append(steps, func(ctx context.Context) error { return s.hub(ctx, ready) })
	}
	for i, name := range s.sites() {
		steps = append(steps, func(ctx context.Context) error { return s.site(ctx, name, i+1, ready) })
	}
	if err := all(ctx, steps...); err != nil {
		return err
	}
	return s.builds.need(ctx, "guests")
}

// gate lets the sites wait for the hub.
type gate struct {
	begun chan struct{} // closed when the hub's API server answers
	open  chan struct{} // closed when the hub is up
	hub   *api
}

// await waits until one of the gate's channels is closed.
func await(ctx context.Context, closed <-chan struct{}) error {
	select {
	case <-closed:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends all programs and says so.
func (s *sandbox) stop() {
	began := time.Now()
	s.progress.say("sandbox", "stopping %d programs", len(s.supervisor.Status()))
	s.supervisor.Stop()
	s.progress.say("sandbox", "stopped in %.1f s; its data stays in %s", time.Since(began).Seconds(), s.Dir)
}

// changed hears of every new status of a program.
func (s *sandbox) changed(now process.Status) {
	if now.State == process.BackOff && now.Restarts > 0 {
		s.progress.say("sandbox", "%s ended (%s); it is started again", now.Name, now.LastExit)
	}
	if now.State == process.Starting && now.Waiting != "" {
		s.progress.say("sandbox", "%s does not answer yet: %s; its log is %s", now.Name, now.Waiting, now.Log)
	}
	select {
	case s.dirty <- struct{}{}:
	default:
	}
}

// remember keeps sandbox.json up to date until the returned function is called,
// which writes the end.
func (s *sandbox) remember() func() {
	done, written := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(written)
		for {
			select {
			case <-s.dirty:
				s.write(os.Getpid())
			case <-done:
				s.write(0)
				return
			}
		}
	}()
	return func() {
		close(done)
		<-written
	}
}

func (s *sandbox) write(supervisor int) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.state.Supervisor = supervisor
	s.state.Processes = s.supervisor.Status()
	if err := s.state.Write(s.Dir); err != nil {
		s.progress.say("sandbox", "%v", err)
	}
}
