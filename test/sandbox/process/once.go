package process

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
)

// Once runs a program to its end, such as an installer. A status other than 0 is
// an error that shows the end of its log; the end of ctx kills it.
func (s *Supervisor) Once(ctx context.Context, spec Spec) error {
	s.lock.Lock()
	if s.stopped {
		s.lock.Unlock()
		return fmt.Errorf("%s: the supervisor has stopped", spec.Name)
	}
	s.running.Add(1)
	s.lock.Unlock()
	defer s.running.Done()

	written := length(spec.Log)
	output, err := openLog(spec)
	if err != nil {
		return err
	}
	defer output.Close()
	cmd, err := s.launcher.start(spec, output)
	if err != nil {
		return fmt.Errorf("start %s: %w", spec.Name, err)
	}
	if err := waitOrKill(ctx, cmd); err != nil {
		return fmt.Errorf("%s: %w\nthe end of %s:\n%s", spec.Name, err, spec.Log, tail(spec.Log, written))
	}
	return nil
}

func waitOrKill(ctx context.Context, cmd *exec.Cmd) error {
	exit := make(chan error, 1)
	go func() { exit <- cmd.Wait() }()
	select {
	case err := <-exit:
		return err
	case <-ctx.Done():
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-exit
		return context.Cause(ctx)
	}
}
