package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// loopback is the address of every pod and node that is a process here.
const loopback = "127.0.0.1"

// environment is the variables of a container, in their order, each seeing those
// before it.
func (c *Cluster) environment(ctx context.Context, pod *corev1.Pod, container corev1.Container) ([]string, map[string]string, error) {
	values := map[string]string{}
	var order []string
	set := func(name, value string) {
		if _, known := values[name]; !known {
			order = append(order, name)
		}
		values[name] = value
	}
	for _, source := range container.EnvFrom {
		data, err := c.source(ctx, pod.Namespace, source)
		if err != nil {
			return nil, nil, fmt.Errorf("envFrom: %w", err)
		}
		for name, value := range data {
			set(source.Prefix+name, value)
		}
	}
	slices.Sort(order) // a map has none
	for _, variable := range container.Env {
		value, err := c.value(ctx, pod, container, variable)
		if err != nil {
			return nil, nil, fmt.Errorf("env %s: %w", variable.Name, err)
		}
		set(variable.Name, expand(value, values))
	}
	return order, values, nil
}

func (c *Cluster) source(ctx context.Context, namespace string, source corev1.EnvFromSource) (map[string]string, error) {
	data := map[string]string{}
	switch {
	case source.SecretRef != nil:
		secret, err := c.Core.CoreV1().Secrets(namespace).Get(ctx, source.SecretRef.Name, metav1.GetOptions{})
		if err != nil {
			return nil, ignoreMissing(err, source.SecretRef.Optional)
		}
		for name, value := range secret.Data {
			data[name] = string(value)
		}
	case source.ConfigMapRef != nil:
		config, err := c.Core.CoreV1().ConfigMaps(namespace).Get(ctx, source.ConfigMapRef.Name, metav1.GetOptions{})
		if err != nil {
			return nil, ignoreMissing(err, source.ConfigMapRef.Optional)
		}
		data = config.Data
	}
	return data, nil
}

// value is one variable before expansion.
func (c *Cluster) value(ctx context.Context, pod *corev1.Pod, container corev1.Container, variable corev1.EnvVar) (string, error) {
	from := variable.ValueFrom
	switch {
	case from == nil:
		return variable.Value, nil
	case from.FieldRef != nil:
		return field(pod, from.FieldRef.FieldPath)
	case from.ResourceFieldRef != nil:
		return resource(container, from.ResourceFieldRef)
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		secret, err := c.Core.CoreV1().Secrets(pod.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err != nil {
			return "", ignoreMissing(err, ref.Optional)
		}
		return string(secret.Data[ref.Key]), nil
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		config, err := c.Core.CoreV1().ConfigMaps(pod.Namespace).Get(ctx, ref.Name, metav1.GetOptions{})
		if err != nil {
			return "", ignoreMissing(err, ref.Optional)
		}
		return config.Data[ref.Key], nil
	}
	return "", errors.New("valueFrom names nothing that is known here")
}

// field is what the downward API says of the pod.
func field(pod *corev1.Pod, path string) (string, error) {
	switch path {
	case "metadata.name":
		return pod.Name, nil
	case "metadata.namespace":
		return pod.Namespace, nil
	case "metadata.uid":
		return string(pod.UID), nil
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, nil
	case "spec.nodeName":
		return pod.Spec.NodeName, nil
	case "status.podIP", "status.podIPs", "status.hostIP", "status.hostIPs":
		return loopback, nil
	}
	for prefix, values := range map[string]map[string]string{
		"metadata.labels['":      pod.Labels,
		"metadata.annotations['": pod.Annotations,
	} {
		if key, found := strings.CutPrefix(path, prefix); found {
			return values[strings.TrimSuffix(key, "']")], nil
		}
	}
	return "", fmt.Errorf("the downward API has no field %q", path)
}

// resource is a limit or request of the container in units of the divisor,
// rounded up.
func resource(container corev1.Container, ref *corev1.ResourceFieldSelector) (string, error) {
	kind, name, found := strings.Cut(ref.Resource, ".")
	list := map[string]corev1.ResourceList{"limits": container.Resources.Limits, "requests": container.Resources.Requests}[kind]
	if !found {
		return "", fmt.Errorf("the downward API has no resource %q", ref.Resource)
	}
	quantity := list[corev1.ResourceName(name)]
	divisor := ref.Divisor.DeepCopy()
	if divisor.IsZero() {
		divisor.Set(1)
	}
	units := (quantity.MilliValue() + divisor.MilliValue() - 1) / divisor.MilliValue()
	return fmt.Sprint(units), nil
}

func ignoreMissing(err error, optional *bool) error {
	if optional != nil && *optional && apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
