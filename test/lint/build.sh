#!/usr/bin/env bash
# Builds golangci-lint into the cache, once for each version of it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}
key=$({ cat "$here"/go.{mod,sum}; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
program=$cache/lint/golangci-lint-$key
mkdir -p "$cache/lint" "$cache/bin"
if [ ! -x "$program" ]; then
	echo "building golangci-lint (once; about two CPU minutes)"
	(cd "$here" && go build -ldflags "-s -w" -o "$program.part" github.com/golangci/golangci-lint/v2/cmd/golangci-lint)
	mv "$program.part" "$program"
fi
ln -sfn "$program" "$cache/bin/golangci-lint"
