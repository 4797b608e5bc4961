package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const mebibyte = 1 << 20

// disk writes the raw disk: boot record, boot partition, root partition. No
// step mounts anything.
func (w workshop) disk() error {
	raw := w.path("disk.img")
	if err := os.WriteFile(raw, nil, 0o644); err != nil {
		return err
	}
	if err := os.Truncate(raw, (rootStart+rootSize)*mebibyte); err != nil {
		return err
	}
	if err := w.bootRecord(raw); err != nil {
		return err
	}
	if err := w.bootPartition(raw); err != nil {
		return err
	}
	_, err := w.command("mke2fs", "-q", "-F", "-t", "ext4", "-L", "croft-root", "-m", "0",
		"-E", fmt.Sprintf("offset=%d,root_owner=0:0,lazy_itable_init=0,resize=16777216", rootStart*mebibyte),
		"-d", w.path("rootfs"), raw, fmt.Sprintf("%dM", rootSize))
	return err
}

// bootRecord writes syslinux's boot code and the two partitions.
func (w workshop) bootRecord(raw string) error {
	code, err := os.ReadFile(w.path("tools", "usr", "lib", "syslinux", "mbr", "mbr.bin"))
	if err != nil {
		return err
	}
	disk, err := os.OpenFile(raw, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = disk.WriteAt(bootSector(code), 0)
	return errors.Join(err, disk.Close())
}

// bootSector is a master boot record: code, the active FAT partition and the
// Linux partition.
func bootSector(code []byte) []byte {
	sector := make([]byte, 512)
	copy(sector[:440], code)
	partition(sector[446:], 0x80, 0x0c, bootStart, bootSize)
	partition(sector[462:], 0x00, 0x83, rootStart, rootSize)
	sector[510], sector[511] = 0x55, 0xAA
	return sector
}

// partition fills one entry, addressed by sector alone: the fields for
// cylinders say, as is usual, that they do not hold.
func partition(entry []byte, active, kind byte, start, size uint32) {
	const perMebibyte = mebibyte / 512
	copy(entry, []byte{active, 0xfe, 0xff, 0xff, kind, 0xfe, 0xff, 0xff})
	binary.LittleEndian.PutUint32(entry[8:], start*perMebibyte)
	binary.LittleEndian.PutUint32(entry[12:], size*perMebibyte)
}

// bootPartition formats the FAT partition in place, copies the kernel and
// makes it bootable.
func (w workshop) bootPartition(raw string) error {
	kernels, err := filepath.Glob(w.path("guest", "boot", "vmlinuz-*"))
	if err != nil {
		return err
	}
	if len(kernels) != 1 {
		return fmt.Errorf("the kernel package holds %d kernels", len(kernels))
	}
	config, err := inputs.ReadFile("overlay/syslinux.cfg")
	if err != nil {
		return err
	}
	if err := os.WriteFile(w.path("syslinux.cfg"), config, 0o644); err != nil {
		return err
	}
	// mtools' drive syntax: the file system begins at this offset of the file.
	drive := fmt.Sprintf("%s@@%dM", raw, bootStart)
	hidden := fmt.Sprint(bootStart * mebibyte / 512)
	sectors := fmt.Sprint(bootSize * mebibyte / 512)
	for _, step := range [][]string{
		{"mformat", "-i", drive, "-v", "CROFTBOOT", "-H", hidden, "-T", sectors, "-h", "255", "-s", "63", "-c", "4", "::"},
		{"mcopy", "-i", drive, kernels[0], "::vmlinuz"},
		{"mcopy", "-i", drive, w.path("initrd"), "::initrd"},
		{"mcopy", "-i", drive, w.path("syslinux.cfg"), "::syslinux.cfg"},
		{"syslinux", "--install", "--offset", fmt.Sprint(bootStart * mebibyte), raw},
	} {
		if _, err := w.command(step[0], step[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// convert makes the compressed image that is downloaded, in one step for
// whoever looks at its name.
func (w workshop) convert(image string) error {
	packed := w.path("packed.qcow2")
	if _, err := w.command("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", w.path("disk.img"), packed); err != nil {
		return err
	}
	return os.Rename(packed, image)
}
