package manager

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Until waits for something to become true of an object, and leaves it as it was then.
func Until[T client.Object](c *Cluster, object T, what string, holds func(T) bool) {
	c.T.Helper()
	until(c, c.Client, object, what, func(err error) bool { return err == nil && holds(object) })
}

// UntilGone waits for an object to exist no more, or to be on its way out under somebody else's finalizer.
func UntilGone(c *Cluster, object client.Object) {
	c.T.Helper()
	until(c, c.Client, object, "be gone", func(err error) bool {
		return err != nil && client.IgnoreNotFound(err) == nil || object.GetDeletionTimestamp() != nil
	})
}

// UntilNotFound waits for an object to exist no more.
func UntilNotFound(c *Cluster, object client.Object) {
	c.T.Helper()
	until(c, c.Client, object, "exist no more", func(err error) bool { return err != nil && client.IgnoreNotFound(err) == nil })
}

// Hear waits until the manager knows an object as it was written or as it became later. What the manager judges or does
// next depends on what it remembers, and a busy machine brings it the news late.
func (c *Cluster) Hear(object client.Object) {
	c.T.Helper()
	seen := object.DeepCopyObject().(client.Object)
	until(c, c.memory, seen, "be heard of", func(err error) bool {
		if err != nil { // a controller may have removed it since
			return apierrors.IsNotFound(err) && c.isNoMore(object)
		}
		order, err := resourceversion.CompareResourceVersion(seen.GetResourceVersion(), object.GetResourceVersion())
		return err == nil && order >= 0
	})
}

// forget waits until the manager does not know an object that is no more. One that somebody keeps, or has made anew, it may know.
func (c *Cluster) forget(object client.Object) {
	c.T.Helper()
	until(c, c.memory, object.DeepCopyObject().(client.Object), "be forgotten", func(err error) bool {
		return apierrors.IsNotFound(err) || !c.isNoMore(object)
	})
}

func (c *Cluster) isNoMore(object client.Object) bool {
	found := object.DeepCopyObject().(client.Object)
	return apierrors.IsNotFound(c.Get(context.WithoutCancel(c.T.Context()), client.ObjectKeyFromObject(object), found))
}

// until also waits when the test is over and takes away what it has made.
func until(c *Cluster, reader client.Reader, object client.Object, what string, holds func(error) bool) {
	c.T.Helper()
	const pause = 10 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.T.Context()), patience)
	defer cancel()
	for ; ; time.Sleep(pause) {
		err := reader.Get(ctx, client.ObjectKeyFromObject(object), object)
		if holds(err) {
			return
		}
		if ctx.Err() != nil {
			c.T.Fatalf("%T %s never came to: %s (%v)\n%+v", object, object.GetName(), what, err, object)
		}
	}
}
