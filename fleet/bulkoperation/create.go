package bulkoperation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// biggestOrder is the most bytes of a new operation, and mostOpen how many a user may have that have not ended.
const (
	biggestOrder = 1 << 20
	mostOpen     = 20
)

// order is what a client sends to make an operation.
type order struct {
	Type       string `json:"type"`
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name        string            `json:"name"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"metadata"`
	Spec fleetv1.BulkOperationSpec `json:"spec"`
}

// create makes an operation that acts as the caller. Whom a client writes into it does not count.
func (s *Server) create(req *http.Request, who user.Info) (int, any, error) {
	var asked order
	if err := decode(req, &asked); err != nil {
		return 0, nil, err
	}
	op := &fleetv1.BulkOperation{ObjectMeta: metav1.ObjectMeta{
		Name: asked.Metadata.Name, Labels: asked.Metadata.Labels, Annotations: asked.Metadata.Annotations,
	}, Spec: asked.Spec}
	if op.Name == "" {
		op.GenerateName = "bulk-"
	}
	op.Spec.Creator = creator(who)
	if err := s.room(req, who); err != nil {
		return 0, nil, err
	}
	kind, err := typeOf(s.Types, op.Spec.Type)
	if err != nil {
		return 0, nil, err
	}
	// Said at once is better than said later; which objects they are is settled when the operation begins.
	if _, err := find(req.Context(), s.Access, kind, op.Spec); err != nil {
		return 0, nil, err
	}
	if err := s.Client.Create(req.Context(), op); err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, shown(op, s.choices(who, op), true), nil
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

// room refuses one operation too many of a user.
func (s *Server) room(req *http.Request, who user.Info) error {
	all := &fleetv1.BulkOperationList{}
	if err := s.Client.List(req.Context(), all); err != nil {
		return err
	}
	open := 0
	for _, op := range all.Items {
		if op.Spec.Creator.Username == who.GetName() && !ended(op.Status.Phase) {
			open++
		}
	}
	if open < mostOpen {
		return nil
	}
	return &fault{http.StatusTooManyRequests, "TooManyRequests", "", fmt.Sprintf("You have %d operations that have not ended. Cancel or delete some of them first.", open)}
}

// decode reads a body, and refuses a field that nobody knows: a misspelt bound must not be none.
func decode(req *http.Request, into any) error {
	body, err := io.ReadAll(io.LimitReader(req.Body, biggestOrder+1))
	if err != nil {
		return &fault{http.StatusBadRequest, "InvalidBodyContent", "", "The body cannot be read: " + err.Error()}
	}
	if len(body) > biggestOrder {
		return &fault{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "", "The body is bigger than 1 MiB."}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return &fault{http.StatusUnprocessableEntity, "InvalidBodyContent", "", "The body cannot be understood: " + err.Error()}
	}
	return nil
}
