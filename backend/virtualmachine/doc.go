// Package virtualmachine is what a site can do with its virtual machines: list them with their state, start and stop
// them, pause, reboot and migrate them, clone them, move their volumes, and choose which disks go with a machine that is
// deleted.
//
// It declares these as values for package capability and acts through KubeVirt as the caller. Creating and editing need
// nothing from it: Kubernetes stores what KubeVirt's and Croft's webhooks let in. Those webhooks, and the controller
// that makes a machine's volumes, are in the folders beside it.
//
// Begin reading with Actions; unless.go says when each of them is refused.
package virtualmachine
