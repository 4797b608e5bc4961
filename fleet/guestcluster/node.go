package guestcluster

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
)

// Labels with which Rancher says whose a node is.
const (
	labelCluster = "cluster.x-k8s.io/cluster-name"
	labelPool    = "rke.cattle.io/rke-machine-pool-name"
)

// roles are the labels of a node by what it does.
var roles = map[string]string{
	"rke.cattle.io/control-plane-role": "controlplane", "rke.cattle.io/etcd-role": "etcd", "rke.cattle.io/worker-role": "worker",
}

// readNode is as much of a Machine of Cluster API as is read.
type readNode struct {
	metav1.ObjectMeta `json:"metadata"`
	Spec              struct {
		ClusterName       string `json:"clusterName"`
		Version           string `json:"version"`
		ProviderID        string `json:"providerID"`
		InfrastructureRef struct {
			Kind string `json:"kind"`
			Name string `json:"name"`
		} `json:"infrastructureRef"`
	} `json:"spec"`
	Status struct {
		Phase   string `json:"phase"`
		NodeRef *struct {
			Name string `json:"name"`
		} `json:"nodeRef"`
		Conditions []readCondition `json:"conditions"`
	} `json:"status"`
}

// keptNode is what is kept of a node.
type keptNode struct {
	index.Meta
	Cluster string   `json:"cluster,omitempty"`
	Pool    string   `json:"pool,omitempty"`
	Roles   []string `json:"roles,omitempty"`
	Machine string   `json:"machine"`
	Twin    string   `json:"twin,omitempty"`
	Driver  string   `json:"driver"`
	Node    string   `json:"node,omitempty"`
	Version string   `json:"version,omitempty"`
	Phase   string   `json:"phase,omitempty"`
	Problem string   `json:"problem,omitempty"`
}

// providerScheme begins the id that the cloud provider gives a node, before the UID of its machine.
const providerScheme = "harvester://"

// keepNode keeps what a row shows, and nothing of a node whose machine is at no site.
func keepNode(node *readNode) *keptNode {
	driver := drivers[strings.TrimSuffix(node.Spec.InfrastructureRef.Kind, "Machine")+"Config"]
	if driver == "" || !strings.HasSuffix(node.Spec.InfrastructureRef.Kind, "Machine") {
		return nil
	}
	kept := &keptNode{
		Meta: index.MetaOf(&node.ObjectMeta), Cluster: index.Short(node.Spec.ClusterName), Pool: index.Short(node.Labels[labelPool]),
		Machine: index.Short(node.Spec.InfrastructureRef.Name), Driver: driver, Version: index.Short(node.Spec.Version), Phase: index.Short(node.Status.Phase),
	}
	if kept.Cluster == "" {
		kept.Cluster = index.Short(node.Labels[labelCluster])
	}
	if uid, ours := strings.CutPrefix(node.Spec.ProviderID, providerScheme); ours {
		kept.Twin = index.Short(uid)
	}
	if node.Status.NodeRef != nil {
		kept.Node = index.Short(node.Status.NodeRef.Name)
	}
	for label, role := range roles {
		if node.Labels[label] == "true" {
			kept.Roles = append(kept.Roles, role)
		}
	}
	kept.Roles = index.List(kept.Roles)
	for _, condition := range node.Status.Conditions {
		if condition.Status == "False" && condition.Message != "" && kept.Problem == "" {
			kept.Problem = index.Long(condition.Message)
		}
	}
	return kept
}

// phases are the states of a node by Cluster API's word for it. One that is not here is on its way.
var phases = map[string]index.State{
	"Running": {}, "Failed": {Error: true}, "Deleting": {Transitioning: true},
}

func nodeRow(k *keptNode) index.Row {
	word := k.Phase
	if word == "" {
		word = "Pending"
	}
	state, known := phases[word]
	if !known {
		state.Transitioning = true
	}
	if word == "Running" {
		k.Problem = ""
	}
	state.Message = k.Problem
	return k.Row(word, state, map[string]any{
		"reason": k.Problem, "guestCluster": k.Cluster, "pool": k.Pool, "roles": k.Roles, "machine": k.Machine, "machineUID": k.Twin,
		"driver": k.Driver, "nodeName": k.Node, "version": k.Version,
	})
}
