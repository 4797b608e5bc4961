package bulkoperation

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/server"
	"github.com/rancher/apiserver/pkg/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// Prefix is where operations are served.
const Prefix = "/v1/croft/bulkoperations"

// Server gives out operations and takes new ones, in Steve's shapes. Everybody may make operations, since they act as
// him and so do nothing that he could not do himself, and everybody has his own; others' are for those who may read, or
// change, bulkoperations.crofthci.io in the hub.
//
// As with serve.Server, the listener has to have put a user into the request's context.
type Server struct {
	// Client reads and writes the hub's objects, past any cache.
	Client client.Client
	// Access knows what people may do.
	Access *serve.Access
	// Types are those whose objects have actions.
	Types []*index.Type
	// Next serves everything else below /v1/croft.
	Next http.Handler
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	rest, ours := strings.CutPrefix(req.URL.Path, Prefix)
	if !ours || rest != "" && rest[0] != '/' {
		s.Next.ServeHTTP(rw, req)
		return
	}
	who, ok := request.UserFrom(req.Context())
	if !ok || nobody(who) {
		fail(rw, &fault{http.StatusUnauthorized, "Unauthorized", "", "Rancher did not say who is asking."})
		return
	}
	if err := server.CheckCSRF(&types.APIRequest{Method: req.Method, Request: req, Response: rw}); err != nil {
		fail(rw, &fault{http.StatusUnprocessableEntity, "InvalidCSRFToken", "", "The page that asks has not said that it is Rancher's."})
		return
	}
	// A row of the index has the hub before its name.
	name := strings.TrimPrefix(strings.Trim(rest, "/"), s.Access.Hub+"/")
	status, answer, err := s.serve(req, who, name)
	if err != nil {
		fail(rw, err)
		return
	}
	write(rw, status, answer)
}

func nobody(who user.Info) bool {
	name := who.GetName()
	return name == "" || name == user.Anonymous || name == "system:unauthenticated" || name == "system:cattle:error"
}

// serve chooses what is to be done.
func (s *Server) serve(req *http.Request, who user.Info, name string) (int, any, error) {
	action := req.URL.Query().Get("action")
	switch {
	case strings.Contains(name, "/"):
		return 0, nil, missing(name)
	case req.Method == http.MethodGet && name == "":
		return s.list(req, who)
	case req.Method == http.MethodPost && name == "" && action == "":
		return s.create(req, who)
	}
	op, err := s.get(req, who, name)
	switch {
	case err != nil:
		return 0, nil, err
	case req.Method == http.MethodGet:
		return http.StatusOK, shown(op, s.choices(who, op), true), nil
	case req.Method == http.MethodDelete:
		return s.remove(req, who, op)
	case req.Method == http.MethodPost && action != "":
		return s.choose(req, who, op, action)
	default:
		return 0, nil, &fault{http.StatusMethodNotAllowed, "MethodNotAllowed", "", "Operations can be read, made, deleted, and told to run, pause or cancel."}
	}
}

// list lists those that the caller may see, without their items.
func (s *Server) list(req *http.Request, who user.Info) (int, any, error) {
	all := &fleetv1.BulkOperationList{}
	if err := s.Client.List(req.Context(), all); err != nil {
		return 0, nil, err
	}
	data := []any{}
	for i := range all.Items {
		if s.may(who, &all.Items[i], "get") {
			data = append(data, shown(&all.Items[i], s.choices(who, &all.Items[i]), false))
		}
	}
	return http.StatusOK, map[string]any{
		"type": "collection", "resourceType": "bulkoperation", "revision": all.ResourceVersion, "count": len(data), "data": data,
		"links": map[string]string{"self": Prefix}, "createTypes": map[string]string{"bulkoperation": Prefix},
	}, nil
}

