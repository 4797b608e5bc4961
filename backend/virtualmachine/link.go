package virtualmachine

import (
	"context"
	"time"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/virtualmachine/metrics"
	"crofthci.io/croft/pkg/kubevirt"
)

// Links are what can be fetched of a machine.
var Links = []capability.Link{
	capability.Fetch("metrics", used).
		Needs("get", kubevirt.GroupVersion, kubevirt.VirtualMachines.Resource).
		Explained("What it has used in the last hour, by the site's Prometheus: processors, memory, disks and networks."),
}

// used is what a machine has used. The caller reads the machine; the Prometheus of all machines he need not read.
func used(ctx context.Context, caller capability.Caller, m Machine) (*metrics.Usage, error) {
	return metrics.Of(ctx, caller.Prometheus, metrics.Machine{NamespacedName: m.key(), Since: m.VM.CreationTimestamp.Time}, time.Now())
}
