package capability

import (
	"context"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Action is something that can be done to one object. The handler, the schema, the link, the sentence on a disabled
// button, the permission, the row in the documentation and the name in TypeScript all come from this one value.
type Action struct {
	// Name is the word in the URL: ?action=name.
	Name string
	// Summary is one sentence for the documentation.
	Summary string
	// Permission is what Kubernetes asks for the same deed.
	Permission Permission
	// Refusal is the status that everybody is answered with in this release, 0 for an action that can be done.
	Refusal int

	unless func(subject any) string
	do     func(ctx context.Context, caller Caller, subject, input any) (any, error)
	input  reflect.Type
	answer reflect.Type
	stream bool
}

// On is an action without input and without answer. unless says in a sentence for a person why it cannot be done now,
// and "" when it can; it is pure. do acts as the caller.
func On[S any](
	name string,
	unless func(subject S) string,
	do func(ctx context.Context, caller Caller, subject S) error,
) Action {
	return Action{
		Name: name, unless: unlessAny(unless),
		do: func(ctx context.Context, caller Caller, subject, _ any) (any, error) {
			return nil, do(ctx, caller, subject.(S))
		},
	}
}

// With is an action with an input. I is a struct of documented fields; a client that sends another field is refused.
func With[S, I any](
	name string,
	unless func(subject S) string,
	do func(ctx context.Context, caller Caller, subject S, input I) error,
) Action {
	return Action{
		Name: name, unless: unlessAny(unless), input: reflect.TypeFor[I](),
		do: func(ctx context.Context, caller Caller, subject, input any) (any, error) {
			return nil, do(ctx, caller, subject.(S), input.(I))
		},
	}
}

// Ask is an action that changes nothing and answers.
func Ask[S, O any](
	name string,
	unless func(subject S) string,
	do func(ctx context.Context, caller Caller, subject S) (O, error),
) Action {
	return Action{
		Name: name, unless: unlessAny(unless), answer: reflect.TypeFor[O](),
		do: func(ctx context.Context, caller Caller, subject, _ any) (any, error) {
			return do(ctx, caller, subject.(S))
		},
	}
}

// Send is an action whose input is a stream of bytes, read while it is done: see Body.
func Send[S any](
	name string,
	unless func(subject S) string,
	do func(ctx context.Context, caller Caller, subject S, body Body) error,
) Action {
	return Action{
		Name: name, unless: unlessAny(unless), stream: true,
		do: func(ctx context.Context, caller Caller, subject, input any) (any, error) {
			return nil, do(ctx, caller, subject.(S), input.(Body))
		},
	}
}

// Make is an action on a whole kind rather than on one object: see Resource.Collective. Its answer is an object, or a
// *Stream. Whether it can be done is for do to say, as the caller.
func Make[I, O any](
	name string,
	do func(ctx context.Context, caller Caller, input I) (O, error),
) Action {
	return Action{
		Name: name, unless: func(any) string { return "" }, input: reflect.TypeFor[I](), answer: reflect.TypeFor[O](),
		do: func(ctx context.Context, caller Caller, _, input any) (any, error) {
			return do(ctx, caller, input.(I))
		},
	}
}

// Needs is the action with the permission that Kubernetes asks for the same deed. Every action has one.
func (a Action) Needs(verb string, group schema.GroupVersion, resource string) Action {
	a.Permission = Permission{Verb: verb, Group: group.Group, Resource: resource}
	return a
}

// OnAnother is the action whose permission is for an object of another name than the subject's.
func (a Action) OnAnother() Action {
	a.Permission.Another = true
	return a
}

// InIt is the action whose permission is for any object of a kind in the namespace that is the subject.
func (a Action) InIt() Action {
	a.Permission.Inside = true
	return a
}

// Explained is the action with the sentence that the documentation has for it.
func (a Action) Explained(summary string) Action {
	a.Summary = summary
	return a
}

// Always is the action that nobody can do in this release: it is listed, so that clients find it and people read why, and
// refused with a status.
func (a Action) Always(refused int) Action {
	a.Refusal = refused
	return a
}

func unlessAny[S any](unless func(subject S) string) func(any) string {
	return func(subject any) string { return unless(subject.(S)) }
}

// Unless says why the action cannot be done to a subject now, in a sentence, or "" when it can.
func (a Action) Unless(subject any) string {
	return a.unless(subject)
}

// Do does the action as the caller. The input is what Decode made. The answer is nil for an action that has none.
func (a Action) Do(ctx context.Context, caller Caller, subject, input any) (any, error) {
	return a.do(ctx, caller, subject, input)
}

// Input is a zero value of the action's input, nil when it has none.
func (a Action) Input() any {
	return zero(a.input)
}

// Streams says that the action reads its input as a Body while it is done.
func (a Action) Streams() bool {
	return a.stream
}

// Answer is a zero value of the action's answer, nil when it has none or answers with a file.
func (a Action) Answer() any {
	if a.AnswersFile() {
		return nil
	}
	return zero(a.answer)
}

// AnswersFile says that the action answers with a *Stream.
func (a Action) AnswersFile() bool {
	return a.answer == reflect.TypeFor[*Stream]()
}

func zero(t reflect.Type) any {
	if t == nil {
		return nil
	}
	return reflect.Zero(t).Interface()
}
