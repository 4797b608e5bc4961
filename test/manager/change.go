package manager

import "sigs.k8s.io/controller-runtime/pkg/client"

// Change writes what change does to an object, and waits until the manager has heard of it.
func Change[T client.Object](c *Cluster, object T, change func(T)) {
	c.T.Helper()
	before := object.DeepCopyObject().(T)
	change(object)
	if err := c.Patch(c.T.Context(), object, client.MergeFrom(before)); err != nil {
		c.T.Fatal(err)
	}
	c.Hear(object)
}

// Report writes what change does to the status of an object, and waits until the manager has heard of it.
func Report[T client.Object](c *Cluster, object T, change func(T)) {
	c.T.Helper()
	before := object.DeepCopyObject().(T)
	change(object)
	if err := c.Status().Patch(c.T.Context(), object, client.MergeFrom(before)); err != nil {
		c.T.Fatal(err)
	}
	c.Hear(object)
}
