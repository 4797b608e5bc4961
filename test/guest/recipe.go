package main

// kernelPackage depends on the one package that holds today's kernel.
const kernelPackage = "linux-image-cloud-amd64"

// guestPackages are Debian's, for the guest. Of the libraries, which dropbear
// and the agent load, only the files that are really needed get into the image.
var guestPackages = []string{
	"busybox-static", "dropbear-bin", "qemu-guest-agent",
	"libc6", "libcrypt1", "zlib1g", "libtomcrypt1", "libtommath1", "libgmp10",
	"libglib2.0-0", "libpcre2-8-0", "libudev1", "liburing2", "libnuma1",
}

// toolPackages are Debian's too, but run here: they are unpacked beside the
// image, so that nothing has to be installed.
var toolPackages = []string{"syslinux", "syslinux-common", "mtools"}

// programs are the guest's programs that are no part of busybox. All land in
// /usr/bin.
var programs = []string{"usr/sbin/dropbear", "usr/bin/dropbearkey", "usr/sbin/qemu-ga"}

// earlyModules are what the kernel needs before it can see the root disk.
var earlyModules = []string{"virtio_pci", "virtio_blk", "virtio_scsi", "sd_mod", "ata_piix"}

// lateModules are loaded from the root file system.
var lateModules = []string{
	"virtio_net", "virtio_console", "virtio-rng", "virtio_balloon",
	"sr_mod", "isofs", "vfat", "nls_ascii", "nls_cp437", "nls_iso8859-1",
	"button", "evdev",
}

// The disk has a master boot record, then a FAT file system with the boot
// loader, the kernel and the initial file system, then the root file system,
// which comes last because it grows with the disk. In MiB.
const (
	bootStart = 1
	bootSize  = 31
	rootStart = bootStart + bootSize
	rootSize  = 96
)
