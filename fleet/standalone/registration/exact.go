package registration

import (
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// this has the very object be deleted that was looked at, and not what somebody
// made under its name since.
func this(object client.Object) client.DeleteOption {
	return client.Preconditions{UID: ptr.To(object.GetUID())}
}

// locked is what was changed since, unless somebody else has changed the object
// too: a list such as that of the finalizers is written as a whole, and would be
// without what he has put there.
func locked(before client.Object) client.Patch {
	return client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
}
