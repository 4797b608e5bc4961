package serve

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/rancher/apiserver/pkg/builtin"
	"github.com/rancher/apiserver/pkg/server"
	"github.com/rancher/apiserver/pkg/types"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
)

// prefix is where everything is served.
const prefix = "/v1/croft"

// Server is the handler of /v1/croft. It must only be reached through a listener that has put a user into the request's
// context; without one it answers 401.
type Server struct {
	access *Access
	api    *server.Server
	turns  *turns
}

// New makes the server of an index.
func New(access *Access, version string) *Server {
	s := &Server{access: access, api: server.DefaultAPIServer(), turns: newTurns()}
	s.api.Schemas = types.EmptyAPISchemas().MustAddSchemas(builtin.Schemas)
	live := newSockets(version)
	for _, t := range access.Index.Types() {
		if !t.Hidden {
			live.stores[t.Name] = newStore(access, t)
			s.api.Schemas.MustAddSchema(schemaOf(t, live.stores[t.Name]))
		}
	}
	s.api.Schemas.MustAddSchema(countSchema(access))
	s.api.Schemas.MustAddSchema(explainSchema(access))
	s.api.Schemas.MustAddSchema(live.schema())
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(writer http.ResponseWriter, incoming *http.Request) {
	info, ok := request.UserFrom(incoming.Context())
	if !ok || info.GetName() == "" || info.GetName() == user.Anonymous || info.GetName() == "system:unauthenticated" || info.GetName() == "system:cattle:error" {
		refuse(writer, http.StatusUnauthorized, "Unauthorized", "Rancher did not say who is asking.")
		return
	}
	kind, name, ok := parsePath(incoming.URL.Path)
	if !ok {
		refuse(writer, http.StatusNotFound, "NotFound", "There is nothing at "+incoming.URL.Path+".")
		return
	}
	if s.api.Schemas.LookupSchema(kind) == nil {
		refuse(writer, http.StatusNotFound, "NotFound", "There is no type "+kind+".")
		return
	}
	incoming, fresh := withFreshness(incoming)
	if name == "" && s.lists(kind) {
		end, err := s.turns.take(incoming.Context())
		if err != nil {
			return // the caller has gone
		}
		fresh.made = end
		defer end()
	}
	incoming.SetPathValue("type", kind)
	incoming.SetPathValue("name", name)
	incoming.SetPathValue("prefix", strings.TrimPrefix(prefix, "/"))
	// The method is the request's: the API server would else take it from ?_method=, and a link could ask for a write.
	s.api.Handle(&types.APIRequest{Method: incoming.Method, Request: incoming, Response: writer, ResponseWriter: writerFor(incoming, fresh)})
}

// lists says whether to list a type means to go through rows.
func (s *Server) lists(kind string) bool {
	id := s.api.Schemas.LookupSchema(kind).ID
	return id == countsType || slices.ContainsFunc(s.access.Index.Types(), func(t *index.Type) bool { return t.Name == id })
}

// parsePath takes an address apart into the type and the row's id, which has up to three parts.
func parsePath(path string) (string, string, bool) {
	rest, ok := strings.CutPrefix(path, prefix)
	if !ok {
		return "", "", false
	}
	rest = strings.Trim(rest, "/")
	if rest == "" {
		return "schema", "", true
	}
	kind, name, _ := strings.Cut(rest, "/")
	return kind, name, strings.Count(name, "/") < 3
}

// parseKey reads a row's id: site, namespace and name, or site and name, or the site alone.
func parseKey(id string) (index.Key, bool) {
	parts := strings.Split(id, "/")
	for _, part := range parts {
		if part == "" {
			return index.Key{}, false
		}
	}
	switch len(parts) {
	case 1:
		return index.Key{Site: parts[0]}, true
	case 2:
		return index.Key{Site: parts[0], Name: parts[1]}, true
	case 3:
		return index.Key{Site: parts[0], Namespace: parts[1], Name: parts[2]}, true
	default:
		return index.Key{}, false
	}
}

// refuse answers in Steve's shape before there is a schema that could.
func refuse(writer http.ResponseWriter, status int, code, message string) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	answer := map[string]any{"type": "error", "status": status, "code": code, "message": message}
	if err := json.NewEncoder(writer).Encode(answer); err != nil {
		return // the caller has gone; there is nobody left to tell
	}
}
