package steve

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
)

// fault is the answer that an error becomes.
func fault(err error) error {
	var known *apierror.APIError
	if errors.As(err, &known) {
		return known
	}
	var input *capability.InputError
	if errors.As(err, &input) {
		return apierror.NewFieldAPIError(validation.InvalidFormat, input.Field, input.Problem)
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return faultOf(status.Status())
	}
	if found := unaddressable.FindString(err.Error()); found != "" {
		return apierror.NewAPIError(validation.InvalidFormat, "The cluster can have no such thing: "+found+".")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return apierror.NewAPIError(validation.ErrorCode{Code: "Timeout", Status: http.StatusGatewayTimeout},
			"The cluster did not answer in time.")
	}
	return apierror.NewAPIError(validation.ServerError, err.Error())
}

// refusal is the answer for what cannot be done now.
func refusal(sentence string) error {
	return apierror.NewAPIError(validation.Conflict, sentence)
}

// faultOf is the answer that a refusal by the API server becomes.
func faultOf(status metav1.Status) error {
	code := validation.ErrorCode{Code: string(status.Reason), Status: int(status.Code)}
	field := fieldOf(status)
	switch {
	case status.Code == http.StatusInternalServerError && denied.MatchString(status.Message):
		// virt-api answers 500 when a webhook refuses what it writes for the caller.
		code = validation.Conflict
	case status.Code == http.StatusBadRequest && field != "":
		code = validation.ErrorCode{Code: string(metav1.StatusReasonInvalid), Status: http.StatusUnprocessableEntity}
	case code.Code == "":
		code.Code = http.StatusText(code.Status)
	}
	if code.Status == 0 {
		code = validation.ServerError
	}
	return apierror.NewFieldAPIError(code, field, plain(status.Message))
}

var (
	// unaddressable is how Kubernetes' client refuses a name or namespace that would lead elsewhere, before it asks anybody.
	unaddressable = regexp.MustCompile(`resource name may not be empty|invalid (?:resource name|namespace) "(?:[^"\\]|\\.)*": \[[^\]]*\]`)

	denied      = regexp.MustCompile(`^(.*: )?admission webhook "[^"]*" denied the request: `)
	patched     = regexp.MustCompile(`(?s)^.*: patch: Invalid value: ".*": (?:strict decoding error: )`)
	strictField = regexp.MustCompile(`strict decoding error: (?:unknown|duplicate) field "([^"]+)"`)
	bodyField   = regexp.MustCompile(`^([\w.\[\]]+) in body `)
	goField     = regexp.MustCompile(`cannot unmarshal .* into Go struct field \w+\.([\w.\[\]]+) of type`)
)

// plain is a message without the machinery that carried it, and without the whole object that a patch would have made.
func plain(message string) string {
	return denied.ReplaceAllString(patched.ReplaceAllString(message, ""), "")
}

// fieldOf is the field that a refusal is about, "" when it is about none. Most say so; what fails to decode says it in
// its message only.
func fieldOf(status metav1.Status) string {
	if found := strictField.FindStringSubmatch(status.Message); found != nil {
		return found[1] // of a patch, the API server calls the field "patch"
	}
	if status.Details != nil {
		for _, cause := range status.Details.Causes {
			if cause.Field != "" {
				return cause.Field
			}
		}
	}
	for _, pattern := range []*regexp.Regexp{bodyField, goField} {
		if found := pattern.FindStringSubmatch(plain(status.Message)); found != nil {
			return strings.TrimPrefix(found[1], ".")
		}
	}
	return ""
}

// writeFault writes an error in Steve's form where there is no Steve request to write it with.
func writeFault(w http.ResponseWriter, status int, code, message string) {
	writeFieldFault(w, status, code, "", message)
}

// writeFieldFault writes an error that is about a field.
func writeFieldFault(w http.ResponseWriter, status int, code, field, message string) {
	body := map[string]any{"type": "error", "status": status, "code": code, "message": message}
	if field != "" {
		body["fieldName"] = field
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
