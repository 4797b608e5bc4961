// Package download brings the bytes of an image to the site: it measures what the URL holds, has CDI fill a volume of
// that size (the golden volume, named like the image and beside it), follows the progress, and tries again after a
// failure as often as the image allows.
//
// Disks of machines are copies of the golden volume; they are made by backend/virtualmachine/claim. The golden volume
// belongs to the image and is collected with it. Begin reading with Controller.Reconcile.
package download
