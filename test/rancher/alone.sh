#!/bin/sh
# Runs a command in a network of its own, with loopback alone, in which Rancher finds what it wants of an ordinary one:
# an address that is not 127.x for its server-url, and addresses of Services that lead somewhere, here to this machine.
# Nobody outside can reach what listens in it, and it reaches nobody. No process of it outlives the command.
#   alone.sh COMMAND [ARGUMENT…]
set -eu
if [ "$1" != inside ]; then
	exec unshare --net --pid --fork --kill-child --mount-proc "$0" inside "$@"
fi
shift
ip link set lo up
ip address add 192.0.2.1/32 dev lo
ip route add local 10.43.0.0/16 dev lo
exec "$@"
