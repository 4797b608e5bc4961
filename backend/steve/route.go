package steve

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/apiserver/pkg/urlbuilder"
	"github.com/rancher/steve/pkg/attributes"
	"github.com/rancher/steve/pkg/server/router"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// The two paths that the same kinds are served under: Steve's, and the one that Harvester's clients ask.
const (
	stevePath     = "v1"
	harvesterPath = "v1/harvester"
)

// Handler answers on the server's own port: bearer tokens only, and the probes without any. What a token has opened ends
// with it.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.HandleFunc("GET /"+harvesterPath+"/readyz", s.readyz)
	s.serveSpecial(mux, true)
	known := s.metered(direct(refuseImpersonation(authenticated(s.authenticate, named(s.inner)))))
	mux.Handle("/", whileKnown(s.authenticate, tokenMemory, known))
	return mux
}

// TunnelHandler answers in the tunnel that the server dials: impersonation headers only, and Rancher's own question
// without any: it calls a site connected while somebody answers its ping here.
func (s *Server) TunnelHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", pong)
	mux.HandleFunc("GET /"+harvesterPath+"/readyz", s.readyz)
	s.serveSpecial(mux, true)
	mux.Handle("/", s.metered(authenticated(ByImpersonation, named(s.inner))))
	return mux
}

// routes is Steve's router with the second path, for callers that are known.
func (s *Server) routes(h router.Handlers) http.Handler {
	mux := http.NewServeMux()
	for _, prefix := range []string{stevePath, harvesterPath} {
		api := requireCaller(s.api(prefix))
		for _, pattern := range []string{
			"", "/{$}", "/{type}", "/{type}/{$}", "/{type}/{nameorns}", "/{type}/{nameorns}/{$}",
			"/{type}/{namespace}/{name}", "/{type}/{namespace}/{name}/{$}", "/{type}/{namespace}/{name}/{link}",
		} {
			mux.Handle("/"+prefix+pattern, api)
		}
	}
	s.serveSpecial(mux, false)
	mux.Handle("GET /metrics", s.metricsHandler())
	for _, prefix := range []string{"/api", "/api/", "/apis", "/apis/", "/openapi/", "/version"} {
		mux.Handle(prefix, h.K8sProxy)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		writeFault(w, http.StatusNotFound, "NotFound", "There is nothing at "+req.URL.Path+".")
	})
	return urlbuilder.RedirectRewrite(mux)
}

// serveSpecial serves the routes that are open to everybody, or those that are not.
func (s *Server) serveSpecial(mux *http.ServeMux, open bool) {
	for _, route := range s.special {
		answer := s.answer(route)
		if !route.Open {
			answer = requireCaller(answer)
		}
		if route.Open == open {
			mux.Handle(route.Method+" /"+harvesterPath+"/"+route.Path, answer)
		}
	}
}

// api answers requests for kinds under a path. It is Steve's own handler but for the path, which Steve has fixed, and
// which every link in an answer begins with.
func (s *Server) api(prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		caller, _ := request.UserFrom(req.Context())
		schemas, err := s.steve.kinds.Schemas(caller)
		if err != nil {
			s.log.Error("cannot say which kinds a user has", "user", caller.GetName(), "error", err)
			writeFault(w, http.StatusInternalServerError, "ServerError", "Cannot say which kinds you have: "+err.Error())
			return
		}
		urls, err := urlbuilder.NewPrefixed(req, schemas, prefix)
		if err != nil {
			writeFault(w, http.StatusBadRequest, "BadRequest", "Cannot tell the address of this server: "+err.Error())
			return
		}
		op := &types.APIRequest{
			// Without one, the library would take it from ?_method=, and a link or a picture on a page elsewhere could
			// have a browser delete a machine with a GET.
			Method:  req.Method,
			Schemas: schemas, Request: req, Response: w, URLBuilder: &addresses{URLBuilder: urls},
		}
		if !address(op) {
			writeFault(w, http.StatusNotFound, "NotFound",
				"There is no kind "+op.Type+" here, or you have no right to any object of it.")
			return
		}
		if problem := astray(op); problem != "" {
			writeFault(w, http.StatusNotFound, "NotFound", problem)
			return
		}
		validated := s.validationOf(op)
		op.Request = withNotes(req, &notes{validation: validated})
		if err := readable(op, validated); err != nil {
			s.failRoute(w, req, err)
			return
		}
		s.steve.api.Handle(op)
	})
}

// validationOf says what is to become of fields that nobody knows: what the client says; else those of the kinds that a
// capability serves are refused, because a machine with a misspelt field is not the machine that was asked for.
func (s *Server) validationOf(op *types.APIRequest) string {
	if wanted := op.Request.URL.Query().Get(fieldValidation); wanted != "" {
		return wanted
	}
	if _, served := s.resourceOf(op.Schemas.LookupSchema(op.Type)); served {
		return metav1.FieldValidationStrict
	}
	return ""
}

// address reads from the path which objects are meant. It says whether the caller has such a kind.
func address(op *types.APIRequest) bool {
	op.Type = op.Request.PathValue("type")
	if op.Type == "" {
		op.Type = "apiRoot"
	}
	schema := op.Schemas.LookupSchema(op.Type)
	if schema == nil {
		return false
	}
	op.Namespace, op.Name = op.Request.PathValue("namespace"), op.Request.PathValue("name")
	switch only := op.Request.PathValue("nameorns"); {
	case only == "":
	case attributes.Namespaced(schema):
		op.Namespace = only
	default:
		op.Name = only
	}
	return true
}

// astray says why nothing can be at an address: its parts come decoded, and one with a slash in it would lead elsewhere.
func astray(op *types.APIRequest) string {
	for _, part := range []string{op.Namespace, op.Name} {
		if problems := path.IsValidPathSegmentName(part); len(problems) > 0 {
			return fmt.Sprintf("There can be nothing of the name %q: it %s.", part, strings.Join(problems, ", and "))
		}
	}
	return ""
}
