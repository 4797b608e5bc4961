// Package count says in the status of a namespace's ResourceQuota how much space its snapshots take, and takes the limit
// of a machine away when the machine is gone.
//
// It refuses nothing: the package admission counts for itself, because what this one says may be late. Begin reading with
// Controller.Reconcile.
package count
