package deploy

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

const (
	owner    = "croft-sandbox" // the field manager of what is applied
	retry    = 200 * time.Millisecond
	patience = time.Minute // with kinds and webhooks that are not served yet
)

// Cluster is where manifests go.
type Cluster struct {
	// Core is Kubernetes' own API.
	Core kubernetes.Interface
	// Dynamic is everything else.
	Dynamic dynamic.Interface
	// Config is the access they use, an administrator's.
	Config *rest.Config

	mapper *restmapper.DeferredDiscoveryRESTMapper
}

// To returns the cluster of an administrator's access.
func To(config *rest.Config) (*Cluster, error) {
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(core.Discovery()))
	return &Cluster{Core: core, Dynamic: client, Config: config, mapper: mapper}, nil
}

// Apply puts the manifest's objects into the cluster by server-side apply; those
// of a namespaced kind that name no namespace go to the given one. What is
// refused because its kind or its webhook is not served yet is tried for a
// minute.
func (c *Cluster) Apply(ctx context.Context, m Manifest, namespace string) error {
	for _, object := range m.Objects {
		var last error
		err := wait.PollUntilContextTimeout(ctx, retry, patience, true, func(ctx context.Context) (bool, error) {
			last = c.apply(ctx, object.DeepCopy(), namespace)
			return last == nil || !mayHeal(last), nil
		})
		if err = errors.Join(last, ignoreTimeout(err, last)); err != nil {
			return fmt.Errorf("apply %s %s/%s: %w", object.GetKind(), object.GetNamespace(), object.GetName(), err)
		}
	}
	return nil
}

// ignoreTimeout drops "the time is over" when the last refusal says more.
func ignoreTimeout(err, last error) error {
	if last != nil {
		return nil
	}
	return err
}

func (c *Cluster) apply(ctx context.Context, object *unstructured.Unstructured, namespace string) error {
	kind := object.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if err != nil {
		c.mapper.Reset() // its definition may have come since
		return err
	}
	var resource dynamic.ResourceInterface = c.Dynamic.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		if object.GetNamespace() == "" {
			object.SetNamespace(namespace)
		}
		resource = c.Dynamic.Resource(mapping.Resource).Namespace(object.GetNamespace())
	}
	delete(object.Object, "status")
	unstructured.RemoveNestedField(object.Object, "metadata", "creationTimestamp")
	_, err = resource.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: owner, Force: true})
	return err
}

// mayHeal says whether a refusal goes away once something else has started.
func mayHeal(err error) bool {
	switch {
	case meta.IsNoMatchError(err), discovery.IsGroupDiscoveryFailedError(err):
		return true
	case apierrors.IsInternalError(err), apierrors.IsServiceUnavailable(err), apierrors.IsServerTimeout(err),
		apierrors.IsTooManyRequests(err), apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return true
	}
	return false
}
