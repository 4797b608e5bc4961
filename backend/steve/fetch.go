package steve

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/rancher/apiserver/pkg/types"

	"crofthci.io/croft/backend/capability"
)

// fetch answers GET {object}/{link}.
func (s *Server) fetch(resource capability.Resource, link capability.Link) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		op := types.GetAPIContext(req.Context())
		answer, err := s.get(op, resource, link)
		if err != nil {
			s.fail(op, err)
			return
		}
		s.write(w, req, answer)
	})
}

// write answers with an object, with a file, or with 204 when there is nothing to say.
func (s *Server) write(w http.ResponseWriter, req *http.Request, answer any) {
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	stream, ok := answer.(*capability.Stream)
	if !ok {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
		return
	}
	defer stream.Body.Close()
	w.Header().Set("Content-Type", stream.ContentType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": stream.Name}))
	if stream.Size > 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(stream.Size, 10))
	}
	if _, err := io.Copy(w, stream.Body); err != nil {
		s.log.Warn("a download broke off", "path", req.URL.Path, "error", err)
		panic(http.ErrAbortHandler) // the client must not take what it has for the whole
	}
}

func (s *Server) get(op *types.APIRequest, resource capability.Resource, link capability.Link) (any, error) {
	caller, err := s.callerOf(op)
	if err != nil {
		return nil, err
	}
	if err := permitted(op.Context(), caller, link.Permission, op); err != nil {
		return nil, err
	}
	subject, err := s.subject(op, resource, caller)
	if err != nil {
		return nil, err
	}
	return link.Get(op.Context(), caller, subject)
}
