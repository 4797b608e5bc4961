package admission

import (
	"context"

	"crofthci.io/croft/backend/virtualmachine/claim"
)

// remembered has a machine with volumes tell them when it goes. The controller of its volumes would say so too, with a
// write of its own for each machine; that is left for machines that were there before Croft.
func (s site) remembered(_ context.Context, r request) error {
	claim.Protect(r.Object)
	return nil
}
