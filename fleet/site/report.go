package site

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/virtualmachine"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// report writes into the Site what the hub sees of it, if that has changed.
func (c *Controller) report(ctx context.Context, site *fleetv1.Site, m *member) error {
	before := site.DeepCopy()
	if fresh, ok := c.fleet.Index.Site(site.Name); ok {
		setConditions(site, fresh, m.serverVersion())
		setHeard(site, fresh.LastHeard)
	}
	if version := m.serverVersion(); version != "" {
		site.Status.Version = version
	}
	if err := c.setNumbers(ctx, site); err != nil {
		return fmt.Errorf("count site %s: %w", site.Name, err)
	}
	if !equality.Semantic.DeepEqual(before.Status, site.Status) {
		if err := c.client.Status().Patch(ctx, site, client.MergeFrom(before)); err != nil {
			return client.IgnoreNotFound(fmt.Errorf("report on site %s: %w", site.Name, err))
		}
	}
	return c.index(ctx, site)
}

// index gives the site a row, so that sites are listed as everything else is.
func (c *Controller) index(ctx context.Context, site *fleetv1.Site) error {
	part, err := partOf(site)
	if err != nil {
		return fmt.Errorf("write down site %s: %w", site.Name, err)
	}
	cursor, err := c.fleet.Index.Cursor(ctx, site.Name, Type.Sources[0])
	if err != nil {
		return err
	}
	return c.fleet.Index.Apply(ctx, index.Batch{Site: site.Name, Type: Type, Changes: []index.Change{{Part: part}}, Epoch: cursor.Epoch})
}

func setConditions(site *fleetv1.Site, fresh index.Site, version string) {
	if version == "" {
		version = site.Status.Version
	}
	for _, condition := range []metav1.Condition{connected(fresh), synced(fresh), supported(version)} {
		condition.ObservedGeneration = site.Generation
		meta.SetStatusCondition(&site.Status.Conditions, condition)
	}
}

// setHeard writes the time to the minute, so that a quiet site is not written every few seconds.
func setHeard(site *fleetv1.Site, heard time.Time) {
	if heard.IsZero() {
		return
	}
	minute := metav1.NewTime(heard.Truncate(time.Minute))
	if site.Status.LastHeardTime == nil || !site.Status.LastHeardTime.Equal(&minute) {
		site.Status.LastHeardTime = &minute
	}
}

// setNumbers counts the site's rows.
func (c *Controller) setNumbers(ctx context.Context, site *fleetv1.Site) error {
	scope := index.Scope{Sites: []string{site.Name}}
	machines, err := c.fleet.Index.Count(ctx, index.Query{Type: virtualmachine.Type, Scope: scope}, []string{"state"}, []string{"cpu", "memory"})
	if err != nil {
		return err
	}
	nodes, err := c.fleet.Index.Count(ctx, index.Query{Type: node.Type, Scope: scope}, nil, []string{"cpu", "memory"})
	if err != nil {
		return err
	}
	numbers := Sum(machines, nodes)
	site.Status.Machines, site.Status.MachinesRunning, site.Status.Nodes = numbers.Machines, numbers.MachinesRunning, numbers.Nodes
	keep(&site.Status.CPU, numbers.CPU)
	keep(&site.Status.Memory, numbers.Memory)
	return nil
}

// keep takes new quantities over where they differ, so that another way to write the same is no change.
func keep(have *fleetv1.Capacity, want fleetv1.Capacity) {
	if have.Capacity.Cmp(want.Capacity) != 0 {
		have.Capacity = want.Capacity
	}
	if have.Requested.Cmp(want.Requested) != 0 {
		have.Requested = want.Requested
	}
}

// Sum adds up what was counted: machines by state with the sums of cpu and memory, and nodes with the same sums.
func Sum(machines, nodes []index.Tally) fleetv1.SiteStatus {
	var status fleetv1.SiteStatus
	var cpu, memory float64
	for _, tally := range machines {
		status.Machines += int32(tally.Count) //nolint:gosec // a site has fewer than two billion machines
		if tally.Values[0] == "Running" {
			status.MachinesRunning += int32(tally.Count) //nolint:gosec // see above
		}
		if tally.Values[0] != "Stopped" {
			cpu, memory = cpu+tally.Sums[0], memory+tally.Sums[1]
		}
	}
	status.CPU.Requested, status.Memory.Requested = cores(cpu), bytes(memory)
	for _, tally := range nodes {
		status.Nodes += int32(tally.Count) //nolint:gosec // see above
		status.CPU.Capacity, status.Memory.Capacity = cores(tally.Sums[0]), bytes(tally.Sums[1])
	}
	return status
}

func cores(sum float64) resource.Quantity {
	return *resource.NewMilliQuantity(int64(sum*1000+0.5), resource.DecimalSI)
}

func bytes(sum float64) resource.Quantity {
	return *resource.NewQuantity(int64(sum), resource.BinarySI)
}
