package guestcluster

import (
	"maps"
	"slices"
	"strings"

	"crofthci.io/croft/fleet/index"
)

// View is a guest cluster with its pools, nodes and machines.
type View struct {
	// Type is guestclustermachines.
	Type string `json:"type"`
	// ID is the cluster's.
	ID string `json:"id"`
	// Pools are those that the cluster is to have, and then those that are left of others.
	Pools []PoolView `json:"pools"`
	// Sites are where its machines are, by id.
	Sites []SiteView `json:"sites"`
	// Counts are over all pools.
	Counts Counts `json:"counts"`
}

// PoolView is a pool with what is there of it.
type PoolView struct {
	Pool
	// Gone says that the cluster has no such pool any more, or none that is known.
	Gone bool `json:"gone,omitempty"`
	// Nodes are those that Rancher has, each with its machine where the caller may see it.
	Nodes []Node `json:"nodes"`
	// Strays are machines that say that they are of this pool, and of which Rancher has no node.
	Strays []Machine `json:"strays"`
	// Counts are of this pool.
	Counts Counts `json:"counts"`
}

// Counts are numbers of nodes and machines.
type Counts struct {
	// Wanted is how many nodes there are to be.
	Wanted int64 `json:"wanted"`
	// Nodes are how many Rancher has, and Ready how many of them have joined.
	Nodes int64 `json:"nodes"`
	Ready int64 `json:"ready"`
	// Machines are how many there are at sites, and Running how many of them run.
	Machines int64 `json:"machines"`
	Running  int64 `json:"running"`
}

// Node is a node as its row shows it, with its machine.
type Node struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	State      string   `json:"state"`
	Reason     string   `json:"reason,omitempty"`
	Pool       string   `json:"pool,omitempty"`
	Roles      []string `json:"roles"`
	Machine    string   `json:"machine"`
	MachineUID string   `json:"machineUID,omitempty"`
	NodeName   string   `json:"nodeName,omitempty"`
	// At is the machine, nil where there is none or where the caller may not see it.
	At *Machine `json:"at"`
}

// Machine is a machine at a site as its row shows it.
type Machine struct {
	ID        string   `json:"id"`
	UID       string   `json:"uid"`
	Name      string   `json:"name"`
	Site      string   `json:"site"`
	SiteName  string   `json:"siteName"`
	Stale     bool     `json:"stale"`
	State     string   `json:"state"`
	Pool      string   `json:"guestPool,omitempty"`
	Addresses []string `json:"addresses,omitempty"`
}

// SiteView is a site with machines of the cluster.
type SiteView struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Machines int64  `json:"machines"`
}

// clusterDocument is as much of a cluster's row as is read.
type clusterDocument struct {
	MachinePools []Pool `json:"machinePools"`
}

// Together puts together what belongs together. A machine is a node's whose UID the node knows; as long as it knows none,
// the one machine of the name that Rancher gave it. What a machine says of itself makes it no node.
func Together(key index.Key, pools []Pool, nodes []Node, machines []Machine) *View {
	view := &View{Type: "guestclustermachines", ID: key.ID(), Pools: []PoolView{}, Sites: sitesOf(machines)}
	for _, pool := range pools {
		view.Pools = append(view.Pools, PoolView{Pool: pool, Nodes: []Node{}, Strays: []Machine{}, Counts: Counts{Wanted: pool.Quantity}})
	}
	taken := map[string]bool{}
	for _, node := range nodes {
		node.At = behind(node, machines)
		if node.At != nil {
			taken[node.At.ID] = true
		}
		pool := view.pool(node.Pool)
		pool.Nodes = append(pool.Nodes, node)
	}
	for _, machine := range machines {
		if !taken[machine.ID] {
			pool := view.pool(machine.Pool)
			pool.Strays = append(pool.Strays, machine)
		}
	}
	for i := range view.Pools {
		view.Pools[i].count()
		view.Counts.add(view.Pools[i].Counts)
	}
	return view
}

// behind is the machine behind a node.
func behind(node Node, machines []Machine) *Machine {
	var found *Machine
	for i, machine := range machines {
		switch {
		case node.MachineUID != "" && machine.UID == node.MachineUID:
			return &machines[i]
		case node.MachineUID != "" || machine.Name != node.Machine:
		case found != nil:
			return nil // at two sites there is one of the name, and nobody knows which it is
		default:
			found = &machines[i]
		}
	}
	return found
}

// pool finds a pool by its name. One that the cluster has not is added.
func (v *View) pool(name string) *PoolView {
	for i := range v.Pools {
		if v.Pools[i].Name == name {
			return &v.Pools[i]
		}
	}
	v.Pools = append(v.Pools, PoolView{Pool: Pool{Name: name, Roles: []string{}}, Gone: true, Nodes: []Node{}, Strays: []Machine{}})
	return &v.Pools[len(v.Pools)-1]
}

func (p *PoolView) count() {
	machines := slices.Clone(p.Strays)
	for _, node := range p.Nodes {
		p.Counts.Nodes++
		if node.State == "Running" {
			p.Counts.Ready++
		}
		if node.At != nil {
			machines = append(machines, *node.At)
		}
	}
	for _, machine := range machines {
		p.Counts.Machines++
		if machine.State == "Running" {
			p.Counts.Running++
		}
	}
}

func (c *Counts) add(other Counts) {
	c.Wanted, c.Nodes, c.Ready = c.Wanted+other.Wanted, c.Nodes+other.Nodes, c.Ready+other.Ready
	c.Machines, c.Running = c.Machines+other.Machines, c.Running+other.Running
}

func sitesOf(machines []Machine) []SiteView {
	sites := map[string]SiteView{}
	for _, machine := range machines {
		site := sites[machine.Site]
		sites[machine.Site] = SiteView{ID: machine.Site, Name: machine.SiteName, Machines: site.Machines + 1}
	}
	sorted := slices.AppendSeq(make([]SiteView, 0, len(sites)), maps.Values(sites))
	slices.SortFunc(sorted, func(a, b SiteView) int { return strings.Compare(a.ID, b.ID) })
	return sorted
}
