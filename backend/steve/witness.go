package steve

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"crofthci.io/croft/backend/capability"
)

// evidence is all that a capability asked of a view while it looked at an object, with the answers. Who would be given
// the same answers now would be told the same of the same object.
type evidence struct {
	rights []right
	found  []found
	listed []listed
	// doubtful says that something could not be known at all.
	doubtful bool
}

// right is an answer of View.May.
type right struct {
	permission      capability.Permission
	namespace, name string
	granted         bool
}

// found is an answer of View.Facts about one object: its version, "" when there was none.
type found struct {
	kind         schema.GroupVersionKind
	key, version string
}

// listed is an answer of View.Facts about many objects: how often any of their kind had changed by then.
type listed struct {
	kind    schema.GroupVersionKind
	changes uint64
}

// stands says whether the same answers would be given now, to whoever a view is for. Rights are asked first: who lacks
// one is not measured by what he may not know.
func (e *evidence) stands(view capability.View, facts *facts) bool {
	for i := range e.rights {
		if r := &e.rights[i]; view.May(r.permission, r.namespace, r.name) != r.granted {
			return false
		}
	}
	for i := range e.found {
		if f := &e.found[i]; facts.version(f.kind, f.key) != f.version {
			return false
		}
	}
	for i := range e.listed {
		if changes, ok := facts.changes(e.listed[i].kind); !ok || changes != e.listed[i].changes {
			return false
		}
	}
	return true
}

// witness answers what a capability asks of a view, and writes it down.
type witness struct {
	facts *facts
	evidence
}

// view is a view with a witness.
func (w *witness) view(view capability.View) capability.View {
	may := view.May
	view.Facts = w
	view.May = func(p capability.Permission, namespace, name string) bool {
		granted := may(p, namespace, name)
		w.rights = append(w.rights, right{p, namespace, name, granted})
		return granted
	}
	return view
}

// Get reads one object.
func (w *witness) Get(ctx context.Context, key client.ObjectKey, into client.Object, options ...client.GetOption) error {
	err := w.facts.Get(ctx, key, into, options...)
	kind, unknown := apiutil.GVKForObject(into, w.facts.scheme)
	if unknown != nil || client.IgnoreNotFound(err) != nil {
		w.doubtful = true
		return err
	}
	answer := found{kind: kind, key: storeKey(key)}
	if !apierrors.IsNotFound(err) {
		answer.version = into.GetResourceVersion()
	}
	w.found = append(w.found, answer)
	return err
}

// List reads many objects. How often they have changed is read before they are: a change in between is counted later, and
// what was seen of it is then looked at once more.
func (w *witness) List(ctx context.Context, into client.ObjectList, options ...client.ListOption) error {
	kind, unknown := listedKind(into, w.facts.scheme)
	changes, remembered := w.facts.changes(kind)
	err := w.facts.List(ctx, into, options...)
	w.doubtful = w.doubtful || unknown != nil || !remembered || err != nil
	w.listed = append(w.listed, listed{kind, changes})
	return err
}

// listedKind is the kind of the objects of a list.
func listedKind(list client.ObjectList, scheme *runtime.Scheme) (schema.GroupVersionKind, error) {
	kind, err := apiutil.GVKForObject(list, scheme)
	if err != nil {
		return kind, err
	}
	kind.Kind = kind.Kind[:len(kind.Kind)-len("List")]
	return kind, nil
}

// storeKey is an object's key as caches write it.
func storeKey(key client.ObjectKey) string {
	if key.Namespace == "" {
		return key.Name
	}
	return key.Namespace + "/" + key.Name
}
