package guestcluster

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/serve"
)

// prefix is where guest clusters are served, and suffix what stands behind the id of one for its machines.
const (
	prefix = "/v1/croft/guestclusters/"
	suffix = "/machines"
)

// Server answers GET /v1/croft/guestclusters/{id}/machines: the pools of a guest cluster, their nodes in the hub and the
// machines behind them at the sites, all within the caller's rights. As with serve.Server, the listener has to have put a
// user into the request's context.
type Server struct {
	// Access knows what people may see.
	Access *serve.Access
	// Machines is the type of the rows of machines.
	Machines *index.Type
	// Next serves everything else below /v1/croft.
	Next http.Handler
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	rest, ours := strings.CutPrefix(req.URL.Path, prefix)
	id, about := strings.CutSuffix(rest, suffix)
	key, is := keyOf(id)
	who, known := request.UserFrom(req.Context())
	if !ours || !about || !is || !known || nobody(who) {
		s.Next.ServeHTTP(rw, req) // which refuses who is nobody, and what is not there
		return
	}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		answer(rw, http.StatusMethodNotAllowed, fault(http.StatusMethodNotAllowed, "MethodNotAllowed", "Machines of a guest cluster can be read; Rancher changes them."))
		return
	}
	view, err := s.view(req, rights.User{Name: who.GetName(), Groups: who.GetGroups()}, key)
	switch {
	case errors.Is(err, index.ErrNotFound):
		answer(rw, http.StatusNotFound, fault(http.StatusNotFound, "NotFound", "guestcluster "+id+" not found"))
	case err != nil:
		answer(rw, http.StatusInternalServerError, fault(http.StatusInternalServerError, "ServerError", "The index could not answer: "+err.Error()))
	default:
		answer(rw, http.StatusOK, view)
	}
}

// view reads everything that a caller may see of a cluster and puts it together.
func (s *Server) view(req *http.Request, who rights.User, key index.Key) (*View, error) {
	if !s.Access.Gets(who, Type, key) {
		return nil, index.ErrNotFound
	}
	entry, err := s.Access.Index.Get(req.Context(), Type, key)
	if err != nil {
		return nil, err
	}
	var cluster clusterDocument
	if err := json.Unmarshal(entry.Document, &cluster); err != nil {
		return nil, err
	}
	nodes, err := s.nodes(req, who, key)
	if err != nil {
		return nil, err
	}
	machines, err := s.machines(req, who, key.Name)
	if err != nil {
		return nil, err
	}
	return Together(key, cluster.MachinePools, nodes, machines), nil
}

func keyOf(id string) (index.Key, bool) {
	parts := strings.Split(id, "/")
	if len(parts) != 3 || parts[0] == "" || parts[1] == "" || parts[2] == "" {
		return index.Key{}, false
	}
	return index.Key{Site: parts[0], Namespace: parts[1], Name: parts[2]}, true
}

func nobody(who user.Info) bool {
	name := who.GetName()
	return name == "" || name == user.Anonymous || name == "system:unauthenticated" || name == "system:cattle:error"
}

func fault(status int, code, message string) map[string]any {
	return map[string]any{"type": "error", "status": status, "code": code, "message": message}
}

func answer(rw http.ResponseWriter, status int, body any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(body) // the caller may have gone; there is nobody left to tell
}
