package steve

import (
	"context"
	"errors"
	"net/http"

	"github.com/rancher/apiserver/pkg/apierror"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/backend/capability"
)

// answer serves a route: something that has an address of its own and is no object of a kind.
func (s *Server) answer(route capability.Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		answer, err := s.ask(w, req, route)
		if err != nil {
			s.failRoute(w, req, err)
			return
		}
		s.write(w, req, answer)
	})
}

func (s *Server) ask(w http.ResponseWriter, req *http.Request, route capability.Route) (any, error) {
	caller := capability.Caller{View: capability.View{
		Facts: s.facts, May: func(capability.Permission, string, string) bool { return false },
	}}
	if !route.Open {
		info, ok := request.UserFrom(req.Context())
		if !ok {
			return nil, errNobody
		}
		var err error
		if caller, err = s.caller(info, s.access.AccessFor(info)); err != nil {
			return nil, err
		}
	}
	body, err := whole(w, req)
	if err != nil {
		return nil, err
	}
	input, err := route.Decode(body)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(req.Context(), longestDeed)
	defer cancel()
	return route.Do(ctx, caller, capability.Call{
		Options: capability.Options(req.URL.Query()), Part: req.PathValue, Host: req.Host,
	}, input)
}

// failRoute writes an error where there is no Steve request to write it with.
func (s *Server) failRoute(w http.ResponseWriter, req *http.Request, err error) {
	var known *apierror.APIError
	if !errors.As(fault(err), &known) {
		writeFault(w, http.StatusInternalServerError, "ServerError", err.Error())
		return
	}
	if known.Code.Status >= http.StatusInternalServerError {
		s.log.Error("request failed", "method", req.Method, "path", req.URL.Path, "error", err)
	}
	writeFieldFault(w, known.Code.Status, known.Code.Code, known.FieldName, known.Message)
}
