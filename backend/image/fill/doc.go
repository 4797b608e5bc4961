// Package fill brings the bytes of an image to the site: it finds out how large the disk is, has CDI fill a volume of that
// size (the golden volume, named like the image and beside it), follows the progress, and clears away what a failed
// attempt has left. A download and a copy are tried again as often as the image allows; an upload waits for somebody to
// send the bytes again.
//
// Disks of machines are copies of the golden volume; they are made by backend/virtualmachine/claim. The golden volume
// belongs to the image and is collected with it. Begin reading with Controller.Reconcile.
package fill
