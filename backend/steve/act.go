package steve

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/wrangler/v3/pkg/schemas/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"crofthci.io/croft/backend/capability"
)

// What an action may take: in memory, and in time. KubeVirt waits for nodes, and a node that is lost does not answer.
const (
	biggestInput = 1 << 20
	longestDeed  = time.Minute
)

// act answers POST ?action=name: the permission, the input, whether it can be done now, the deed, in this order.
func (s *Server) act(resource capability.Resource, action capability.Action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		op := types.GetAPIContext(req.Context())
		answer, err := s.do(op, resource, action)
		switch {
		case err != nil:
			s.fail(op, err)
		case answer == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(answer)
		}
	})
}

func (s *Server) do(op *types.APIRequest, resource capability.Resource, action capability.Action) (any, error) {
	caller, err := s.callerOf(op)
	if err != nil {
		return nil, err
	}
	if err := permitted(op.Context(), caller, action.Permission, op); err != nil {
		return nil, err
	}
	input, err := s.input(op, action)
	if err != nil {
		return nil, err
	}
	subject, err := s.subject(op, resource, caller)
	if err != nil {
		return nil, err
	}
	if sentence := action.Unless(subject); sentence != "" {
		return nil, refusal(sentence)
	}
	ctx, cancel := context.WithTimeout(op.Context(), longestDeed)
	defer cancel()
	return action.Do(ctx, caller, subject, input)
}

// permitted refuses a caller who lacks a permission to the object of a request.
func permitted(ctx context.Context, caller capability.Caller, p capability.Permission, op *types.APIRequest) error {
	ok, err := allowed(ctx, caller, p, op.Namespace, p.Of(op.Name))
	if err != nil {
		return err
	}
	if !ok {
		return apierror.NewAPIError(validation.ErrorCode{Code: "Forbidden", Status: http.StatusForbidden}, p.Sentence())
	}
	return nil
}

// input reads the body of a request as the input of an action.
func (s *Server) input(op *types.APIRequest, action capability.Action) (any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(op.Response, op.Request.Body, biggestInput))
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return nil, apierror.NewAPIError(
			validation.ErrorCode{Code: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge},
			"The input is bigger than 1 MiB.")
	}
	if err != nil {
		return nil, capability.Refuse("", "The input cannot be read: %s.", err)
	}
	return action.Decode(body)
}

// subject reads the object of a request from the API server, as the caller.
func (s *Server) subject(op *types.APIRequest, resource capability.Resource, caller capability.Caller) (any, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(resource.Kind)
	key := objectKey(op)
	if err := caller.Client.Get(op.Context(), key, object); err != nil {
		return nil, err
	}
	return read(resource, caller.View, object)
}

// fail writes an error, and tells the operator of those that are nobody's fault but the server's.
func (s *Server) fail(op *types.APIRequest, err error) {
	answer := fault(err)
	var known *apierror.APIError
	if errors.As(answer, &known) && known.Code.Status >= http.StatusInternalServerError {
		s.log.Error("request failed", "method", op.Method, "path", op.Request.URL.Path, "user", op.GetUser(), "error", err)
	}
	op.WriteError(answer)
}
