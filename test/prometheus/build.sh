#!/usr/bin/env bash
# Builds Prometheus into the cache, once for each version of it: unmodified, but without what finds targets in other clouds.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}
key=$({ cat "$here"/go.{mod,sum} "$here/build.sh"; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
program=$cache/prometheus/prometheus-$key
mkdir -p "$cache/prometheus" "$cache/bin"
if [ ! -x "$program" ]; then
	echo "building Prometheus (once; about two CPU minutes)"
	(cd "$here" && go build -tags remove_all_sd -ldflags "-s -w" -o "$program.part" github.com/prometheus/prometheus/cmd/prometheus)
	mv "$program.part" "$program"
fi
ln -sfn "$program" "$cache/bin/prometheus"
