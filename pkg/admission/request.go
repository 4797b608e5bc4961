package admission

import (
	"context"
	"encoding/json"
	"fmt"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// Object is a pointer to a kind, so that a new one can be made.
type Object[T any] interface {
	*T
	client.Object
}

// Request is what somebody wants to do to one object.
type Request[P any] struct {
	// Object is what the object is to become; nil when it is to be deleted.
	Object P
	// Old is what the object is now; nil when it is to be made.
	Old P
	// User is who wants it.
	User authenticationv1.UserInfo
	// DryRun says that nothing will be kept.
	DryRun bool
}

// FieldCheck finds wrong fields in a request, and asks nobody.
type FieldCheck[P any] func(request Request[P]) field.ErrorList

// Check asks somebody whether a request is all right, and answers nil or an error of Kubernetes' vocabulary.
type Check[P any] func(ctx context.Context, request Request[P]) error

func read[T any, P Object[T]](from admission.Request) (Request[P], error) {
	request := Request[P]{User: from.UserInfo, DryRun: from.DryRun != nil && *from.DryRun}
	var err error
	if request.Object, err = decode[T, P](from.Object); err != nil {
		return request, fmt.Errorf("decode object: %w", err)
	}
	if request.Old, err = decode[T, P](from.OldObject); err != nil {
		return request, fmt.Errorf("decode old object: %w", err)
	}
	if request.Object != nil && request.Object.GetNamespace() == "" {
		request.Object.SetNamespace(from.Namespace)
	}
	return request, nil
}

func decode[T any, P Object[T]](raw runtime.RawExtension) (P, error) {
	if len(raw.Raw) == 0 {
		return nil, nil
	}
	object := P(new(T))
	return object, json.Unmarshal(raw.Raw, object)
}

func kindOf(request admission.Request) schema.GroupKind {
	return schema.GroupKind{Group: request.Kind.Group, Kind: request.Kind.Kind}
}

func isDelete(request admission.Request) bool {
	return request.Operation == admissionv1.Delete
}
