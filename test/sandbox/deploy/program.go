package deploy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
)

// Place is where a Deployment's process lives on this machine.
type Place struct {
	// Cluster begins the process' name, such as "site-1".
	Cluster string
	// Bin holds the programs that containers call by name.
	Bin string
	// Data is the working directory; volumes lie below it.
	Data string
	// Log is the file of its output.
	Log string
	// Kubeconfig has the rights of its service account.
	Kubeconfig string
	// Stage is when it stops; see process.Spec.
	Stage int
}

// temporary is where a container has its temporary files.
const temporary = "/tmp"

// Program is the process that does what the Deployment's first container would.
func (c *Cluster) Program(ctx context.Context, d *appsv1.Deployment, at Place) (process.Spec, error) {
	spec, err := c.program(ctx, d, at)
	if err != nil {
		return process.Spec{}, fmt.Errorf("deployment %s/%s: %w", d.Namespace, d.Name, err)
	}
	return spec, nil
}

func (c *Cluster) program(ctx context.Context, d *appsv1.Deployment, at Place) (process.Spec, error) {
	if len(d.Spec.Template.Spec.Containers) == 0 {
		return process.Spec{}, errors.New("it has no container")
	}
	pod := podOf(d)
	container := pod.Spec.Containers[0]
	names, values, err := c.environment(ctx, pod, container)
	if err != nil {
		return process.Spec{}, err
	}
	paths, err := c.mounts(ctx, pod, container, filepath.Join(at.Data, "volumes"))
	if err != nil {
		return process.Spec{}, err
	}
	variables := []string{"KUBECONFIG=" + at.Kubeconfig}
	if dir, mounted := paths[temporary]; mounted {
		// Moved by its variable: other arguments may well name files below /tmp.
		delete(paths, temporary)
		variables = append(variables, "TMPDIR="+dir)
	}
	command, err := commandOf(container, values, paths)
	if err != nil {
		return process.Spec{}, err
	}
	spec := process.Spec{
		Name:  at.Cluster + "/" + d.Name,
		Path:  locate(command[0], at.Bin),
		Args:  command[1:],
		Dir:   at.Data,
		Log:   at.Log,
		Stage: at.Stage,
		Env:   variables,
		Ready: ready(container),
	}
	for _, name := range names {
		spec.Env = append(spec.Env, name+"="+relocate(values[name], paths))
	}
	if seconds := pod.Spec.TerminationGracePeriodSeconds; seconds != nil {
		spec.Grace = time.Duration(*seconds) * time.Second
	}
	return spec, nil
}

// podOf is the pod that the Deployment would have.
func podOf(d *appsv1.Deployment) *corev1.Pod {
	pod := &corev1.Pod{ObjectMeta: *d.Spec.Template.ObjectMeta.DeepCopy(), Spec: *d.Spec.Template.Spec.DeepCopy()}
	pod.Name, pod.Namespace = d.Name+"-0", d.Namespace
	pod.UID = types.UID(d.Namespace + "." + d.Name)
	pod.Spec.NodeName = "localhost"
	if pod.Spec.ServiceAccountName == "" {
		pod.Spec.ServiceAccountName = "default"
	}
	return pod
}

// commandOf is the container's command line. An image's own entry point is not
// known here, so the container must name its command.
func commandOf(container corev1.Container, values, paths map[string]string) ([]string, error) {
	if len(container.Command) == 0 {
		return nil, fmt.Errorf("container %s names no command", container.Name)
	}
	var line []string
	for _, word := range append(append([]string{}, container.Command...), container.Args...) {
		line = append(line, relocate(expand(word, values), paths))
	}
	return line, nil
}

// locate finds a program that a container calls by name or by a path of its
// image.
func locate(command, bin string) string {
	return filepath.Join(bin, filepath.Base(command))
}

// ready asks what the container's readiness probe asks.
func ready(container corev1.Container) process.Probe {
	probe := container.ReadinessProbe
	if probe == nil || probe.HTTPGet == nil {
		return nil
	}
	get := probe.HTTPGet
	port := get.Port.String()
	for _, named := range container.Ports {
		if named.Name == port {
			port = fmt.Sprint(named.ContainerPort)
		}
	}
	scheme := strings.ToLower(string(get.Scheme))
	if scheme == "" {
		scheme = "http"
	}
	url := scheme + "://" + net.JoinHostPort(loopback, port) + "/" + strings.TrimPrefix(get.Path, "/")
	return controlplane.Answers(url, nil, "")
}

// ServiceAccount is the account of the Deployment's pods.
func ServiceAccount(d *appsv1.Deployment) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: d.Namespace, Name: podOf(d).Spec.ServiceAccountName}
}
