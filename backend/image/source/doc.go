// Package source finds out what a URL holds before anybody downloads or keeps it: how large the file is and how large the disk
// inside is, from the first bytes alone. The disk's size must be known first, because a volume is made before it is
// filled.
//
// It also reads a file whole over a link that breaks, for who cannot do that himself (Open).
//
// It reads qcow2, VMDK, raw disks and ISO files, and looks through gzip. It writes nothing. Begin reading with Probe.
package source
