package steve

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/stores/proxy"

	"crofthci.io/croft/backend/capability"
)

// guard mends the kinds that Steve makes itself. What each user likes is in one file for all of them, which everybody may
// write: Rancher and the hub keep that, and a site does not. Counts would go on when their caller's rights have changed.
func (s *Server) guard(base *types.APISchemas) {
	delete(base.Schemas, "userpreference")
	if counts := base.LookupSchema("count"); counts != nil {
		counts.Store = proxy.NewWatchRefresh(counts.Store, s.access)
	}
	if cluster := base.LookupSchema("management.cattle.io.cluster"); cluster != nil {
		for name, action := range cluster.ActionHandlers {
			cluster.ActionHandlers[name] = s.bounded(action)
		}
	}
}

// bounded is an action of Steve's own, which reads bodies of any size, and calls what the cluster refuses a fault of the
// server's.
func (s *Server) bounded(action http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		op := types.GetAPIContext(req.Context())
		body, err := atMost(w, req, biggestObject, "2 MiB")
		if err != nil {
			s.fail(op, err)
			return
		}
		if !json.Valid(body) {
			s.fail(op, capability.Refuse("", "The input is not JSON."))
			return
		}
		tell := op.ErrorHandler
		op.ErrorHandler = func(op *types.APIRequest, err error) { tell(op, fault(err)) }
		// What comes after the action is Steve's again: the word that all is answered is an error to it, and no fault.
		defer func() { op.ErrorHandler = tell }()
		req.Body = io.NopCloser(bytes.NewReader(body))
		action.ServeHTTP(w, req)
	})
}
