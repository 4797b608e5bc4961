// Package apply puts objects into a cluster the way an operator would: by
// server-side apply, custom resource definitions first. It is a module of its
// own because the control planes that use it want different Kubernetes
// libraries; the few calls here are the same in all of them.
package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
)

// patience is how long an object may be refused because what it depends on (a
// definition, a webhook) is not there yet.
const patience = 60 * time.Second

// Cluster is where objects go.
type Cluster struct {
	client dynamic.Interface
	mapper *restmapper.DeferredDiscoveryRESTMapper
	owner  string
}

// Config reads a kubeconfig and lifts client-go's brake on requests.
func Config(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS, config.Burst = -1, -1
	return config, nil
}

// To answers the cluster of a config; owner is the field manager's name.
func To(config *rest.Config, owner string) (*Cluster, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	found, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &Cluster{client, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(found)), owner}, nil
}

// Objects applies objects in their order. One that is refused because its kind
// or its webhook is not served yet is tried again for a minute.
func (c *Cluster) Objects(ctx context.Context, objects ...runtime.Object) error {
	for _, object := range objects {
		if err := c.Object(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

// Object applies one object. Its status is left alone.
func (c *Cluster) Object(ctx context.Context, object runtime.Object) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	delete(content, "status")
	u := &unstructured.Unstructured{Object: content}
	setKind(u, object)
	unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
	what := fmt.Sprintf("%s %s/%s", u.GetKind(), u.GetNamespace(), u.GetName())

	var last error
	err = wait.PollUntilContextTimeout(ctx, 250*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		last = c.apply(ctx, u)
		return last == nil || !mayHeal(last), nil
	})
	if last != nil {
		return fmt.Errorf("apply %s: %w", what, last)
	}
	return err
}

// setKind corrects the kind of one of Kubernetes' own types: KubeVirt's admission
// policies say apiVersion v1 without their group, which its typed client never
// reads.
func setKind(u *unstructured.Unstructured, object runtime.Object) {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err == nil && !slices.Contains(kinds, u.GroupVersionKind()) {
		u.SetGroupVersionKind(kinds[0])
	}
}

// Resource answers the client for the kind and namespace of an object.
func (c *Cluster) Resource(u *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := u.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		c.mapper.Reset()
		return nil, err
	}
	resource := c.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return resource.Namespace(u.GetNamespace()), nil
	}
	return resource, nil
}

func (c *Cluster) apply(ctx context.Context, u *unstructured.Unstructured) error {
	resource, err := c.Resource(u)
	if err != nil {
		return err
	}
	_, err = resource.Apply(ctx, u.GetName(), u, metav1.ApplyOptions{FieldManager: c.owner, Force: true})
	return err
}

// mayHeal tells whether an error goes away when something else has started.
func mayHeal(err error) bool {
	var noKind *meta.NoKindMatchError
	var noResource *meta.NoResourceMatchError
	switch {
	case errors.As(err, &noKind), errors.As(err, &noResource):
		return true
	case apierrors.IsInternalError(err), apierrors.IsServiceUnavailable(err), apierrors.IsServerTimeout(err),
		apierrors.IsTooManyRequests(err), apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return true
	}
	return discovery.IsGroupDiscoveryFailedError(err)
}
