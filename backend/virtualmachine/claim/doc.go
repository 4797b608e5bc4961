// Package claim makes the volumes of a virtual machine. A machine lists them as claim templates in the annotation
// harvesterhci.io/volumeClaimTemplates; what is missing is made, blank or as a copy of an image, what has become too
// small grows, and what the annotation harvesterhci.io/removedPersistentVolumeClaims names goes with the machine.
// Everything else stays: a volume outlives its machine.
//
// Each claim says which machines use it (harvesterhci.io/owned-by). What cannot be made is said in an event and in the
// machine's annotation harvesterhci.io/volumeClaimProblem, naming the missing thing. Begin reading with
// Controller.Reconcile.
package claim
