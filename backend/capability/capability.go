package capability

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Capability is one thing that people do with a site, such as virtual machines or images. Its name is the same word on
// every floor: package, page, chart template, test folder.
type Capability struct {
	// Name is that word, singular and in lower case.
	Name string
	// Resources are the kinds that the capability serves, the main one first.
	Resources []Resource
	// Routes are what is served at addresses of its own.
	Routes []Route
	// Scheme teaches the kinds that the capability's clients read and write.
	Scheme runtime.SchemeBuilder
	// Watched are the kinds that the server keeps in memory for the capability to read as View.Facts. They are read
	// with the server's own rights, so what reaches a caller from there must be checked with View.May.
	Watched []Watched
}

// Watched is a kind that the server keeps in memory.
type Watched struct {
	// Object is an empty object of the kind.
	Object client.Object
	// Index are fields that the kind is looked up by (client.MatchingFields), with what an object's value of it is. What
	// several capabilities ask of one kind is put together, so a field's name is the same to all of them.
	Index map[string]client.IndexerFunc
	// Optional says that a cluster may do without the kind.
	Optional bool
}

// Resource is one kind of the cluster as a capability serves it. Only Kind is required: a kind with nothing else is
// served as Steve serves every kind, but is synchronised before the server says it is ready.
type Resource struct {
	// Kind is the kind in full.
	Kind schema.GroupVersionKind
	// Read makes the subject of the actions from an object. It is asked for rows of lists, so it must not call the API
	// server; and what it, State and the actions say is kept until the object changes, or the view would answer what it
	// was asked otherwise. So all three depend on nothing else, such as the time. See Reading and As. Nil hands on the
	// object itself.
	Read Reader
	// State overrides the state that Steve guesses from conditions. See Stating.
	State func(subject any) State
	// Actions are what can be done with one object, in the order a menu shows them.
	Actions []Action
	// Collective are actions on the kind as a whole: see Make.
	Collective []Action
	// Links are what can be fetched about one object.
	Links []Link
	// Delete does as the caller what has to be done before and after a deletion, around the deletion itself. See Deleting.
	Delete func(ctx context.Context, caller Caller, subject any, options Options, deletion Deletion) error
	// Indexed are fields that lists sort and filter by, beside metadata and printer columns.
	Indexed []string
	// Optional says that a cluster may do without the kind: the server is ready without it, and serves it when it comes.
	Optional bool
}

// Reader makes a subject from an object. The view is empty when there is no caller: while lists are indexed by state.
type Reader func(view View, object *unstructured.Unstructured) (any, error)

// Deletion deletes the object at hand as the caller.
type Deletion func() error

// Options are what a client adds to a deletion, such as removedDisks.
type Options map[string][]string

// State is what a person is told about an object in one word.
type State struct {
	// Name is the word.
	Name string
	// Transitioning says that the state passes by itself.
	Transitioning bool
	// Error says that a person must look.
	Error bool
	// Message explains the word, or is empty.
	Message string
}

// Reading makes a Reader of a function that returns a subject of its own type.
func Reading[S any](read func(view View, object *unstructured.Unstructured) (S, error)) Reader {
	return func(view View, object *unstructured.Unstructured) (any, error) {
		return read(view, object)
	}
}

// As is the Reader of a kind whose subject is simply the typed object. The actions then take *T.
func As[T any]() Reader {
	return Reading(Typed[T])
}

// Stating makes a Resource's State of a function that takes the subject's own type.
func Stating[S any](state func(subject S) State) func(any) State {
	return func(subject any) State { return state(subject.(S)) }
}

// Deleting makes a Resource's Delete of a function that takes the subject's own type.
func Deleting[S any](
	remove func(ctx context.Context, caller Caller, subject S, options Options, deletion Deletion) error,
) func(context.Context, Caller, any, Options, Deletion) error {
	return func(ctx context.Context, caller Caller, subject any, options Options, deletion Deletion) error {
		return remove(ctx, caller, subject.(S), options, deletion)
	}
}