// get reads one that the caller may see; of any other he is told that it is not there.
func (s *Server) get(req *http.Request, who user.Info, name string) (*fleetv1.BulkOperation, error) {
	op := &fleetv1.BulkOperation{}
	err := s.Client.Get(req.Context(), client.ObjectKey{Name: name}, op)
	if apierrors.IsNotFound(err) || err == nil && !s.may(who, op, "get") {
		return nil, missing(name)
	}
	return op, err
}

// remove deletes one. What is under way at sites goes on, and nobody is told of it.
func (s *Server) remove(req *http.Request, who user.Info, op *fleetv1.BulkOperation) (int, any, error) {
	if !s.may(who, op, "delete") {
		return 0, nil, forbidden("delete")
	}
	if err := s.Client.Delete(req.Context(), op, client.Preconditions{UID: &op.UID}); client.IgnoreNotFound(err) != nil {
		return 0, nil, err
	}
	return http.StatusOK, shown(op, nil, false), nil
}

// may says whether a user may do something to an operation: to his own everything, else as the hub's roles say.
func (s *Server) may(who user.Info, op *fleetv1.BulkOperation, verb string) bool {
	if op.Spec.Creator.Username == who.GetName() {
		return true
	}
	deed := rights.Deed{Verb: verb, Group: fleetv1.GroupVersion.Group, Resource: "bulkoperations", Name: op.Name}
	return s.Access.Book.Explain(s.Access.Hub, rights.User{Name: who.GetName(), Groups: who.GetGroups()}, deed).Allowed
}

// shown is an operation in Steve's shape.
func shown(op *fleetv1.BulkOperation, actions []string, whole bool) map[string]any {
	self := Prefix + "/" + op.Name
	offered := map[string]string{}
	for _, action := range actions {
		offered[action] = self + "?action=" + action
	}
	status := op.Status
	if !whole {
		status.Items = nil
	}
	state := strings.ToLower(string(status.Phase))
	return map[string]any{
		"type": "bulkoperation", "id": op.Name, "apiVersion": fleetv1.GroupVersion.String(), "kind": "BulkOperation",
		"links": map[string]string{"self": self}, "actions": offered, "spec": op.Spec, "status": status,
		"metadata": map[string]any{
			"name": op.Name, "uid": op.UID, "resourceVersion": op.ResourceVersion, "creationTimestamp": op.CreationTimestamp,
			"labels": op.Labels, "annotations": op.Annotations,
			"state": map[string]any{"name": state, "message": status.Message, "error": status.Phase == fleetv1.BulkFailed, "transitioning": !ended(status.Phase)},
		},
	}
}

// fault is an answer that is no success.
type fault struct {
	status               int
	code, field, message string
}

// Error is the sentence.
func (f *fault) Error() string { return f.message }

func missing(name string) error {
	return &fault{http.StatusNotFound, "NotFound", "", "bulkoperation " + name + " not found"}
}

func forbidden(verb string) error {
	return &fault{http.StatusForbidden, "Forbidden", "", fmt.Sprintf("This operation is somebody else's: that needs the right to %s bulkoperations.crofthci.io in the hub.", verb)}
}

// fail writes an error in Steve's shape.
func fail(rw http.ResponseWriter, err error) {
	var known *fault
	var status apierrors.APIStatus
	var never refusal
	switch {
	case errors.As(err, &known):
	case errors.As(err, &never):
		field, _, _ := strings.Cut(string(never), " ")
		known = &fault{http.StatusUnprocessableEntity, "InvalidOption", "spec." + strings.Trim(field, ":"), "spec." + string(never)}
	case errors.As(err, &status):
		known = &fault{int(status.Status().Code), string(status.Status().Reason), "", status.Status().Message}
	default:
		known = &fault{http.StatusInternalServerError, "ServerError", "", "The hub could not do it: " + err.Error()}
	}
	answer := map[string]any{"type": "error", "status": known.status, "code": known.code, "message": known.message}
	if known.field != "" {
		answer["fieldName"] = known.field
	}
	write(rw, known.status, answer)
}

func write(rw http.ResponseWriter, status int, answer any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(answer) // the caller may have gone; there is nobody left to tell
}
