package driver

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// news is what a site tells of an object: how it is now, that it is gone, or that the site cannot be asked.
type news struct {
	// object is how it is, or was before it went. Of one that is not there, its kind alone is known.
	object client.Object
	gone   bool
	err    error
}

// again is how long a site is left alone that has ended a watch or could not be reached.
const again = time.Second

// follow tells of the object of a name how it is and each time that it changes, until the context ends. A site that is away
// is asked again; what has gone meanwhile is told as well, so each watch begins with a list.
func follow[T any, L list[T]](ctx context.Context, at client.WithWatch, key client.ObjectKey, tell chan<- news) {
	named := []client.ListOption{client.InNamespace(key.Namespace), client.MatchingFields{metav1.ObjectNameField: key.Name}}
	for ctx.Err() == nil {
		if err := once[T, L](ctx, at, named, tell); err != nil {
			send(ctx, tell, news{err: err})
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

// list is a list of kind T.
type list[T any] interface {
	*T
	client.ObjectList
}

// once lists and watches until the watch ends.
func once[T any, L list[T]](ctx context.Context, at client.WithWatch, named []client.ListOption, tell chan<- news) error {
	var listed L = new(T)
	if err := at.List(ctx, listed, named...); err != nil {
		return err
	}
	now, err := only(listed)
	if err != nil {
		return err
	}
	send(ctx, tell, now)
	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: listed.GetResourceVersion()}}
	events, err := at.Watch(ctx, listed, append(named, from)...)
	if err != nil {
		return err
	}
	defer events.Stop()
	for event := range events.ResultChan() {
		if status, is := event.Object.(*metav1.Status); is {
			return apierrors.FromObject(status)
		}
		if object, is := event.Object.(client.Object); is && event.Type != watch.Bookmark {
			send(ctx, tell, news{object: object, gone: event.Type == watch.Deleted})
		}
	}
	return nil
}

// only is the one object of a list, or that it is not there.
func only(listed client.ObjectList) (news, error) {
	items, err := meta.ExtractList(listed)
	if err != nil {
		return news{}, err
	}
	if len(items) > 0 {
		return news{object: items[0].(client.Object)}, nil
	}
	switch listed.(type) {
	case *kubevirt.VirtualMachineList:
		return news{object: &kubevirt.VirtualMachine{}, gone: true}, nil
	case *kubevirt.VirtualMachineInstanceList:
		return news{object: &kubevirt.VirtualMachineInstance{}, gone: true}, nil
	default:
		return news{gone: true}, nil
	}
}

func send(ctx context.Context, tell chan<- news, what news) {
	select {
	case tell <- what:
	case <-ctx.Done():
	}
}

// isFinal says whether asking again would bring the same answer.
func isFinal(err error) bool {
	return apierrors.IsUnauthorized(err) || apierrors.IsForbidden(err)
}
