// Package reset starts the machines of a lost node on another one, as the setting vm-force-reset-policy says. A node is
// lost when its kubelet says nothing any more: Kubernetes then waits for it with the pods of its machines, and KubeVirt
// with the machines. When the period is over, the pods are taken for gone, and KubeVirt starts the machines anew.
//
// Nobody can tell a node without power from one without network. Whether a machine that still runs there can harm its
// disks is the storage's to rule out, as Longhorn does. Begin reading with Controller.Reconcile.
package reset
