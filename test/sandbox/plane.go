package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
	"crofthci.io/croft/test/sandbox/process"
)

// plane is one cluster of the sandbox while it starts: hub and site are made of
// it.
type plane struct {
	*controlplane.Cluster
	deploy     *deploy.Cluster
	supervisor *process.Supervisor
	progress   *progress
}

func (s *sandbox) plane(name string) (plane, error) {
	cluster, err := controlplane.NewCluster(name, filepath.Join(s.Dir, name), s.state.Ports[name])
	if err != nil {
		return plane{}, err
	}
	config, err := cluster.Config()
	if err != nil {
		return plane{}, fmt.Errorf("%s: %w", name, err)
	}
	target, err := deploy.To(config)
	if err != nil {
		return plane{}, fmt.Errorf("%s: %w", name, err)
	}
	return plane{cluster, target, s.supervisor, s.progress}, nil
}

// kubernetes starts the store and the API server.
func (p plane) kubernetes(ctx context.Context) error {
	if err := p.start(ctx)(p.Etcd(), nil); err != nil {
		return err
	}
	if err := p.start(ctx)(p.APIServer()); err != nil {
		return err
	}
	p.say("Kubernetes API answers")
	return nil
}

// start runs a program and returns when it answers. It takes what the methods of
// controlplane.Cluster return.
func (p plane) start(ctx context.Context) func(process.Spec, error) error {
	return func(spec process.Spec, err error) error {
		if err != nil {
			return err
		}
		return p.supervisor.Start(ctx, spec)
	}
}

// all runs steps side by side and returns the first error.
func all(ctx context.Context, steps ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, step := range steps {
		group.Go(func() error { return step(ctx) })
	}
	return group.Wait()
}

// install runs installers unless the cluster remembers that the same ones ran.
func (p plane) install(ctx context.Context, what, version string, specs ...process.Spec) error {
	return p.once(ctx, what, version, func(ctx context.Context) error {
		for _, spec := range specs {
			if err := p.supervisor.Once(ctx, spec); err != nil {
				return err
			}
		}
		return nil
	})
}

// memory is the ConfigMap in kube-system that remembers what is installed.
const memory = "croft-sandbox"

// once does something to the cluster unless it was done in the same version.
func (p plane) once(ctx context.Context, what, version string, do func(context.Context) error) error {
	maps := p.deploy.Core.CoreV1().ConfigMaps(metav1.NamespaceSystem)
	known, err := maps.Get(ctx, memory, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("%s: what is installed: %w", p.Name, err)
	}
	if err == nil && known.Data[what] == version {
		p.say("%s is installed", what)
		return nil
	}
	if err := do(ctx); err != nil {
		return fmt.Errorf("%s: install %s: %w", p.Name, what, err)
	}
	// One field manager per fact, so that none undoes another's.
	apply := applycorev1.ConfigMap(memory, metav1.NamespaceSystem).WithData(map[string]string{what: version})
	if _, err := maps.Apply(ctx, apply, metav1.ApplyOptions{FieldManager: "croft-sandbox-" + what, Force: true}); err != nil {
		return fmt.Errorf("%s: remember %s: %w", p.Name, what, err)
	}
	p.say("%s installed", what)
	return nil
}

func (p plane) say(format string, values ...any) { p.progress.say(p.Name, format, values...) }

// fingerprint changes with the programs and facts an installation depends on. A
// program is known by size and time: reading hundreds of megabytes would cost
// more than the installation.
func fingerprint(programs []string, facts ...any) (string, error) {
	hash := sha256.New()
	for _, program := range programs {
		info, err := os.Stat(program)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(hash, filepath.Base(program), info.Size(), info.ModTime().UnixNano())
	}
	if err := json.NewEncoder(hash).Encode(facts); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:12]), nil
}
