package capability

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Caller is the person or program behind a request. Whatever is done with it is done with the caller's rights: the API
// server decides, and its refusal is the answer.
type Caller struct {
	// Name is the caller's user name.
	Name string
	// Client reads from and writes to the API server as the caller.
	Client client.Client
	// Config reaches what Client cannot, such as subresources, as the caller.
	Config *rest.Config
	// View is what the caller's lists are made from.
	View View
	// Prometheus is the URL of the site's Prometheus, empty where none is known. The server reads it with rights of its own, so
	// what reaches the caller from there must be of what he may read.
	Prometheus string
}

// View is what can be known about an object without asking the API server.
type View struct {
	// Facts reads the kinds that Capability.Watched names, with the server's rights.
	Facts client.Reader
	// May says whether the caller may do something in a namespace to the object of a name, from the bindings that the
	// server watches. It is quick enough for every row of a list.
	May func(permission Permission, namespace, name string) bool
	// Once makes something of an object once for each of the object's versions, and hands it out again for the rows to
	// come. It is shared: nobody may change it. Nil where nothing is kept, as for deeds. See Typed.
	Once func(object *unstructured.Unstructured, produce func() (any, error)) (any, error)
}

// Typed is an object as its Go type. For rows it is shared, see View.Once.
func Typed[T any](view View, object *unstructured.Unstructured) (*T, error) {
	convert := func() (any, error) {
		typed := new(T)
		return typed, runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed)
	}
	if view.Once == nil {
		view.Once = func(_ *unstructured.Unstructured, produce func() (any, error)) (any, error) { return produce() }
	}
	typed, err := view.Once(object, convert)
	if err != nil {
		return new(T), err
	}
	return typed.(*T), nil
}

// Permission is what Kubernetes asks for a deed.
type Permission struct {
	// Verb is the verb of a rule, such as update.
	Verb string
	// Group is the API group of a rule, such as subresources.kubevirt.io.
	Group string
	// Resource is the resource of a rule with its subresource, such as virtualmachines/start.
	Resource string
	// Another says that the deed is done to an object of another name than the one at hand, such as the migration of a
	// machine: the right to any of the namespace is asked.
	Another bool
	// Inside says that the object at hand is a namespace, and the deed is done to what is in it: the right is asked there.
	Inside bool
}

// At is where the permission is asked for, when the object at hand is in a namespace and has a name.
func (p Permission) At(namespace, name string) (within, of string) {
	switch {
	case p.Inside:
		return name, ""
	case p.Another:
		return namespace, ""
	default:
		return namespace, name
	}
}

// String is the permission as a table or a sentence names it.
func (p Permission) String() string {
	if p.Group == "" {
		return fmt.Sprintf("%s %s", p.Verb, p.Resource)
	}
	return fmt.Sprintf("%s %s in %s", p.Verb, p.Resource, p.Group)
}

// Sentence says why a caller without the permission is refused.
func (p Permission) Sentence() string {
	return fmt.Sprintf("You have no right to do this: it needs %s.", p)
}
