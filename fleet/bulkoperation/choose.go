package bulkoperation

import (
	"net/http"

	"k8s.io/apiserver/pkg/authentication/user"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// The actions on an operation, by the mode that each chooses.
var modes = []struct {
	action string
	mode   fleetv1.BulkMode
}{
	{"run", fleetv1.BulkRun},
	{"pause", fleetv1.BulkPause},
	{"cancel", fleetv1.BulkCancel},
}

// unless says why an action on an operation cannot be done now, "" when it can.
func unless(mode fleetv1.BulkMode, op *fleetv1.BulkOperation, own bool) string {
	switch {
	case ended(op.Status.Phase):
		return "The operation has ended."
	case op.Spec.Mode == fleetv1.BulkCancel:
		return "The operation was cancelled."
	case mode == fleetv1.BulkRun && !own:
		return "The operation acts as " + op.Spec.Creator.Username + ", so it is his to run."
	case mode == fleetv1.BulkPause && op.Spec.Mode != fleetv1.BulkRun:
		return "The operation does not run."
	default:
		return ""
	}
}

// choices are the actions that a user has on an operation now.
func (s *Server) choices(who user.Info, op *fleetv1.BulkOperation) []string {
	if !s.may(who, op, "update") {
		return nil
	}
	var offered []string
	for _, each := range modes {
		if unless(each.mode, op, op.Spec.Creator.Username == who.GetName()) == "" {
			offered = append(offered, each.action)
		}
	}
	return offered
}

// told is what comes with an action.
type told struct {
	// Failures replaces spec.failures; with run alone.
	Failures *fleetv1.BulkFailures `json:"failures"`
}

// choose sets the mode of an operation.
func (s *Server) choose(req *http.Request, who user.Info, op *fleetv1.BulkOperation, action string) (int, any, error) {
	if !s.may(who, op, "update") {
		return 0, nil, forbidden("update")
	}
	var with told
	if err := decode(req, &with); err != nil {
		return 0, nil, err
	}
	for _, each := range modes {
		if each.action != action {
			continue
		}
		if sentence := unless(each.mode, op, op.Spec.Creator.Username == who.GetName()); sentence != "" {
			return 0, nil, &fault{http.StatusConflict, "Conflict", "", sentence}
		}
		before := op.DeepCopy()
		op.Spec.Mode = each.mode
		if with.Failures != nil && each.mode == fleetv1.BulkRun {
			op.Spec.Failures = *with.Failures
		}
		// Without a resourceVersion: the status changes with every answer of a site, and a pause must not lose against that.
		if err := s.Client.Patch(req.Context(), op, client.MergeFrom(before)); err != nil {
			return 0, nil, err
		}
		return http.StatusOK, shown(op, s.choices(who, op), true), nil
	}
	return 0, nil, &fault{http.StatusNotFound, "ActionNotAvailable", "", "An operation can be told to run, pause or cancel, not to " + action + "."}
}
