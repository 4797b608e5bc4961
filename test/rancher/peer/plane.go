package peer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
	"crofthci.io/croft/test/sandbox/process"
)

// plane is one cluster, a hub's or a site's, and how manifests get into it.
type plane struct {
	*controlplane.Cluster
	deploy     *deploy.Cluster
	supervisor *process.Supervisor
	root       string // of the tree: bin and charts
}

func newPlane(root, name, dir string, ports controlplane.Ports, supervisor *process.Supervisor) (*plane, error) {
	cluster, err := controlplane.NewCluster(name, dir, ports)
	if err != nil {
		return nil, err
	}
	config, err := cluster.Config()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	target, err := deploy.To(config)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &plane{cluster, target, supervisor, root}, nil
}

// kubernetes starts what a hub needs of Kubernetes.
func (p *plane) kubernetes(ctx context.Context) error {
	server, err := p.APIServer()
	if err != nil {
		return err
	}
	manager, err := p.ControllerManager(controlplane.HubControllers...)
	if err != nil {
		return err
	}
	for _, spec := range []process.Spec{p.Etcd(), server, manager} {
		spec.Grace = time.Second // its data goes with the test
		if err := p.supervisor.Start(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}

// chart puts one of Croft's charts into the cluster and runs its Deployments,
// with more objects that it wants to find.
func (p *plane) chart(ctx context.Context, name, namespace string, values map[string]any, more ...*unstructured.Unstructured) error {
	release := deploy.Release{Chart: filepath.Join(p.root, "charts", name), Name: name, Namespace: namespace, Values: values}
	manifest, err := deploy.Chart(release, p.deploy.Config)
	if err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	manifest.Objects = append(append([]*unstructured.Unstructured{deploy.Namespace(namespace)}, more...), manifest.Objects...)
	return p.manifest(ctx, manifest, namespace, placing{})
}

// manifest puts objects into the cluster and runs Deployments where place says.
func (p *plane) manifest(ctx context.Context, m deploy.Manifest, namespace string, place placing) error {
	if err := p.deploy.Apply(ctx, m, namespace); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	for i := range m.Deployments {
		if err := p.run(ctx, &m.Deployments[i], place); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
	}
	return nil
}

// placing says where else a Deployment's process runs than on this machine as it
// is.
type placing struct {
	// command is that of a container that leaves it to its image.
	command []string
	// process changes the process before it starts; nil leaves it.
	process func(spec *process.Spec) error
}

// run starts the process of a Deployment with the rights of its service account.
func (p *plane) run(ctx context.Context, d *appsv1.Deployment, place placing) error {
	account := deploy.ServiceAccount(d)
	base := filepath.Join(p.PKI.Dir, account.Namespace+"."+account.Name)
	if _, err := p.deploy.Token(ctx, account, base+".token"); err != nil {
		return err
	}
	if err := p.WriteKubeconfig(base+".kubeconfig", &clientcmdapi.AuthInfo{TokenFile: base + ".token"}); err != nil {
		return err
	}
	data := filepath.Join(p.Dir, "data", d.Name)
	if err := os.MkdirAll(data, 0o755); err != nil {
		return err
	}
	if container := &d.Spec.Template.Spec.Containers[0]; len(container.Command) == 0 {
		container.Command = place.command
	}
	spec, err := p.deploy.Program(ctx, d, deploy.Place{
		Cluster: p.Name, Bin: filepath.Join(p.root, "bin"), Data: data, Kubeconfig: base + ".kubeconfig",
		Log: filepath.Join(p.Dir, "log", d.Name+".log"), Stage: controlplane.StageCroft,
	})
	if err != nil {
		return err
	}
	if place.process != nil {
		if err := place.process(&spec); err != nil {
			return fmt.Errorf("place of %s: %w", spec.Name, err)
		}
	}
	return p.supervisor.Start(ctx, spec)
}

// all runs steps side by side and returns the first error.
func all(ctx context.Context, steps ...func(context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, step := range steps {
		group.Go(func() error { return step(ctx) })
	}
	return group.Wait()
}

// until repeats a step until it succeeds or ctx ends; the error is the step's
// last.
func until(ctx context.Context, what string, try func() error) error {
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, err)
		case <-time.After(300 * time.Millisecond):
		}
	}
}
