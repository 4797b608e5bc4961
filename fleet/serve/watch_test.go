package serve

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rancher/apiserver/pkg/types"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/node"
)

// TestManySubscriptions holds that one user cannot fill the hub with subscriptions, and takes no place from another.
func TestManySubscriptions(t *testing.T) {
	x, err := index.Open(t.Context(), t.TempDir(), []*index.Type{node.Type})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	server := New(&Access{Hub: "_hub", Book: rights.NewBook(), Index: x}, "")
	schema := server.api.Schemas.LookupSchema("node")
	watch := func(name, revision string) (chan types.APIEvent, context.CancelFunc, error) {
		ctx, cancel := context.WithCancel(request.WithUser(t.Context(), &user.DefaultInfo{Name: name}))
		t.Cleanup(cancel)
		op := &types.APIRequest{Request: httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)}
		events, err := schema.Store.Watch(op, schema, types.WatchRequest{Revision: revision})
		return events, cancel, err
	}
	for range 3 * mostWatches {
		if _, _, err := watch("ann", "none"); err == nil || errors.Is(err, errTooMany) {
			t.Fatalf("a subscription from no revision: got %v", err)
		}
	}
	var first chan types.APIEvent
	var stop context.CancelFunc
	for i := range mostWatches {
		events, cancel, err := watch("ann", "")
		if err != nil {
			t.Fatalf("subscription %d was refused: %v", i, err)
		}
		first, stop = events, cancel
	}
	if _, _, err := watch("ann", ""); !errors.Is(err, errTooMany) {
		t.Errorf("one more than %d: got %v", mostWatches, err)
	}
	if _, _, err := watch("bob", ""); err != nil {
		t.Errorf("somebody else was refused: %v", err)
	}
	stop()
	for range first {
	}
	if _, _, err := watch("ann", ""); err != nil {
		t.Errorf("a place that was given back is not there: %v", err)
	}
}
