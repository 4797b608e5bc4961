package handler

import (
	"context"
	"fmt"
	"time"

	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/site"
)

// watchFaults does what a change of the ordered faults asks for.
func (h *handler) watchFaults(ctx context.Context) {
	changes, end := h.site.Faults.Watch()
	defer end()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
		}
		for n := 1; n <= h.site.Nodes; n++ {
			how, stopped := h.site.Faults.On(site.FaultNode, h.site.NodeName(n))
			if stopped && how != "network" {
				h.powerOff(n)
			}
			if h.unreachable(n) {
				h.hangUp(n)
			}
		}
		h.lookAtAll(ctx)
	}
}

// powerOff ends all machines of a node without telling anybody.
func (h *handler) powerOff(n int) {
	for _, at := range h.domains.on(h.site.NodeName(n)) {
		h.consoles.close(at.vmi)
		if dom := h.domains.get(at); dom != nil {
			dom.kill()
		}
	}
}

// hangUp ends all consoles on a node.
func (h *handler) hangUp(n int) {
	for _, at := range h.domains.on(h.site.NodeName(n)) {
		h.consoles.close(at.vmi)
	}
}

func (h *handler) lookAtAll(ctx context.Context) {
	var list kubevirtv1.VirtualMachineInstanceList
	if err := h.cache.List(ctx, &list); err != nil {
		h.site.Log.Warn("handler: list machines", "error", err)
		return
	}
	for i := range list.Items {
		h.queue.Add(client.ObjectKeyFromObject(&list.Items[i]))
	}
}

// bootFault delays or refuses a machine's start.
func (h *handler) bootFault(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance) (time.Duration, error) {
	value, ordered := h.site.Faults.Of(site.FaultBoot, vmi)
	if !ordered {
		return 0, nil
	}
	delay, err := time.ParseDuration(value)
	if err != nil {
		return h.failSync(ctx, vmi, fmt.Errorf("ordered by the fault %q", site.FaultBoot))
	}
	return max(0, delay-h.since(vmi.UID, "boot")), nil
}

// guestFault crashes a machine once.
func (h *handler) guestFault(vmi *kubevirtv1.VirtualMachineInstance, dom domain) {
	value, ordered := h.site.Faults.Of(site.FaultGuest, vmi)
	if ordered && value == "crash" && h.once(vmi.UID, "crash") {
		dom.kill()
	}
}

// moveFault is what the fault "migration" asks for.
type moveFault struct {
	fail, stall bool
	slow        time.Duration
}

func (h *handler) migrationFault(vmi *kubevirtv1.VirtualMachineInstance) moveFault {
	value, ordered := h.site.Faults.Of(site.FaultMigration, vmi)
	if !ordered {
		return moveFault{}
	}
	if slow, err := time.ParseDuration(value); err == nil {
		return moveFault{slow: slow}
	}
	return moveFault{fail: value != "stall", stall: value == "stall"}
}
