// Package behind is clients for tests that are behind: as the cache of a controller is, they know some objects as they
// were a moment ago, or not yet, while what they write reaches what is there now. Begin reading at Remembers.
package behind

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// Remembers is a client that reads some objects as they are given, by their names and in lists, and all others as they
// are. Lists go by namespace and by labels; what else a list asks for is not asked of the objects given.
func Remembers(live client.WithWatch, old ...client.Object) client.WithWatch {
	return interceptor.NewClient(live, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
			if known := find(old, key, into); known != nil {
				reflect.ValueOf(into).Elem().Set(reflect.ValueOf(known.DeepCopyObject()).Elem())
				return nil
			}
			return c.Get(ctx, key, into, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, into client.ObjectList, options ...client.ListOption) error {
			if err := c.List(ctx, into, options...); err != nil {
				return err
			}
			return mix(c, into, old, true, options)
		},
	})
}

// Misses is a client that has not heard of some objects yet.
func Misses(live client.WithWatch, unheard ...client.Object) client.WithWatch {
	return interceptor.NewClient(live, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
			if known := find(unheard, key, into); known != nil {
				kind, err := c.GroupVersionKindFor(into)
				if err != nil {
					return fmt.Errorf("miss %s: %w", key, err)
				}
				return apierrors.NewNotFound(schema.GroupResource{Group: kind.Group, Resource: strings.ToLower(kind.Kind)}, key.Name)
			}
			return c.Get(ctx, key, into, options...)
		},
		List: func(ctx context.Context, c client.WithWatch, into client.ObjectList, options ...client.ListOption) error {
			if err := c.List(ctx, into, options...); err != nil {
				return err
			}
			return mix(c, into, unheard, false, options)
		},
	})
}

// Reads is a client that reads all that one client knows, and writes to another.
func Reads(old, live client.WithWatch) client.WithWatch {
	return interceptor.NewClient(live, interceptor.Funcs{
		Get: func(ctx context.Context, _ client.WithWatch, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
			return old.Get(ctx, key, into, options...)
		},
		List: func(ctx context.Context, _ client.WithWatch, into client.ObjectList, options ...client.ListOption) error {
			return old.List(ctx, into, options...)
		},
	})
}

// find is the object of a kind and a name among others, nil when there is none.
func find(objects []client.Object, key client.ObjectKey, like client.Object) client.Object {
	for _, object := range objects {
		if client.ObjectKeyFromObject(object) == key && reflect.TypeOf(object) == reflect.TypeOf(like) {
			return object
		}
	}
	return nil
}

// mix puts objects into a list of theirs that it asks for, or leaves them out.
func mix(c client.Client, into client.ObjectList, objects []client.Object, in bool, options []client.ListOption) error {
	asked := (&client.ListOptions{}).ApplyOptions(options)
	present, err := meta.ExtractList(into)
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	mixed := make([]runtime.Object, 0, len(present)+len(objects))
	for _, item := range present {
		object, is := item.(client.Object)
		if !is || find(objects, client.ObjectKeyFromObject(object), object) == nil {
			mixed = append(mixed, item)
		}
	}
	for _, object := range objects {
		listed, err := isOf(c, into, object)
		if err != nil {
			return err
		}
		if in && listed && wanted(asked, object) {
			mixed = append(mixed, object.DeepCopyObject())
		}
	}
	return meta.SetList(into, mixed)
}

// isOf says whether a list is of an object's kind.
func isOf(c client.Client, list client.ObjectList, object client.Object) (bool, error) {
	many, err := c.GroupVersionKindFor(list)
	if err != nil {
		return false, fmt.Errorf("list: %w", err)
	}
	one, err := c.GroupVersionKindFor(object)
	if err != nil {
		return false, fmt.Errorf("list: %w", err)
	}
	return many.GroupKind() == schema.GroupKind{Group: one.Group, Kind: one.Kind + "List"}, nil
}

// wanted says whether a list asks for an object.
func wanted(asked *client.ListOptions, object client.Object) bool {
	here := asked.Namespace == "" || asked.Namespace == object.GetNamespace()
	return here && (asked.LabelSelector == nil || asked.LabelSelector.Matches(labels.Set(object.GetLabels())))
}
