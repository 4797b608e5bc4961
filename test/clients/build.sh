#!/usr/bin/env bash
# Builds the tests with Harvester's client library into the cache, once for each version of both, and points bin/ at them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}
key=$({ cat "$here"/go.{mod,sum} "$here"/*.go; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
program=$cache/clients/clients-$key.test
mkdir -p "$cache/clients" "$cache/bin"
if [ ! -x "$program" ]; then
	echo "building the tests with Harvester's client library (once; some minutes)"
	TIMEFORMAT="built them in %R s, with %U s of processor time"
	time (cd "$here" && go test -c -ldflags "-s -w" -o "$program.part" .)
	mv "$program.part" "$program"
fi
ln -sfn "$program" "$cache/bin/clients.test"
