// Package fill brings the bytes of an image into the volumes that name one, for clients that make a volume without a
// machine: a plain claim with the annotation harvesterhci.io/imageId.
//
// The webhook has such a claim wait (its data source is the image, which no driver makes volumes of). Here CDI copies
// the image into a data volume beside it, by whatever means the storage has, and the volume that comes of it is handed
// to the claim. Who may read the image was asked by the webhook. Begin reading with Controller.Reconcile.
//
// A claim with a file system that is for a machine (annotation harvesterhci.io/volumeForVirtualMachine) gets an empty disk
// in the same way, of CDI alone: see Blanks. And what CDI would fill anew, though somebody has deleted it, goes: see Remains.
package fill
