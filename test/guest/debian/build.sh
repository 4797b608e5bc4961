#!/usr/bin/env bash
# Builds croft-debian.qcow2 into $CROFT_CACHE/guests, once for each version of this script: a Debian as a user would take it,
# with its own kernel, systemd, cloud-init, OpenSSH, guest agent and Docker, made by debootstrap. Needs root, debootstrap, fdisk,
# mtools, syslinux and syslinux-common; costs about three minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
guests=${CROFT_CACHE:-$HOME/.cache/croft}/guests
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
image=$guests/croft-debian-$({ echo "$suite"; cat "$here/build.sh"; } | sha256sum | cut -c1-12).qcow2

# In MiB: a FAT file system with the boot loader, the kernel and the initial file system; then the root, which grows with its disk.
boot=127 root=1500

packages=(
	linux-image-cloud-amd64 systemd-sysv dbus iproute2 ifupdown isc-dhcp-client
	cloud-init cloud-guest-utils python3-cffi-backend openssh-server qemu-guest-agent sudo curl ca-certificates zstd
	docker.io iptables # rancher-machine starts a Docker where no script of its caller's installs anything
)

# configure writes what debootstrap leaves open. The guest reaches no mirror, and so knows none.
configure() {
	rm -rf "$1"/var/cache/apt/archives/*.deb "$1"/var/lib/apt/lists/* "$1"/usr/share/{doc,man,locale,info}/* "$1"/etc/ssh/ssh_host_*
	: >"$1/etc/apt/sources.list"
	: >"$1/etc/machine-id"
	echo 'LABEL=croft-root / ext4 defaults 0 1' >"$1/etc/fstab"
	printf 'auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n' >"$1/etc/network/interfaces"
	printf 'datasource_list: [NoCloud, None]\nlocale: C.UTF-8\nssh_genkeytypes: [ed25519]\n' >"$1/etc/cloud/cloud.cfg.d/90_croft.cfg"
	printf 'MODULES=list\nCOMPRESS=zstd\n' >"$1/etc/initramfs-tools/conf.d/croft"
	printf '%s\n' virtio_pci virtio_blk virtio_scsi sd_mod ext4 >"$1/etc/initramfs-tools/modules"
	ln -s ../sbin/dockerd "$1/usr/bin/dockerd" # where Docker's own packages have it, and rancher-machine starts it
	chroot "$1" update-initramfs -u -k all
}

# disk writes the raw disk, and mounts nothing.
disk() {
	truncate -s $((1 + boot + root))M disk.img
	printf '2048,%d,c,*\n%d,,83\n' $((boot * 2048)) $(((1 + boot) * 2048)) | sfdisk --quiet disk.img
	dd if=/usr/lib/syslinux/mbr/mbr.bin of=disk.img bs=440 count=1 conv=notrunc status=none
	cat >syslinux.cfg <<-'CFG'
		default debian
		label debian
		kernel vmlinuz
		append initrd=initrd.img root=LABEL=croft-root console=tty0 console=ttyS0,115200 net.ifnames=0 mitigations=off audit=0 random.trust_cpu=on no_timer_check panic=10
	CFG
	mformat -i disk.img@@1M -v DEBIANBOOT -H 2048 -T $((boot * 2048)) -h 255 -s 63 -c 4 ::
	mcopy -i disk.img@@1M root/boot/vmlinuz-* ::vmlinuz
	mcopy -i disk.img@@1M root/boot/initrd.img-* ::initrd.img
	mcopy -i disk.img@@1M syslinux.cfg ::
	syslinux --install --offset $((1024 * 1024)) disk.img
	mke2fs -q -F -t ext4 -L croft-root -m 0 -E "offset=$(((1 + boot) * 1024 * 1024)),lazy_itable_init=0,resize=16777216" -d root disk.img ${root}M
}

if [ ! -e "$image" ]; then
	mkdir -p "$guests"
	work=$(mktemp -d "$guests/building-debian-XXXXXX")
	echo "building the Debian guest (once; about three minutes)"
	cd "$work"
	exec 3>&1 4>&2 >log 2>&1
	trap '[ $? = 0 ] || tail -n 30 "$work/log" >&4; rm -rf "$work"' EXIT
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" | head -n 1)
	debootstrap --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" "$suite" root "$mirror"
	configure root
	disk
	qemu-img convert -O qcow2 -c -o compression_type=zstd disk.img packed.qcow2
	mv packed.qcow2 "$image"
	exec >&3 2>&4
fi
ln -sfn "$(basename "$image")" "$guests/croft-debian.qcow2"
cd "$guests" && sha512sum croft-debian.qcow2 >croft-debian.qcow2.sha512
