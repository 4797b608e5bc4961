package admission

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// Change fills in one thing that a client left out.
type Change[P any] func(ctx context.Context, request Request[P]) error

// Mutator is the list of what is filled in, in order.
type Mutator[T any, P Object[T]] struct {
	// Changes are made to an object that is made or changed.
	Changes []Change[P]
}

// Handle answers one request.
func (m Mutator[T, P]) Handle(ctx context.Context, from admission.Request) admission.Response {
	request, err := read[T, P](from)
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	if request.Object == nil || request.Object.GetDeletionTimestamp() != nil {
		return admission.Allowed("")
	}
	before, err := json.Marshal(request.Object)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	for _, change := range m.Changes {
		if err := change(ctx, request); err != nil {
			return Refuse(err)
		}
	}
	changed, err := merged(from.Object.Raw, before, request.Object)
	if err != nil {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	return admission.PatchResponseFromRaw(from.Object.Raw, changed)
}

// merged is the client's own document with the changes in it. The document is not made anew from the Go type: a newer
// API may have fields that the type does not know, and they must survive. Inside of a list that is changed they do not,
// because a merge patch replaces lists as a whole.
func merged(document, before []byte, object any) ([]byte, error) {
	after, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encode the changed object: %w", err)
	}
	difference, err := jsonpatch.CreateMergePatch(before, after)
	if err != nil {
		return nil, fmt.Errorf("compare the changed object: %w", err)
	}
	changed, err := jsonpatch.MergePatch(document, difference)
	if err != nil {
		return nil, fmt.Errorf("apply the changes: %w", err)
	}
	return changed, nil
}
