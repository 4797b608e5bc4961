// Package maintain empties the nodes that go into maintenance. While the annotation harvesterhci.io/maintain-status of a
// node is there, no new machine comes to it, and those that it has leave it, each in the way that its label
// harvesterhci.io/maintain-mode-strategy asks for: by live migration, or by a shutdown with or without another start.
//
// KubeVirt itself moves the machines whose eviction strategy says so, away from a node with the taint kubevirt.io/drain;
// the others are moved by a migration that is made here. When no machine is left the status is completed. Pods that are
// no machines stay. Taking the annotation away undoes all that is done here, and starts the machines that wait for it.
//
// Begin reading with Controller.Reconcile; Plan decides about one machine.
package maintain
