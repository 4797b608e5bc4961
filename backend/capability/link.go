package capability

import (
	"context"
	"io"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Link is something that can be fetched about one object: {object}/{name}.
type Link struct {
	// Name is the word in the URL.
	Name string
	// Summary is one sentence for the documentation.
	Summary string
	// Permission is what Kubernetes asks for the same deed.
	Permission Permission

	get func(ctx context.Context, caller Caller, subject any) (any, error)
}

// Stream is the answer of a Link that is a file rather than an object. Whoever serves it closes Body.
type Stream struct {
	// Name is the file's name.
	Name string
	// ContentType is the media type.
	ContentType string
	// Size is the number of bytes, 0 when it is not known.
	Size int64
	// Body are the bytes.
	Body io.ReadCloser
}

// Fetch is a link whose answer is an object, or a *Stream.
func Fetch[S, O any](
	name string,
	get func(ctx context.Context, caller Caller, subject S) (O, error),
) Link {
	return Link{
		Name: name,
		get: func(ctx context.Context, caller Caller, subject any) (any, error) {
			return get(ctx, caller, subject.(S))
		},
	}
}

// Needs is the link with the permission that Kubernetes asks for the same deed. Every link has one.
func (l Link) Needs(verb string, group schema.GroupVersion, resource string) Link {
	l.Permission = Permission{Verb: verb, Group: group.Group, Resource: resource}
	return l
}

// Explained is the link with the sentence that the documentation has for it.
func (l Link) Explained(summary string) Link {
	l.Summary = summary
	return l
}

// Get fetches the link's answer as the caller.
func (l Link) Get(ctx context.Context, caller Caller, subject any) (any, error) {
	return l.get(ctx, caller, subject)
}
