package controlplane

import (
	"context"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/test/sandbox/process"
)

// startTimeout is how long a test waits for its API server; a quiet machine
// needs about three seconds.
const startTimeout = 3 * time.Minute

// Option adds to the control plane of a test.
type Option func(*testPlane)

type testPlane struct {
	controllers []string
	withManager bool
	programs    *Programs
}

// WithControllerManager also runs the kube-controller-manager, with the named
// controllers or all of them.
func WithControllerManager(controllers ...string) Option {
	return func(p *testPlane) {
		p.withManager = true
		p.controllers = controllers
	}
}

// WithPrograms has a test kill, stop and start the programs of its control plane.
func WithPrograms(programs *Programs) Option {
	return func(p *testPlane) { p.programs = programs }
}

// ForTest runs a real API server for one test, on free loopback ports and empty
// data, and returns the administrator's access to it. It ends with the test.
// The test fails when the server's program is not built.
func ForTest(t testing.TB, options ...Option) *rest.Config {
	t.Helper()
	config, stop, err := ForPackage(t.TempDir(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return config
}

// ForPackage is ForTest for a TestMain, which has no testing.TB: one API server
// for all tests of a package. dir must be empty; stop ends the server.
func ForPackage(dir string, options ...Option) (config *rest.Config, stop func(), err error) {
	if _, err := Binary("kubernetes"); err != nil {
		return nil, nil, err
	}
	plane := &testPlane{}
	for _, option := range options {
		option(plane)
	}
	ports, release, err := Reserve(Listeners[:4]...)
	if err != nil {
		return nil, nil, err
	}
	supervisor := process.New(nil)
	stop = func() {
		supervisor.Stop()
		release()
	}
	if config, err = plane.raise(dir, ports, supervisor); err != nil {
		stop()
		return nil, nil, err
	}
	return config, stop, nil
}

func (p *testPlane) raise(dir string, ports Ports, supervisor *process.Supervisor) (*rest.Config, error) {
	cluster, err := NewCluster("test", dir, ports)
	if err != nil {
		return nil, err
	}
	if err := p.start(cluster, supervisor); err != nil {
		return nil, err
	}
	return cluster.Config()
}

func (p *testPlane) start(c *Cluster, supervisor *process.Supervisor) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	server, err := c.APIServer()
	if err != nil {
		return err
	}
	specs := []process.Spec{c.Etcd(), server}
	if p.withManager {
		manager, err := c.ControllerManager(p.controllers...)
		if err != nil {
			return err
		}
		specs = append(specs, manager)
	}
	for i := range specs {
		specs[i].Grace = time.Second // its data goes with the test
		if err := supervisor.Start(ctx, specs[i]); err != nil {
			return err
		}
	}
	if p.programs != nil {
		*p.programs = Programs{supervisor: supervisor, specs: specs}
	}
	return nil
}
