// Package loadbalancer says what the hub's index holds of a site's load balancer. It reads nothing and serves nothing.
// Begin reading with Type.
package loadbalancer

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// resource is where Harvester serves load balancers.
var resource = schema.GroupVersionResource{Group: "loadbalancer.harvesterhci.io", Version: "v1beta1", Resource: "loadbalancers"}

// Type is the row of a load balancer. A site that serves none has none.
var Type = &index.Type{
	Name:        "loadbalancer",
	Plural:      "loadbalancers",
	Description: "A load balancer of one of the sites, as the hub last saw it.",
	Sources:     []index.Source{{Resource: resource, Trim: index.TrimOne("load balancer", keep), Optional: true}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active, Pending, Failed or Removing."},
		{Name: "addresses", Kind: index.Addresses, Description: "The address that it answers at.", Searched: true},
		{Name: "workloadType", Aliases: []string{"spec.workloadType"}, Description: "vm for machines, cluster for a guest cluster."},
		{Name: "ipam", Aliases: []string{"spec.ipam"}, Description: "Where the address comes from: pool or dhcp."},
		{Name: "description", Aliases: []string{"spec.description"}, Description: "What people say of it.", Searched: true},
	},
	Join: index.JoinOne("load balancer", row),
}

// mostListeners is how many listeners are kept.
const mostListeners = 16

// listener is a port that is listened to.
type listener struct {
	Name        string `json:"name,omitempty"`
	Port        int32  `json:"port"`
	Protocol    string `json:"protocol,omitempty"`
	BackendPort int32  `json:"backendPort"`
}

// read is as much of a load balancer as is read.
type read struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Description  string     `json:"description"`
		WorkloadType string     `json:"workloadType"`
		IPAM         string     `json:"ipam"`
		Listeners    []listener `json:"listeners"`
	} `json:"spec"`
	Status struct {
		Address    string                  `json:"address"`
		Conditions []harvesterv1.Condition `json:"conditions"`
	} `json:"status"`
}

// kept is what is kept of a load balancer.
type kept struct {
	index.Meta
	Description  string                 `json:"description,omitempty"`
	WorkloadType string                 `json:"workloadType,omitempty"`
	IPAM         string                 `json:"ipam,omitempty"`
	Addresses    []string               `json:"addresses,omitempty"`
	Listeners    []listener             `json:"listeners,omitempty"`
	Ready        metav1.ConditionStatus `json:"ready,omitempty"`
	Message      string                 `json:"message,omitempty"`
}

func keep(balancer *read) kept {
	k := kept{
		Meta: index.MetaOf(&balancer.ObjectMeta), Description: index.Long(balancer.Spec.Description),
		WorkloadType: index.Short(balancer.Spec.WorkloadType), IPAM: index.Short(balancer.Spec.IPAM),
		Addresses: index.IPs([]string{balancer.Status.Address}),
	}
	for _, each := range balancer.Spec.Listeners[:min(len(balancer.Spec.Listeners), mostListeners)] {
		each.Name, each.Protocol = index.Short(each.Name), index.Short(each.Protocol)
		k.Listeners = append(k.Listeners, each)
	}
	if ready := harvesterv1.ConditionOf(balancer.Status.Conditions, harvesterv1.ConditionReady); ready != nil {
		k.Ready, k.Message = index.Short(ready.Status), index.Long(ready.Message)
	}
	return k
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	r := k.Row(word, state, map[string]any{
		"addresses": k.Addresses, "workloadType": k.WorkloadType, "ipam": k.IPAM, "description": k.Description,
	})
	r.Shown = map[string]any{"listeners": k.Listeners}
	return r
}

// stateOf says in a word how a load balancer is.
func stateOf(k *kept) (string, index.State) {
	switch {
	case k.Ready == metav1.ConditionTrue:
		return "Active", index.State{}
	case k.Ready == metav1.ConditionFalse && k.Message != "":
		return "Failed", index.State{Error: true, Message: k.Message}
	default:
		return "Pending", index.State{Transitioning: true, Message: "It has no address yet."}
	}
}
