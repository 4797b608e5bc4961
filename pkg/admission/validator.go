package admission

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// Validator is the list of what a request must satisfy. The pure checks run first and all of them, so that a client
// hears of every wrong field at once; then the others, in order, until one refuses.
type Validator[T any, P Object[T]] struct {
	// Fields find wrong fields of an object that is made or changed.
	Fields []FieldCheck[P]
	// Checks ask about an object that is made or changed.
	Checks []Check[P]
	// Deletes ask about an object that is to be deleted.
	Deletes []Check[P]
}

// Handle answers one request.
func (v Validator[T, P]) Handle(ctx context.Context, from admission.Request) admission.Response {
	request, err := read[T, P](from)
	if err != nil {
		return admission.Errored(http.StatusBadRequest, err)
	}
	checks := v.Checks
	if isDelete(from) {
		checks = v.Deletes
	} else if err := v.wrongFields(request); len(err) > 0 {
		return Refuse(apierrors.NewInvalid(kindOf(from), from.Name, err))
	}
	for _, check := range checks {
		if err := check(ctx, request); err != nil {
			return Refuse(err)
		}
	}
	return admission.Allowed("")
}

func (v Validator[T, P]) wrongFields(request Request[P]) field.ErrorList {
	// An object on its way out only loses finalizers: refusing that would keep it for ever.
	if request.Object.GetDeletionTimestamp() != nil {
		return nil
	}
	var wrong field.ErrorList
	for _, check := range v.Fields {
		wrong = append(wrong, check(request)...)
	}
	return wrong
}

// Conflict refuses what something else is in the way of, in a sentence that names it.
func Conflict(resource schema.GroupResource, name, format string, args ...any) error {
	refusal := apierrors.NewConflict(resource, name, errors.New("in use"))
	refusal.ErrStatus.Message = fmt.Sprintf(format, args...)
	return refusal
}

// Refuse is the answer for an error: its own code, reason and details when it has them, else 500.
func Refuse(err error) admission.Response {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return admission.Errored(http.StatusInternalServerError, err)
	}
	response := admission.Denied(err.Error())
	answer := status.Status()
	response.Result = &answer
	return response
}
