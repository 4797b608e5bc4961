// Package deliver hands out the bytes of images.
//
// KubeVirt offers the bytes of a claim by an export: a pod that serves them to those who know a token. A pod on an image's
// own volume would keep CDI from cutting disks of it, so what is offered is a copy of that volume, which belongs to the
// export and goes with it: after the download, or when its time is over.
//
// Fetch answers the link download, as its caller: with the disk as it is stored, or, when the image has a
// VirtualMachineImageDownloader, with that one's copy as a qcow2 file. The controller keeps those copies. Begin reading
// with Fetch and Controller.Reconcile.
package deliver
