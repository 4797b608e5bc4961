// Package move ends what the action storageMigration begins: when a volume has arrived on another claim, the claim
// template that made the old one becomes the new one's, so that it grows and goes with the machine. The old claim stays,
// and is nobody's.
//
// KubeVirt moves the bytes. Until it has, and whenever it is not known, nothing is changed here. Begin reading with
// Controller.Reconcile.
package move
