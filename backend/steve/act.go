package steve

import (
	"context"
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
		if err != nil {
			s.fail(op, err)
			return
		}
		s.write(w, req, answer)
	})
}

// actOnAll answers POST ?action=name on a kind as a whole. There is no object that a permission could be asked for: the
// deed is done as the caller.
func (s *Server) actOnAll(action capability.Action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		op := types.GetAPIContext(req.Context())
		answer, err := s.doToAll(op, action)
		if err != nil {
			s.fail(op, err)
			return
		}
		s.write(w, req, answer)
	})
}

func (s *Server) doToAll(op *types.APIRequest, action capability.Action) (any, error) {
	caller, err := s.callerOf(op)
	if err != nil {
		return nil, err
	}
	input, err := s.input(op, action)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(op.Context(), longestDeed)
	defer cancel()
	return action.Do(ctx, caller, nil, input)
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
	if action.Streams() {
		return action.Do(op.Context(), caller, subject, input) // it takes as long as the bytes take to come
	}
	ctx, cancel := context.WithTimeout(op.Context(), longestDeed)
	defer cancel()
	return action.Do(ctx, caller, subject, input)
}

// permitted refuses a caller who lacks a permission to the object of a request.
func permitted(ctx context.Context, caller capability.Caller, p capability.Permission, op *types.APIRequest) error {
	within, of := p.At(op.Namespace, op.Name)
	ok, err := allowed(ctx, caller, p, within, of)
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
	if action.Streams() {
		return capability.Body{
			Options: capability.Options(op.Request.URL.Query()), ContentType: op.Request.Header.Get("Content-Type"),
			Length: op.Request.ContentLength, Reader: op.Request.Body,
		}, nil
	}
	body, err := whole(op.Response, op.Request)
	if err != nil {
		return nil, err
	}
	return action.Decode(body)
}

// whole is the body of a request that is small enough for memory.
func whole(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	return atMost(w, req, biggestInput, "1 MiB")
}

// atMost is the body of a request that has no more than so many bytes, which words say. One that says itself that it has
// more is not waited for.
func atMost(w http.ResponseWriter, req *http.Request, bytes int64, words string) ([]byte, error) {
	if req.ContentLength > bytes {
		return nil, tooBig(words)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, bytes))
	var longer *http.MaxBytesError
	if errors.As(err, &longer) {
		return nil, tooBig(words)
	}
	if err != nil {
		return nil, capability.Refuse("", "The input cannot be read: %s.", err)
	}
	return body, nil
}

func tooBig(words string) error {
	return apierror.NewAPIError(
		validation.ErrorCode{Code: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge},
		"The input is bigger than "+words+".")
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
