// Package mark labels the nodes of a site: by harvesterhci.io/managed, where it is wanted, because Rancher takes a cluster for a
// Harvester one, and lists it under Virtualization Management, when any of its nodes has that label; and by a label under
// devices.crofthci.io for each kind of device that a node has for machines, which machines that ask for one are drawn to
// (backend/virtualmachine/admission).
//
// A node that has lost the last device of a kind loses its label. Besides, it changes nothing of a node, and takes no other
// label back. Begin reading with Controller.Reconcile.
package mark
