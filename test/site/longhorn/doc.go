// Package longhorn plays Longhorn at a site that has its kinds: the manager that brings, takes, checks and gives the bytes
// of backing images. The bytes are real: a download is fetched, an upload received, a volume's file copied, and what is to
// be encrypted is encrypted by LUKS with the key in its secret. Progress, sizes, checksums and failures are written into the
// status of each BackingImage as Longhorn does, in its words.
//
// What comes from where, and how it fails, is as in Longhorn's backing-image-manager (its packages sync, datasource and
// crypto): a download is one HEAD and one GET, without proxy, resumption or another attempt; a file of which the length is
// known must have it; the checksum is looked at when all bytes are there. Encryption makes a LUKS file 16 MiB larger than the
// disk; a wrong key fails when the file is opened, and a secret that is not there is waited for in silence, because
// Longhorn then makes no pod.
//
// It does nothing until the kind BackingImage is there. Volumes of a class with the parameter backingImage are made by the
// package storage, from the file that DiskOf names. What it leaves out: copies on several disks, Longhorn's webhooks, the
// kinds between a backing image and its pods, that a source which sends nothing for a while is given up, and Longhorn's own
// further attempts at a download, of which the first comes after a minute.
//
// Begin reading at Run.
package longhorn
