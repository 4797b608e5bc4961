package controlplane

import (
	"context"
	"fmt"
	"strings"
	"syscall"

	"crofthci.io/croft/test/sandbox/process"
)

// APIServer is the name of the API server among Programs.
const APIServer = "kube-apiserver"

// Programs are what a control plane of a test runs. See WithPrograms.
type Programs struct {
	supervisor *process.Supervisor
	specs      []process.Spec
}

// Kill kills a program, as kill -9 does. It is started again at once.
func (p *Programs) Kill(name string) error {
	for _, status := range p.supervisor.Status() {
		if strings.HasSuffix(status.Name, "/"+name) && status.PID > 0 {
			return syscall.Kill(status.PID, syscall.SIGKILL)
		}
	}
	return fmt.Errorf("no %s runs", name)
}

// Stop ends a program until Start.
func (p *Programs) Stop(name string) error {
	spec, err := p.spec(name)
	if err != nil {
		return err
	}
	p.supervisor.Remove(spec.Name)
	return nil
}

// Start starts a program that was stopped, with the data that it had, and returns when it answers.
func (p *Programs) Start(ctx context.Context, name string) error {
	spec, err := p.spec(name)
	if err != nil {
		return err
	}
	return p.supervisor.Start(ctx, spec)
}

func (p *Programs) spec(name string) (process.Spec, error) {
	for _, spec := range p.specs {
		if strings.HasSuffix(spec.Name, "/"+name) {
			return spec, nil
		}
	}
	return process.Spec{}, fmt.Errorf("there is no %s", name)
}
