package site

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/virtualmachine"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// Type is the row of a site. It is not watched at the sites: it is made from the Site objects of the hub.
var Type = &index.Type{
	Name:        "site",
	Plural:      "sites",
	Description: "A hyper-converged cluster that the hub looks after.",
	Sources:     []index.Source{{Resource: fleetv1.GroupVersion.WithResource("sites")}},
	Columns: []index.Column{
		{Name: "displayName", Aliases: []string{"name", "metadata.name"}, Description: "The name that people gave the site, or its id.", Searched: true},
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active, Updating or Unavailable."},
		{Name: "version", Description: "The site's setting server-version."},
		{Name: "nodes", Kind: index.Number, Description: "The number of nodes."},
		{Name: "machines", Kind: index.Number, Description: "The number of virtual machines."},
		{Name: "machinesRunning", Kind: index.Number, Description: "The number of virtual machines that run."},
		{Name: "healthy", Description: "True, False or Unknown: whether nodes, KubeVirt and CDI are well."},
		{Name: "credentialsExpiring", Description: "True, False or Unknown: whether a token or certificate that the site hangs on ends soon."},
		{Name: "region", Description: "The label topology.kubernetes.io/region or region.", Searched: true},
		{Name: "environment", Description: "The label environment or env.", Searched: true},
		{Name: "place", Aliases: []string{"location.name"}, Description: "The name of the place where the site is.", Searched: true},
		{Name: "cpuCapacity", Kind: index.Number, Aliases: []string{"cpu.capacity"}, Description: "The cores of all nodes."},
		{Name: "memoryCapacity", Kind: index.Number, Aliases: []string{"memory.capacity"}, Description: "The memory of all nodes in bytes."},
		{Name: "storageCapacity", Kind: index.Number, Aliases: []string{"storage.capacity"}, Description: "The storage of Longhorn's disks in bytes."},
	},
	// Numbers of the whole site are for those who may list its machines, all of them.
	Guards: []index.Guard{{
		Right:  virtualmachine.Type.Right(),
		Fields: []string{"machines", "machinesRunning", "cpu", "memory", "storage", "cpuCapacity", "memoryCapacity", "storageCapacity"},
	}},
	Join: join,
}

// partOf is what a site's row is made of: the Site without what other people may have written into it.
func partOf(site *fleetv1.Site) ([]byte, error) {
	kept := &fleetv1.Site{Spec: site.Spec, Status: site.Status}
	kept.UID, kept.CreationTimestamp, kept.Labels, kept.Name = site.UID, site.CreationTimestamp, site.Labels, site.Name
	kept.Status.LastHeardTime = nil
	return json.Marshal(kept)
}

// amount is a capacity as a list shows it, in cores or bytes.
type amount struct {
	Capacity  float64 `json:"capacity"`
	Requested float64 `json:"requested"`
	Used      float64 `json:"used"`
}

func join(parts [][]byte) (index.Row, error) {
	var site fleetv1.Site
	if err := json.Unmarshal(parts[0], &site); err != nil {
		return index.Row{}, fmt.Errorf("read the kept site: %w", err)
	}
	shown := nameOf(&site)
	word, state := stateOf(&site)
	return index.Row{
		UID: string(site.UID), Created: site.CreationTimestamp.Time, Labels: site.Labels, State: state,
		Values: map[string]any{
			"displayName": shown, "state": word, "version": site.Status.Version,
			"nodes": int64(site.Status.Nodes), "machines": int64(site.Status.Machines), "machinesRunning": int64(site.Status.MachinesRunning),
			"healthy": statusOf(&site, fleetv1.ConditionHealthy), "credentialsExpiring": statusOf(&site, fleetv1.ConditionCredentialsExpiring),
			"region": labelOf(&site, regionLabels), "environment": labelOf(&site, environmentLabels), "place": placeOf(&site),
			"cpuCapacity": site.Status.CPU.Capacity.AsApproximateFloat64(), "memoryCapacity": site.Status.Memory.Capacity.AsApproximateFloat64(),
			"storageCapacity": site.Status.Storage.Capacity.AsApproximateFloat64(),
		},
		Shown: map[string]any{
			"name": shown, "conditions": site.Status.Conditions, "cpu": amountOf(site.Status.CPU), "memory": amountOf(site.Status.Memory),
			"storage": amountOf(site.Status.Storage), "location": spotOf(site.Status.Location), "credentials": site.Status.Credentials,
		},
	}, nil
}

func amountOf(c fleetv1.Capacity) amount {
	return amount{Capacity: c.Capacity.AsApproximateFloat64(), Requested: c.Requested.AsApproximateFloat64(), Used: c.Used.AsApproximateFloat64()}
}

// nameOf is the name that people gave the site, or its id.
func nameOf(site *fleetv1.Site) string {
	if site.Spec.DisplayName == "" {
		return site.Name
	}
	return site.Spec.DisplayName
}

func statusOf(site *fleetv1.Site, kind string) string {
	if c := meta.FindStatusCondition(site.Status.Conditions, kind); c != nil {
		return string(c.Status)
	}
	return string(metav1.ConditionUnknown)
}

func placeOf(site *fleetv1.Site) string {
	if site.Status.Location == nil {
		return ""
	}
	return site.Status.Location.Name
}

// stateOf says in a word how a site is.
func stateOf(site *fleetv1.Site) (string, index.State) {
	conditions := site.Status.Conditions
	if c := meta.FindStatusCondition(conditions, fleetv1.ConditionConnected); c == nil || c.Status != "True" {
		return "Unavailable", index.State{Name: "unavailable", Error: true, Message: messageOf(c)}
	}
	if c := meta.FindStatusCondition(conditions, fleetv1.ConditionSynced); c == nil || c.Status != "True" {
		return "Updating", index.State{Name: "updating", Transitioning: true, Message: messageOf(c)}
	}
	return "Active", index.State{Name: "active"}
}
