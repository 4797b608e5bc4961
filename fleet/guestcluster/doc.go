// Package guestcluster is the hub's side of guest clusters: Kubernetes clusters that Rancher provisions and whose nodes are
// machines of sites, made by Rancher's node driver harvester or by Croft's own.
//
// Two kinds of rows come from the hub's own cluster: the clusters (Type) with their pools, and their nodes (Nodes). Whoever
// may see the object in the hub sees its row. Server puts them together with the machines at the sites that the caller may
// see. It provisions nothing; Rancher does. Begin reading with Type, and then Server.
package guestcluster
