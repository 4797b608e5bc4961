// Package answer writes the refusals and the small JSON answers of the hub in
// the two shapes that clients know: Steve's error for pages and programs that
// speak /v1 and /v3, and Kubernetes' Status for kubectl. It decides nothing.
// Begin reading at Error.
package answer

import (
	"encoding/json"
	"net/http"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Refusal is an error on the wire, as Steve and norman write it.
type Refusal struct {
	// Type is always "error".
	Type string `json:"type"`
	// Code is one word for programs, such as NotFound.
	Code string `json:"code"`
	// Status is the HTTP status.
	Status int `json:"status"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// FieldName is the field at fault, if one is.
	FieldName string `json:"fieldName,omitempty"`
}

// JSON writes a value with a status.
func JSON(rw http.ResponseWriter, status int, value any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.WriteHeader(status)
	// The client may have gone; there is nobody left to tell.
	_ = json.NewEncoder(rw).Encode(value)
}

// Error writes a refusal in Steve's shape.
func Error(rw http.ResponseWriter, status int, code, message string) {
	JSON(rw, status, Refusal{Type: "error", Code: code, Status: status, Message: message})
}

// Field writes a 422 that names the field at fault.
func Field(rw http.ResponseWriter, code, field, message string) {
	JSON(rw, http.StatusUnprocessableEntity, Refusal{
		Type: "error", Code: code, Status: http.StatusUnprocessableEntity, Message: message, FieldName: field,
	})
}

// Status writes a refusal in the shape that the path's clients read: Kubernetes'
// Status below /api and /apis, Steve's error elsewhere. The path is the one below
// /k8s/clusters/<id>.
func Status(rw http.ResponseWriter, path string, status int, code, message string) {
	if !IsKubernetes(path) {
		Error(rw, status, code, message)

		return
	}

	JSON(rw, status, metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure,
		Reason:   reason(status),
		Message:  message,
		Code:     int32(status), //nolint:gosec // an HTTP status has three digits.
	})
}

// IsKubernetes tells whether a path belongs to a Kubernetes API server and not to Steve.
func IsKubernetes(path string) bool {
	return path != "/v1" && !strings.HasPrefix(path, "/v1/")
}

func reason(status int) metav1.StatusReason {
	switch status {
	case http.StatusUnauthorized:
		return metav1.StatusReasonUnauthorized
	case http.StatusForbidden:
		return metav1.StatusReasonForbidden
	case http.StatusNotFound:
		return metav1.StatusReasonNotFound
	case http.StatusServiceUnavailable:
		return metav1.StatusReasonServiceUnavailable
	default:
		return metav1.StatusReasonInternalError
	}
}
