// Package defaultclass makes the storage class that the setting default-storage-class names the cluster's default: that
// of every claim that names none, whoever makes it. While nobody has set a value, the cluster's own default is in force,
// and is the setting's default. Begin reading with Controller.Reconcile.
package defaultclass
