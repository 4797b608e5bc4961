#!/usr/bin/env bash
# Builds rancher-machine into the cache, once for each version, and points bin/ at it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}
key=$({ cat "$here"/go.{mod,sum}; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
program=$cache/machine/rancher-machine-$key
mkdir -p "$cache/machine" "$cache/bin"
if [ ! -x "$program" ]; then
	echo "building rancher-machine (once; some minutes)"
	TIMEFORMAT="built it in %R s, with %U s of processor time"
	time (cd "$here" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$program.part" github.com/rancher/machine/cmd/rancher-machine)
	mv "$program.part" "$program"
fi
ln -sfn "$program" "$cache/bin/rancher-machine"
