package admission

import (
	"context"
	"fmt"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Search looks for the objects of a kind that hold on to something that is to be deleted. What it answers is so now: a
// cache tells where to look first, which is cheap and mostly enough for a refusal, and nothing else. One that has let go a
// moment ago keeps nothing, and one that was made a moment ago is in no cache.
type Search struct {
	// Cache is what is remembered of the objects.
	Cache client.Reader
	// Live reads them as they are.
	Live client.Reader
	// Among says where they are, such as in which namespace.
	Among []client.ListOption
	// Quick says how the cache finds them, such as by an index; what it finds is looked at all the same.
	Quick []client.ListOption
	// Remembered says that those will do that are remembered: for who deletes many at once, and has looked before.
	Remembered bool
}

// page is how many objects are read at once: all machines of a big site fit into no message.
const page = 500

// Holders are the objects of a list's kind that hold on. The list is an empty one.
func (s Search) Holders(ctx context.Context, list client.ObjectList, holds func(client.Object) bool) ([]client.Object, error) {
	known := list.DeepCopyObject().(client.ObjectList)
	if err := s.Cache.List(ctx, known, append(append([]client.ListOption{}, s.Among...), s.Quick...)...); err != nil {
		return nil, fmt.Errorf("look for those remembered: %w", err)
	}
	var holders []client.Object
	err := meta.EachListItem(known, func(item runtime.Object) error {
		object := item.(client.Object)
		if !holds(object) {
			return nil
		}
		now, err := s.now(ctx, object)
		if err == nil && now != nil && holds(now) {
			holders = append(holders, now)
		}
		return err
	})
	if err != nil || len(holders) > 0 || s.Remembered {
		return holders, err
	}
	return s.all(ctx, list, holds)
}

// now is an object as it is, nil when it is gone.
func (s Search) now(ctx context.Context, object client.Object) (client.Object, error) {
	now := reflect.New(reflect.TypeOf(object).Elem()).Interface().(client.Object)
	now.GetObjectKind().SetGroupVersionKind(object.GetObjectKind().GroupVersionKind())
	err := s.Live.Get(ctx, client.ObjectKeyFromObject(object), now)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look at %s as it is now: %w", client.ObjectKeyFromObject(object), err)
	}
	return now, nil
}

// all looks at every object there is.
func (s Search) all(ctx context.Context, list client.ObjectList, holds func(client.Object) bool) ([]client.Object, error) {
	var holders []client.Object
	for next := ""; ; {
		read := list.DeepCopyObject().(client.ObjectList)
		options := append([]client.ListOption{client.Limit(page), client.Continue(next)}, s.Among...)
		if err := s.Live.List(ctx, read, options...); err != nil {
			return nil, fmt.Errorf("look at all there are now: %w", err)
		}
		err := meta.EachListItem(read, func(item runtime.Object) error {
			if object := item.(client.Object); holds(object) {
				holders = append(holders, object)
			}
			return nil
		})
		if next = read.GetContinue(); err != nil || next == "" {
			return holders, err
		}
	}
}
