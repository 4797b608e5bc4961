package site

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

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
	},
	// Numbers of the whole site are for those who may list its machines, all of them.
	Guards: []index.Guard{{
		Right:  virtualmachine.Type.Right(),
		Fields: []string{"machines", "machinesRunning", "cpu", "memory"},
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
}

func join(parts [][]byte) (index.Row, error) {
	var site fleetv1.Site
	if err := json.Unmarshal(parts[0], &site); err != nil {
		return index.Row{}, fmt.Errorf("read the kept site: %w", err)
	}
	shown := site.Spec.DisplayName
	if shown == "" {
		shown = site.Name
	}
	word, state := stateOf(&site)
	return index.Row{
		UID: string(site.UID), Created: site.CreationTimestamp.Time, Labels: site.Labels, State: state,
		Values: map[string]any{
			"displayName": shown, "state": word, "version": site.Status.Version,
			"nodes": int64(site.Status.Nodes), "machines": int64(site.Status.Machines), "machinesRunning": int64(site.Status.MachinesRunning),
		},
		Shown: map[string]any{
			"name": shown, "conditions": site.Status.Conditions, "cpu": amountOf(site.Status.CPU), "memory": amountOf(site.Status.Memory),
		},
	}, nil
}

func amountOf(c fleetv1.Capacity) amount {
	return amount{Capacity: c.Capacity.AsApproximateFloat64(), Requested: c.Requested.AsApproximateFloat64()}
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
