// Package driver is docker-machine-driver-croft: what rancher-machine runs for every node of a guest cluster. It makes the
// virtual machine behind a node at a site, says its address and its state, switches it on and off, and removes it with
// exactly its disks.
//
// It speaks to the site's Kubernetes API alone, with a credential that reaches one namespace, and writes what Harvester's own
// driver writes, so that it works with Harvester as well and the page reads its machines as any others. It does not
// install Kubernetes in the machine: rancher-machine hands a script over, and cloud-init runs it.
//
// A life of a machine goes from Flags (what may be asked for) over plan (what was asked for, understood) to create, wait and
// remove. Begin reading with Flags, and then with create.go.
package driver
