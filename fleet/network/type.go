// Package network says what the hub's index holds of a network that machines of a site can be attached to. It reads
// nothing and serves nothing. Begin reading with Type.
package network

import (
	"encoding/json"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/multus"
)

// Type is the row of a network. A site without Multus has none.
var Type = &index.Type{
	Name:        "network",
	Plural:      "networks",
	Description: "A network that machines of one of the sites can be attached to, as the hub last saw it.",
	Sources:     []index.Source{{Resource: multus.Attachments, Trim: index.TrimOne("network", keep), Optional: true}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active, NotReady where the site says so, or Removing."},
		{Name: "vlan", Kind: index.Number, Description: "The VLAN's id; 0 where there is none."},
		{Name: "networkType", Description: "The kind of network in Harvester's words, such as L2VlanNetwork."},
		{Name: "clusterNetwork", Description: "The cluster network that it is part of.", Searched: true},
		{Name: "plugin", Description: "The CNI plugin that attaches machines."},
	},
	Join: index.JoinOne("network", row),
}

// The labels that Harvester's network controller writes.
const (
	labelType  = "network.harvesterhci.io/type"
	labelReady = "network.harvesterhci.io/ready"
)

// read is as much of an attachment as is read.
type read struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Config string `json:"config"`
	} `json:"spec"`
}

// config is as much of a CNI configuration as is read.
type config struct {
	Type    string `json:"type"`
	Bridge  string `json:"bridge"`
	VLAN    int64  `json:"vlan"`
	MTU     int64  `json:"mtu"`
	Plugins []struct {
		Type string `json:"type"`
	} `json:"plugins"`
}

// kept is what is kept of an attachment.
type kept struct {
	index.Meta
	Plugin string `json:"plugin,omitempty"`
	Bridge string `json:"bridge,omitempty"`
	VLAN   int64  `json:"vlan,omitempty"`
	MTU    int64  `json:"mtu,omitempty"`
}

// keep reads the configuration, whose form is its plugin's: where it cannot be read, nothing is known of it.
func keep(attachment *read) kept {
	k := kept{Meta: index.MetaOf(&attachment.ObjectMeta)}
	var c config
	if json.Unmarshal([]byte(attachment.Spec.Config), &c) != nil {
		return k
	}
	if c.Type == "" && len(c.Plugins) > 0 {
		c.Type = c.Plugins[0].Type
	}
	k.Plugin, k.Bridge, k.VLAN, k.MTU = index.Short(c.Type), index.Short(c.Bridge), c.VLAN, c.MTU
	return k
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	r := k.Row(word, state, map[string]any{
		"vlan": k.VLAN, "networkType": k.Labels[labelType], "clusterNetwork": k.Labels[multus.LabelClusterNetwork], "plugin": k.Plugin,
	})
	r.Shown = map[string]any{"bridge": k.Bridge, "mtu": k.MTU}
	return r
}

// stateOf says in a word whether machines can be attached. Where nobody looks after networks, nobody says that they cannot.
func stateOf(k *kept) (string, index.State) {
	if k.Labels[labelReady] == "false" {
		return "NotReady", index.State{Transitioning: true, Message: "The site has not made it ready on its nodes."}
	}
	return "Active", index.State{}
}
