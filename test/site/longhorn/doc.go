// Package longhorn plays Longhorn at a site that has its kinds: the manager that brings, takes, checks and gives the bytes
// of backing images. The bytes are real: a download is fetched, an upload received, a volume's file copied, and what is to
// be encrypted is enciphered with the key in its secret, though not as LUKS would. Progress, sizes, checksums and failures
// are written into the status of each BackingImage as Longhorn does, in its words.
//
// It does nothing until the kind BackingImage is there. Volumes of a class with the parameter backingImage are made by the
// package storage, from the file that DiskOf names. What it leaves out: copies on several disks, Longhorn's webhooks, the
// kinds between a backing image and its pods.
//
// Begin reading at Run.
package longhorn
