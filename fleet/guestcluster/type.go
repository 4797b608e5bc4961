package guestcluster

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// Type is the row of a guest cluster.
var Type = &index.Type{
	Name:        "guestcluster",
	Plural:      "guestclusters",
	Description: "A Kubernetes cluster that Rancher provisions and whose nodes are machines of sites.",
	OfHub:       true,
	Links:       []string{suffix[1:]},
	Sources: []index.Source{{
		Resource: provisioning.GroupVersion.WithResource("clusters"), Trim: trimCluster, Optional: true,
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active, Updating, Provisioning, Failed or Removing."},
		{Name: "reason", Description: "What Rancher says of the state; empty when the word says it all."},
		{Name: "kubernetesVersion", Aliases: []string{"spec.kubernetesVersion"}, Description: "The version of Kubernetes that is wanted."},
		{Name: "pools", Kind: index.Words, Description: "The names of its pools of machines.", Searched: true},
		{Name: "drivers", Kind: index.Words, Description: "The node drivers that make its machines: croft or harvester."},
		{Name: "nodesWanted", Kind: index.Number, Description: "How many nodes its pools are to have together."},
		{Name: "clusterId", Aliases: []string{"status.clusterName"}, Description: "The id of the cluster in Rancher; empty until it has one."},
	},
	Join: index.JoinOne("guest cluster", clusterRow),
}

// Nodes is the row of a node of a guest cluster.
var Nodes = &index.Type{
	Name:        "guestnode",
	Plural:      "guestnodes",
	Description: "A node of a guest cluster, as Rancher has it: the machine behind it is at a site.",
	OfHub:       true,
	Sources: []index.Source{{
		Resource: schema.GroupVersionResource{Group: "cluster.x-k8s.io", Version: "v1beta1", Resource: "machines"}, Trim: trimNode, Optional: true,
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Pending, Provisioning, Provisioned, Running, Failed or Removing."},
		{Name: "reason", Description: "What Rancher says of the state; empty when the word says it all."},
		{Name: "guestCluster", Description: "The guest cluster, by name; it is in the node's own namespace.", Searched: true},
		{Name: "pool", Description: "The pool of the cluster that it belongs to.", Searched: true},
		{Name: "roles", Kind: index.Words, Description: "What it does in the cluster: etcd, controlplane, worker."},
		{Name: "machine", Description: "The name of the virtual machine behind it.", Searched: true},
		{Name: "machineUID", Description: "The UID of that machine; empty until the cluster's cloud provider has told it."},
		{Name: "driver", Description: "The node driver that makes the machine: croft or harvester."},
		{Name: "nodeName", Aliases: []string{"status.nodeRef.name"}, Description: "The node's name in its cluster; empty until it has joined.", Searched: true},
		{Name: "version", Description: "The version of the node's kubelet that is wanted."},
	},
	Join: index.JoinOne("guest node", nodeRow),
}

// trim reads an object as an R and keeps a K of it; of one that is no guest's nothing is kept, and so it has no row.
func trim[R, K any](kind string, keep func(*R) *K) func([]byte) ([]byte, error) {
	return func(object []byte) ([]byte, error) {
		read := new(R)
		if err := json.Unmarshal(object, read); err != nil {
			return nil, fmt.Errorf("read a %s: %w", kind, err)
		}
		kept := keep(read)
		if kept == nil {
			return nil, nil
		}
		return json.Marshal(kept)
	}
}

var (
	trimCluster = trim("guest cluster", keepCluster)
	trimNode    = trim("guest node", keepNode)
)
