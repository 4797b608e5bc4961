// Package node says what the hub's index holds of a site's node. It reads nothing and serves nothing. Begin reading with
// Type.
package node

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/fleet/index"
)

// Type is the row of a node.
var Type = &index.Type{
	Name:        "node",
	Plural:      "nodes",
	Description: "A node of one of the sites, as the hub last saw it.",
	Sources:     []index.Source{{Resource: corev1.SchemeGroupVersion.WithResource("nodes"), Trim: trim}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Ready, NotReady, Unknown or Cordoned."},
		{Name: "roles", Description: "The node's roles, with spaces between them.", Searched: true},
		{Name: "cpu", Kind: index.Number, Description: "The cores that machines may use."},
		{Name: "memory", Kind: index.Number, Description: "The memory in bytes that machines may use."},
		{Name: "addresses", Kind: index.Addresses, Description: "The node's IP addresses.", Searched: true},
		{Name: "version", Description: "The version of its kubelet."},
	},
	Join: join,
}

// roleLabel begins the labels that name a node's roles.
const roleLabel = "node-role.kubernetes.io/"

// mostAddresses is how many addresses of a node are kept.
const mostAddresses = 16

// kept is what is kept of a node.
type kept struct {
	UID       string    `json:"uid"`
	Created   time.Time `json:"created"`
	State     string    `json:"state"`
	Message   string    `json:"message,omitempty"`
	Roles     []string  `json:"roles,omitempty"`
	CPU       float64   `json:"cpu"`
	Memory    int64     `json:"memory"`
	Addresses []string  `json:"addresses,omitempty"`
	Version   string    `json:"version,omitempty"`
}

func trim(object []byte) ([]byte, error) {
	var node corev1.Node
	if err := json.Unmarshal(object, &node); err != nil {
		return nil, fmt.Errorf("read a node: %w", err)
	}
	k := kept{UID: string(node.UID), Created: node.CreationTimestamp.Time, Version: node.Status.NodeInfo.KubeletVersion}
	k.State, k.Message = stateOf(&node)
	k.CPU, k.Memory = node.Status.Allocatable.Cpu().AsApproximateFloat64(), node.Status.Allocatable.Memory().Value()
	for label := range node.Labels {
		if role, ok := strings.CutPrefix(label, roleLabel); ok {
			k.Roles = append(k.Roles, role)
		}
	}
	slices.Sort(k.Roles)
	for _, address := range node.Status.Addresses {
		ip := address.Type == corev1.NodeInternalIP || address.Type == corev1.NodeExternalIP
		if ip && len(k.Addresses) < mostAddresses {
			k.Addresses = append(k.Addresses, address.Address)
		}
	}
	return json.Marshal(k)
}

// stateOf says in a word how a node is, and why where it is not well.
func stateOf(node *corev1.Node) (string, string) {
	for _, condition := range node.Status.Conditions {
		if condition.Type != corev1.NodeReady {
			continue
		}
		switch {
		case condition.Status == corev1.ConditionFalse:
			return "NotReady", condition.Message
		case condition.Status != corev1.ConditionTrue:
			return "Unknown", condition.Message
		case node.Spec.Unschedulable:
			return "Cordoned", ""
		default:
			return "Ready", ""
		}
	}
	return "Unknown", "The node has never said how it is."
}

func join(parts [][]byte) (index.Row, error) {
	var k kept
	if err := json.Unmarshal(parts[0], &k); err != nil {
		return index.Row{}, fmt.Errorf("read the kept node: %w", err)
	}
	return index.Row{
		UID: k.UID, Created: k.Created,
		State: index.State{Name: strings.ToLower(k.State), Error: k.State == "NotReady" || k.State == "Unknown", Message: k.Message},
		Values: map[string]any{
			"state": k.State, "roles": strings.Join(k.Roles, " "), "cpu": k.CPU, "memory": k.Memory, "addresses": k.Addresses, "version": k.Version,
		},
	}, nil
}
