package capability

import (
	"context"
	"reflect"
)

// Route is an answer at an address of its own: no object of a kind, but something that Harvester's clients ask for under
// /v1/harvester, such as a kubeconfig.
type Route struct {
	// Method is GET, POST or DELETE.
	Method string
	// Path follows /v1/harvester/. Parts in braces are read from Call.
	Path string
	// Summary is one sentence for the documentation.
	Summary string
	// Open says that nobody needs to log in. The Caller then has no client and no rights: only View.Facts.
	Open bool

	do    func(ctx context.Context, caller Caller, call Call, input any) (any, error)
	input reflect.Type
}

// Call is what a request for a Route says beside its body.
type Call struct {
	// Options are the query.
	Options Options
	// Part reads a part in braces of the path by its name.
	Part func(name string) string
	// Host is the host and port that the client asked, as it says itself.
	Host string
}

// Option is the first value of an option, "" when it is not given.
func (c Call) Option(name string) string {
	if values := c.Options[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// At is a route with an input of documented fields (struct{} for none). Its answer is an object, a string, a *Stream, or
// nil for 204. Everything it does it does as the caller, or asks first whether the caller may.
func At[I, O any](
	method, path string,
	do func(ctx context.Context, caller Caller, call Call, input I) (O, error),
) Route {
	return Route{
		Method: method, Path: path, input: reflect.TypeFor[I](),
		do: func(ctx context.Context, caller Caller, call Call, input any) (any, error) {
			return do(ctx, caller, call, input.(I))
		},
	}
}

// Opened is the route for everybody: see Open.
func (r Route) Opened() Route {
	r.Open = true
	return r
}

// Explained is the route with the sentence that the documentation has for it.
func (r Route) Explained(summary string) Route {
	r.Summary = summary
	return r
}

// Decode reads the input of the route from JSON, as strictly as an action's.
func (r Route) Decode(body []byte) (any, error) {
	return decode(body, r.input)
}

// Do answers as the caller.
func (r Route) Do(ctx context.Context, caller Caller, call Call, input any) (any, error) {
	return r.do(ctx, caller, call, input)
}
