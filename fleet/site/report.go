package site

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/virtualmachine"
	"crofthci.io/croft/fleet/volume"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// report writes into the Site what the hub sees of it, if that has changed.
func (c *Controller) report(ctx context.Context, site *fleetv1.Site, cluster *management.Cluster, m *member) error {
	before := site.DeepCopy()
	signs := m.signs()
	have, err := c.setNumbers(ctx, site)
	if err != nil {
		return fmt.Errorf("count site %s: %w", site.Name, err)
	}
	setVitals(site, signs)
	site.Status.Location = locationOf(site, cluster)
	site.Status.Credentials = c.credentials(cluster, site, signs)
	if fresh, ok := c.fleet.Index.Site(site.Name); ok {
		c.setConditions(site, fresh, have, signs)
		setHeard(site, fresh.LastHeard)
	}
	c.fleet.Conditions.set(site)
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

func (c *Controller) setConditions(site *fleetv1.Site, fresh index.Site, have nodes, signs vitals) {
	conditions := []metav1.Condition{connected(fresh), synced(fresh), supported(site.Status.Version), expiring(site.Status.Credentials, c.now())}
	// Before KubeVirt and CDI have been asked, what is known of them is from before the hub's restart.
	if signs.known || fresh.Stale() || meta.FindStatusCondition(site.Status.Conditions, fleetv1.ConditionHealthy) == nil {
		conditions = append(conditions, healthy(fresh, have, signs.complaints))
	}
	for _, condition := range conditions {
		condition.ObservedGeneration = site.Generation
		meta.SetStatusCondition(&site.Status.Conditions, condition)
	}
}

// setVitals writes what was read of the site. Until it has been read, what is there is from before the hub's restart.
func setVitals(site *fleetv1.Site, signs vitals) {
	if !signs.known {
		return
	}
	site.Status.Version = signs.version
	set(&site.Status.CPU.Used, cores(signs.cpu))
	set(&site.Status.Memory.Used, bytes(signs.memory))
	var disks storage
	if signs.storage != nil {
		disks = *signs.storage
	}
	set(&site.Status.Storage.Capacity, bytes(disks.capacity))
	set(&site.Status.Storage.Used, bytes(disks.used))
}

// credentials are all that the site hangs on, by name. That of its webhooks is kept until they have been asked for again.
func (c *Controller) credentials(cluster *management.Cluster, site *fleetv1.Site, signs vitals) []fleetv1.Credential {
	all := append(ofCluster(cluster), c.keyring.credentials()...)
	if signs.known {
		all = appendIf(all, signs.webhook)
	} else {
		for i := range site.Status.Credentials {
			if site.Status.Credentials[i].Name == webhookAuthority {
				all = append(all, site.Status.Credentials[i])
			}
		}
	}
	slices.SortFunc(all, func(a, b fleetv1.Credential) int { return strings.Compare(a.Name, b.Name) })
	return all
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

// setNumbers counts the site's rows, and says how its nodes are.
func (c *Controller) setNumbers(ctx context.Context, site *fleetv1.Site) (nodes, error) {
	scope := index.Scope{Sites: []string{site.Name}}
	machines, err := c.fleet.Index.Count(ctx, index.Query{Type: virtualmachine.Type, Scope: scope}, []string{"state"}, []string{"cpu", "memory"})
	if err != nil {
		return nodes{}, err
	}
	tallies, err := c.fleet.Index.Count(ctx, index.Query{Type: node.Type, Scope: scope}, []string{"state"}, []string{"cpu", "memory"})
	if err != nil {
		return nodes{}, err
	}
	volumes, err := c.fleet.Index.Count(ctx, index.Query{Type: volume.Type, Scope: scope}, nil, []string{"size"})
	if err != nil {
		return nodes{}, err
	}
	numbers := Sum(machines, tallies)
	for _, tally := range volumes {
		set(&site.Status.Storage.Requested, bytes(tally.Sums[0]))
	}
	site.Status.Machines, site.Status.MachinesRunning, site.Status.Nodes = numbers.Machines, numbers.MachinesRunning, numbers.Nodes
	for _, each := range []struct{ have, want *fleetv1.Capacity }{{&site.Status.CPU, &numbers.CPU}, {&site.Status.Memory, &numbers.Memory}} {
		set(&each.have.Capacity, each.want.Capacity)
		set(&each.have.Requested, each.want.Requested)
	}
	have := nodes{all: int(numbers.Nodes)}
	for _, tally := range tallies {
		if state := tally.Values[0]; state == "NotReady" || state == "Unknown" {
			have.unready += tally.Count
		}
	}
	if have.unready > 0 {
		have.names, err = c.unready(ctx, scope)
	}
	return have, err
}

// unready are the names of the first of a site's nodes that are not ready.
func (c *Controller) unready(ctx context.Context, scope index.Scope) ([]string, error) {
	query, err := index.Parse(node.Type, url.Values{"filter": {"state in (NotReady,Unknown)"}, "sort": {"name"}, "pagesize": {"3"}})
	if err != nil {
		return nil, err
	}
	query.Scope = scope
	page, err := c.fleet.Index.List(ctx, query)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range page.Entries {
		names = append(names, entry.Key.Name)
	}
	return names, nil
}

// set takes a new quantity over where it differs, so that another way to write the same is no change.
func set(have *resource.Quantity, want resource.Quantity) {
	if have.Cmp(want) != 0 {
		*have = want
	}
}

// Sum adds up what was counted: machines by state with the sums of cpu and memory, and nodes by state with the same sums.
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
	cpu, memory = 0, 0
	for _, tally := range nodes {
		status.Nodes += int32(tally.Count) //nolint:gosec // see above
		cpu, memory = cpu+tally.Sums[0], memory+tally.Sums[1]
	}
	status.CPU.Capacity, status.Memory.Capacity = cores(cpu), bytes(memory)
	return status
}

func cores(sum float64) resource.Quantity {
	return *resource.NewMilliQuantity(int64(sum*1000+0.5), resource.DecimalSI)
}

func bytes(sum float64) resource.Quantity {
	return *resource.NewQuantity(int64(sum), resource.BinarySI)
}
