package driver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rancher/machine/libmachine/state"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// handle is a machine that was made, at its site.
type handle struct {
	site   site
	client client.WithWatch
	key    types.NamespacedName
	// uid is the machine's, "" when create has ended before it was known; cluster is the guest cluster that it is of.
	uid     types.UID
	cluster string
}

// open reaches the machine's site.
func (d *Driver) open() (*handle, error) {
	if d.Namespace == "" {
		return nil, errors.New("the machine was never made")
	}
	at, err := siteOf(d.kubeconfig(), d.Site)
	if err != nil {
		return nil, err
	}
	reached, err := at.open()
	if err != nil {
		return nil, err
	}
	key := types.NamespacedName{Namespace: d.Namespace, Name: d.MachineName}
	return &handle{at, reached, key, types.UID(d.UID), d.Cluster}, nil
}

// get reads the machine and its instance, nil for what is not there. A machine of the same name that is another is not it.
func (h *handle) get(ctx context.Context) (*kubevirt.VirtualMachine, *kubevirt.VirtualMachineInstance, error) {
	vm, vmi := &kubevirt.VirtualMachine{}, &kubevirt.VirtualMachineInstance{}
	if err := h.client.Get(ctx, h.key, vm); isGone(err, h.key.Name) {
		return nil, nil, nil
	} else if err != nil {
		return nil, nil, h.site.explain(err)
	}
	if !h.isOurs(vm) {
		return nil, nil, nil
	}
	err := h.client.Get(ctx, h.key, vmi)
	if client.IgnoreNotFound(err) != nil {
		return nil, nil, h.site.explain(err)
	}
	if err != nil {
		vmi = nil
	}
	return vm, vmi, nil
}

// isOurs says whether a machine is the one that was made, and not another of its name.
func (h *handle) isOurs(vm *kubevirt.VirtualMachine) bool {
	if h.uid != "" {
		return vm.UID == h.uid
	}
	return vm.Labels[harvesterv1.LabelCreator] == creator && vm.Labels[harvesterv1.LabelGuestCluster] == h.cluster
}

// GetState is the machine's state now. A site that is away is an error, and never a machine that is gone.
func (d *Driver) GetState() (state.State, error) {
	h, err := d.open()
	if err != nil {
		return state.None, err
	}
	ctx, cancel := briefly()
	defer cancel()
	vm, vmi, err := h.get(ctx)
	if err != nil {
		return state.None, err
	}
	if v4, v6 := addressesOf(vmi, d.Card); v4 != "" {
		d.IPAddress, d.IPv6Address = v4, v6
	}
	return stateOf(vm, vmi), nil
}

// stateOf is rancher-machine's word for a machine.
func stateOf(vm *kubevirt.VirtualMachine, vmi *kubevirt.VirtualMachineInstance) state.State {
	switch {
	case vm == nil:
		return state.NotFound
	case vm.DeletionTimestamp != nil:
		return state.Stopping
	case vmi == nil:
		return withoutInstance(vm)
	case vmi.DeletionTimestamp != nil:
		return state.Stopping
	}
	switch vmi.Status.Phase {
	case kubevirt.PhaseRunning:
		if kubevirt.InstanceIs(vmi, kubevirt.InstancePaused) {
			return state.Paused
		}
		return state.Running
	case kubevirt.PhaseSucceeded:
		return state.Stopping
	case kubevirt.PhaseFailed:
		return state.Error
	case kubevirt.PhaseUnknown:
		return state.None
	default:
		return state.Starting
	}
}

// withoutInstance is the word for a machine that has no instance now. Its run strategy does not tell: that of a node stays
// RerunOnFailure when it is switched off.
func withoutInstance(vm *kubevirt.VirtualMachine) state.State {
	switch kubevirt.PrintableStatus(kubevirt.StateOf(vm, nil).Name) {
	case kubevirt.StatusStopped:
		return state.Stopped
	case kubevirt.StatusStopping:
		return state.Stopping
	default:
		return state.Starting
	}
}

// powerPatience is how long a machine may take to start or to stop: two minutes are Harvester's grace.
const powerPatience = 5 * time.Minute

// Start switches the machine on, and waits until it runs. One that runs is left alone.
func (d *Driver) Start() error {
	return d.turn(func(ctx context.Context, h *handle, vm *kubevirt.VirtualMachine, vmi *kubevirt.VirtualMachineInstance) error {
		if kubevirt.Active(vmi) && vmi.DeletionTimestamp == nil {
			return nil
		}
		return kubevirt.Start(ctx, h.site.config, h.key, &kubevirt.StartOptions{})
	}, func(_, vmi *kubevirt.VirtualMachineInstance) bool { return runs(vmi) })
}

// Stop has the guest shut down, and waits until it is off. One that is off is left alone.
func (d *Driver) Stop() error { return d.stop(&kubevirt.StopOptions{}) }

// Kill takes the power away.
func (d *Driver) Kill() error { return d.stop(&kubevirt.StopOptions{GracePeriod: ptr.To[int64](0)}) }

func (d *Driver) stop(options *kubevirt.StopOptions) error {
	return d.turn(func(ctx context.Context, h *handle, vm *kubevirt.VirtualMachine, vmi *kubevirt.VirtualMachineInstance) error {
		if stateOf(vm, vmi) == state.Stopped {
			return nil
		}
		return kubevirt.Stop(ctx, h.site.config, h.key, options)
	}, func(_, vmi *kubevirt.VirtualMachineInstance) bool { return vmi == nil })
}

// Restart switches the machine off and on, and waits until it runs anew.
func (d *Driver) Restart() error {
	return d.turn(func(ctx context.Context, h *handle, vm *kubevirt.VirtualMachine, vmi *kubevirt.VirtualMachineInstance) error {
		if vmi == nil {
			return kubevirt.Start(ctx, h.site.config, h.key, &kubevirt.StartOptions{})
		}
		return kubevirt.Restart(ctx, h.site.config, h.key, &kubevirt.RestartOptions{})
	}, func(before, vmi *kubevirt.VirtualMachineInstance) bool {
		return runs(vmi) && (before == nil || vmi.UID != before.UID)
	})
}

type (
	ask  func(context.Context, *handle, *kubevirt.VirtualMachine, *kubevirt.VirtualMachineInstance) error
	done func(before, now *kubevirt.VirtualMachineInstance) bool
)

// turn asks the site for a verb, and waits until it is done.
func (d *Driver) turn(verb ask, is done) error {
	h, err := d.open()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), powerPatience)
	defer cancel()
	vm, before, err := h.get(ctx)
	if err != nil {
		return err
	}
	if vm == nil {
		return fmt.Errorf("site %s has no machine %s any more", h.site.name, h.key)
	}
	if err := verb(ctx, h, vm, before); err != nil {
		return h.site.explain(err)
	}
	return h.until(ctx, vm, before, is)
}

// until waits for the machine's instance to be as wanted.
func (h *handle) until(ctx context.Context, vm *kubevirt.VirtualMachine, before *kubevirt.VirtualMachineInstance, is done) error {
	if is(before, before) {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	last, tell := &seen{vm: vm, vmi: before}, followBoth(ctx, h.client, h.key)
	for !is(before, last.vmi) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("machine %s is not as it should be after %.0f s: %s", h.key, powerPatience.Seconds(), last.sentence(""))
		case what := <-tell:
			if err := last.note(what, vm.UID); err != nil {
				return err
			}
			if isFinal(what.err) {
				return h.site.explain(what.err)
			}
		}
	}
	return nil
}
