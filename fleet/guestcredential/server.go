package guestcredential

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/rancher/apiserver/pkg/server"
	"github.com/rancher/apiserver/pkg/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// Prefix is where credentials are asked for.
const Prefix = "/v1/croft/guestcredentials"

// biggestOrder is the most bytes of a body.
const biggestOrder = 64 << 10

// Server takes credentials that people ask for, and shows them. Who may make the cluster in the hub may ask for its
// credential, and whether he gets one is the site's to say. As with serve.Server, the listener has to have put a user into
// the request's context.
type Server struct {
	// Client reads and writes the hub's objects, past any cache.
	Client client.Client
	// Access knows what people may do.
	Access *serve.Access
	// Next serves everything else below /v1/croft.
	Next http.Handler
}

// order is what a client sends.
type order struct {
	Type       string `json:"type"`
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Site             string `json:"site"`
		MachineNamespace string `json:"machineNamespace"`
		NodeDriver       bool   `json:"nodeDriver"`
	} `json:"spec"`
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	rest, ours := strings.CutPrefix(req.URL.Path, Prefix)
	who, known := request.UserFrom(req.Context())
	if !ours || rest != "" && rest[0] != '/' || !known || nobody(who) {
		s.Next.ServeHTTP(rw, req) // which refuses who is nobody
		return
	}
	if err := server.CheckCSRF(&types.APIRequest{Method: req.Method, Request: req, Response: rw}); err != nil {
		fail(rw, &fault{http.StatusUnprocessableEntity, "InvalidCSRFToken", "", "The page that asks has not said that it is Rancher's."})
		return
	}
	status, of, err := s.serve(req, who, strings.Trim(rest, "/"))
	if err != nil {
		fail(rw, err)
		return
	}
	write(rw, status, shown(of))
}

func (s *Server) serve(req *http.Request, who user.Info, name string) (int, *fleetv1.GuestCredential, error) {
	switch {
	case req.Method == http.MethodPost && name == "":
		return s.create(req, who)
	case req.Method != http.MethodGet && req.Method != http.MethodDelete || name == "":
		return 0, nil, &fault{http.StatusMethodNotAllowed, "MethodNotAllowed", "", "A credential can be asked for by POST, and read and deleted by its namespace and name."}
	}
	namespace, name, _ := strings.Cut(name, "/")
	of := &fleetv1.GuestCredential{}
	err := s.Client.Get(req.Context(), client.ObjectKey{Namespace: namespace, Name: name}, of)
	verb := map[string]string{http.MethodGet: "get", http.MethodDelete: "delete"}[req.Method]
	if apierrors.IsNotFound(err) || err == nil && !s.may(who, verb, namespace, name) {
		return 0, nil, &fault{http.StatusNotFound, "NotFound", "", "guestcredential " + namespace + "/" + name + " not found"}
	}
	if err == nil && req.Method == http.MethodDelete {
		err = client.IgnoreNotFound(s.Client.Delete(req.Context(), of, client.Preconditions{UID: &of.UID}))
	}
	return http.StatusOK, of, err
}

// create makes a credential that acts as the caller. A page asks before it makes the cluster, which names the secret: so
// who may make it may ask, and of one that is there, who may change it.
func (s *Server) create(req *http.Request, who user.Info) (int, *fleetv1.GuestCredential, error) {
	var asked order
	body, err := io.ReadAll(io.LimitReader(req.Body, biggestOrder))
	if err == nil {
		err = json.Unmarshal(body, &asked)
	}
	if err != nil {
		return 0, nil, &fault{http.StatusUnprocessableEntity, "InvalidBodyContent", "", "The body cannot be understood: " + err.Error()}
	}
	of := &fleetv1.GuestCredential{ObjectMeta: metav1.ObjectMeta{Namespace: asked.Metadata.Namespace, Name: asked.Metadata.Name}}
	for field, value := range map[string]string{"metadata.name": of.Name, "metadata.namespace": of.Namespace} {
		if value == "" {
			return 0, nil, &fault{http.StatusUnprocessableEntity, "MissingRequired", field, field + " is needed: it is the cluster's"}
		}
	}
	of.Spec = fleetv1.GuestCredentialSpec{Creator: creator(who), Site: asked.Spec.Site, MachineNamespace: asked.Spec.MachineNamespace, NodeDriver: asked.Spec.NodeDriver}
	err = s.Client.Get(req.Context(), client.ObjectKeyFromObject(of), clusterMeta(of.Namespace, of.Name))
	verb, name := "update", of.Name
	if apierrors.IsNotFound(err) {
		verb, name = "create", ""
	} else if err != nil {
		return 0, nil, err
	}
	if !s.may(who, verb, of.Namespace, name) {
		return 0, nil, &fault{http.StatusForbidden, "Forbidden", "", "You may not " + verb + " clusters.provisioning.cattle.io in " + of.Namespace + ", so you may not ask for the credential of one."}
	}
	if err := s.Client.Create(req.Context(), of); err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, of, nil
}

// may says whether a user may do something to a cluster in the hub.
func (s *Server) may(who user.Info, verb, namespace, name string) bool {
	deed := rights.Deed{Verb: verb, Group: provisioning.GroupVersion.Group, Resource: "clusters", Namespace: namespace, Name: name}
	return s.Access.Book.Explain(s.Access.Hub, rights.User{Name: who.GetName(), Groups: who.GetGroups()}, deed).Allowed
}

// creator is a user as the hub knows him.
func creator(who user.Info) fleetv1.BulkCreator {
	c := fleetv1.BulkCreator{Username: who.GetName(), Groups: who.GetGroups()}
	for key, values := range who.GetExtra() {
		if c.Extra == nil {
			c.Extra = map[string]fleetv1.BulkExtra{}
		}
		c.Extra[key] = values
	}
	return c
}

func nobody(who user.Info) bool {
	name := who.GetName()
	return name == "" || name == user.Anonymous || name == "system:unauthenticated" || name == "system:cattle:error"
}

// shown is a credential in Steve's shape. What was minted is in the secret alone.
func shown(of *fleetv1.GuestCredential) map[string]any {
	return map[string]any{
		"type": "guestcredential", "id": of.Namespace + "/" + of.Name, "apiVersion": fleetv1.GroupVersion.String(), "kind": "GuestCredential",
		"links": map[string]string{"self": Prefix + "/" + of.Namespace + "/" + of.Name}, "spec": of.Spec, "status": of.Status,
		"metadata": map[string]any{"namespace": of.Namespace, "name": of.Name, "uid": of.UID, "creationTimestamp": of.CreationTimestamp},
	}
}

// fault is an answer that is no success.
type fault struct {
	status               int
	code, field, message string
}

// Error is the sentence.
func (f *fault) Error() string { return f.message }

func fail(rw http.ResponseWriter, err error) {
	var known *fault
	var status apierrors.APIStatus
	switch {
	case errors.As(err, &known):
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
