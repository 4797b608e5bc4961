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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/decode"
	"crofthci.io/croft/fleet/index"
)

// Type is the row of a node.
var Type = &index.Type{
	Name:        "node",
	Plural:      "nodes",
	Description: "A node of one of the sites, as the hub last saw it.",
	Sources:     []index.Source{{Resource: corev1.SchemeGroupVersion.WithResource("nodes"), Trim: trim}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Ready, NotReady, Unknown, Cordoned, EnteringMaintenance or Maintenance."},
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

// mostRoles is how many roles of a node are kept.
const mostRoles = 16

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

// readNode is as much of a node as is read. The whole kind has quantities of any number, and those of a site are not to be
// trusted (see index.Amount).
type readNode struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		Unschedulable bool `json:"unschedulable"`
	} `json:"spec"`
	Status struct {
		Allocatable struct {
			CPU    index.Amount `json:"cpu"`
			Memory index.Amount `json:"memory"`
		} `json:"allocatable"`
		NodeInfo   corev1.NodeSystemInfo  `json:"nodeInfo"`
		Addresses  []corev1.NodeAddress   `json:"addresses"`
		Conditions []corev1.NodeCondition `json:"conditions"`
	} `json:"status"`
}

func trim(object []byte) ([]byte, error) {
	var node readNode
	if err := decode.Known(object, &node); err != nil {
		return nil, fmt.Errorf("read a node: %w", err)
	}
	k := kept{UID: string(index.Short(node.UID)), Created: node.CreationTimestamp.Time, Version: index.Short(node.Status.NodeInfo.KubeletVersion)}
	k.State, k.Message = stateOf(&node)
	k.Message = index.Long(k.Message)
	k.CPU, k.Memory = node.Status.Allocatable.CPU.AsApproximateFloat64(), node.Status.Allocatable.Memory.Value()
	k.Roles, k.Addresses = rolesOf(&node), addressesOf(&node)
	return json.Marshal(k)
}

// rolesOf are the first of the roles that the node's labels name.
func rolesOf(node *readNode) []string {
	var roles []string
	for label := range node.Labels {
		if role, ok := strings.CutPrefix(label, roleLabel); ok {
			roles = append(roles, index.Short(role))
		}
	}
	slices.Sort(roles)
	return roles[:min(len(roles), mostRoles)]
}

func addressesOf(node *readNode) []string {
	var texts []string
	for _, address := range node.Status.Addresses {
		if address.Type == corev1.NodeInternalIP || address.Type == corev1.NodeExternalIP {
			texts = append(texts, address.Address)
		}
	}
	return index.IPs(texts)
}

// stateOf says in a word how a node is, and why where it is not well.
func stateOf(node *readNode) (string, string) {
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
			return closed(node), ""
		default:
			return "Ready", ""
		}
	}
	return "Unknown", "The node has never said how it is."
}

// maintenance is the annotation with which a site says how far a node's maintenance is.
const maintenance = "harvesterhci.io/maintain-status"

// closed says why a node takes no machines.
func closed(node *readNode) string {
	switch node.Annotations[maintenance] {
	case "running":
		return "EnteringMaintenance"
	case "completed":
		return "Maintenance"
	default:
		return "Cordoned"
	}
}

func join(parts [][]byte) (index.Row, error) {
	var k kept
	if err := decode.Known(parts[0], &k); err != nil {
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
