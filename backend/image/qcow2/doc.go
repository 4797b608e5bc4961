// Package qcow2 writes a disk as a qcow2 file while it is read, without a file on the way: the disk is read twice, first to
// find the clusters that hold nothing, then to copy those that hold something. The size of the file is known in between.
//
// The format is version 2 of https://www.qemu.org/docs/master/interop/qcow2.html: header, reference counts, tables, then
// the clusters in the order of the disk. Begin reading with Survey and Plan.Reader.
package qcow2
