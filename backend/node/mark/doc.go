// Package mark labels the nodes of a site by which Rancher knows it: Rancher takes a cluster for a Harvester one, and lists
// it under Virtualization Management, when any of its nodes has the label harvesterhci.io/managed.
//
// It changes nothing else of a node, and takes no label back. Begin reading with Controller.Reconcile.
package mark
