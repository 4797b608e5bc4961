package main

import (
	"context"
	"fmt"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
)

// site starts one site; index counts from 1. What depends on nothing else runs
// side by side, because a sandbox has few cores and many waits.
func (s *sandbox) site(ctx context.Context, name string, index int, hub *gate) error {
	p, err := s.plane(name)
	if err != nil {
		return err
	}
	if err := await(ctx, hub.begun); err != nil {
		return err
	}
	if err := s.builds.need(ctx, "kubernetes"); err != nil {
		return err
	}
	if err := p.kubernetes(ctx); err != nil {
		return err
	}
	if err := all(ctx, p.controllers, s.after("cdi", p.installCDI), s.after("kubevirt", p.installKubeVirt),
		func(ctx context.Context) error { return s.definitions(ctx, p) },
	); err != nil {
		return err
	}
	if err := all(ctx, p.cdi, p.kubevirt, p.snapshots,
		func(ctx context.Context) error { return p.start(ctx)(s.nodes(p, index)) },
		func(ctx context.Context) error {
			if err := s.backend(ctx, p, index); err != nil {
				return err
			}
			return s.join(ctx, p, hub)
		},
	); err != nil {
		return err
	}
	p.say("KubeVirt, CDI, %d nodes and Croft's backend answer", s.Nodes)
	return s.followed(ctx, p, hub)
}

// after does a step once a part is built.
func (s *sandbox) after(part string, step func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := s.builds.need(ctx, part); err != nil {
			return err
		}
		return step(ctx)
	}
}

// controllers are Kubernetes' own.
func (p plane) controllers(ctx context.Context) error {
	return all(ctx,
		func(ctx context.Context) error { return p.start(ctx)(p.ControllerManager()) },
		func(ctx context.Context) error { return p.start(ctx)(p.Scheduler()) },
	)
}

func (p plane) installCDI(ctx context.Context) error {
	return p.installFrom(ctx, "cdi", p.Ports["cdi-apiserver"], p.InstallCDI())
}

func (p plane) installKubeVirt(ctx context.Context) error {
	return p.installFrom(ctx, "kubevirt", p.Ports["virt-api"], p.InstallKubeVirt())
}

func (p plane) installFrom(ctx context.Context, binary string, port int, specs []process.Spec) error {
	path, err := controlplane.Binary(binary)
	if err != nil {
		return err
	}
	version, err := fingerprint([]string{path}, port)
	if err != nil {
		return err
	}
	return p.install(ctx, binary, version, specs...)
}

// cdi starts CDI's programs.
func (p plane) cdi(ctx context.Context) error {
	return all(ctx,
		func(ctx context.Context) error { return p.start(ctx)(p.CDIAPIServer()) },
		func(ctx context.Context) error { return p.start(ctx)(p.CDIController()) },
		func(ctx context.Context) error { return p.start(ctx)(p.CDIUploadProxy()) },
	)
}

// kubevirt starts KubeVirt's two programs, and gives the cluster the instance
// types once virt-api can admit them.
func (p plane) kubevirt(ctx context.Context) error {
	return all(ctx,
		func(ctx context.Context) error { return p.start(ctx)(p.VirtController()) },
		func(ctx context.Context) error {
			if err := p.start(ctx)(p.VirtAPI()); err != nil {
				return err
			}
			path, err := controlplane.Binary("kubevirt")
			if err != nil {
				return err
			}
			version, err := fingerprint([]string{path})
			if err != nil {
				return err
			}
			return p.install(ctx, "instancetypes", version, p.InstallInstancetypes()...)
		},
	)
}

func (p plane) snapshots(ctx context.Context) error { return p.start(ctx)(p.SnapshotController()) }

// network begins the addresses of a site's nodes, machines and pods.
func (s *sandbox) network(index int) string { return fmt.Sprintf("127.%d", s.state.Octet+index) }

// nodes is croft-site: it plays the site's hardware.
func (s *sandbox) nodes(p plane, index int) (process.Spec, error) {
	handler, err := p.KubeconfigFor("virt-handler", controlplane.ServiceAccount("kubevirt", "kubevirt-handler"))
	if err != nil {
		return process.Spec{}, err
	}
	return process.Spec{
		Name: p.Name + "/croft-site",
		Path: filepath.Join(s.Bin, "croft-site"),
		Args: []string{
			"--kubeconfig=" + p.Kubeconfig(),
			"--handler-kubeconfig=" + handler,
			"--site=" + p.Name,
			fmt.Sprintf("--nodes=%d", s.Nodes),
			"--network=" + s.network(index) + ".0.0/16",
			"--data=" + filepath.Join(p.Dir, "data"),
			"--rancher-machine=" + filepath.Join(controlplane.CacheDir(), "bin", "rancher-machine"), // if it was ever built
			"--control=site.sock", // relative to Dir: a socket's path may have 107 bytes at most
			fmt.Sprintf("--simulate=%t", s.Simulate),
		},
		Env:   []string{fmt.Sprintf("CROFT_SUPERVISOR_PID=%d", s.state.Supervisor)},
		Dir:   p.Dir,
		Log:   filepath.Join(p.Dir, "log", "croft-site.log"),
		Stage: controlplane.StageAddOn,
		Ready: p.nodesReady(s.Nodes),
	}, nil
}

// nodesReady asks the cluster whether its nodes are there, as their user would.
func (p plane) nodesReady(want int) process.Probe {
	return func(ctx context.Context) error {
		nodes, err := p.deploy.Core.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		ready := 0
		for _, node := range nodes.Items {
			for _, condition := range node.Status.Conditions {
				if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
					ready++
				}
			}
		}
		if ready < want {
			return fmt.Errorf("%d of %d nodes are ready", ready, want)
		}
		return nil
	}
}
