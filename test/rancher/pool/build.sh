#!/usr/bin/env bash
# Builds Cluster API's core controllers into the cache, once for each version, and points bin/ at them and at their CRDs.
set -euo pipefail
here=$(cd "$(dirname "$0")/manager" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}
key=$({ cat "$here"/{go.mod,go.sum,main.go}; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
folder=$cache/capi/$key
mkdir -p "$cache/bin" "$folder"
if [ ! -x "$folder/capi-manager" ]; then
	echo "building Cluster API's controllers (once; some minutes)"
	TIMEFORMAT="built them in %R s, with %U s of processor time"
	time (cd "$here" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o "$folder/capi-manager.part" .)
	rm -rf "$folder/crd"
	cp -r "$(cd "$here" && go list -m -f '{{.Dir}}' sigs.k8s.io/cluster-api)/config/crd/bases" "$folder/crd"
	chmod -R u+w "$folder/crd"
	mv "$folder/capi-manager.part" "$folder/capi-manager"
fi
ln -sfn "$folder/capi-manager" "$cache/bin/capi-manager"
ln -sfn "$folder/crd" "$cache/bin/capi-crd"
