#!/bin/sh
# Runs a program in a room of its own: the folder ROOT is its root, with this machine's /usr, /dev and /proc in it, and
# /var/lib/rancher is where it works. The mounts end with the program.
#   room.sh ROOT PROGRAM [ARGUMENT…]      PROGRAM is a path inside the room
set -eu
if [ "$1" != inside ]; then
	exec unshare --mount "$0" inside "$@"
fi
root=$2
shift 2
mkdir -p "$root/usr" "$root/dev" "$root/proc" "$root/tmp" "$root/var/lib/rancher"
for name in bin lib lib64 sbin; do
	ln -sfn "usr/$name" "$root/$name"
done
for name in usr dev proc; do
	mount --rbind "/$name" "$root/$name"
done
exec unshare --root="$root" --wd=/var/lib/rancher "$@"
