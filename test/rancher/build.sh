#!/usr/bin/env bash
# Builds the real Rancher and its cluster agent into the cache, once for each version of server/go.mod, and points bin/
# at them. Half an hour and more of processor time: they stand back behind whatever else runs here.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}
version=v2.14.0 # what the commit in go.mod was on its way to; Rancher and its agent compare theirs

key=$({ cat "$here"/server/go.{mod,sum} "$here/build.sh"; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
folder=$cache/rancher/$key
mkdir -p "$cache/bin"

# count prints how many packages are compiled, instead of their names.
count() {
	awk -v all="$1" '/^[a-zA-Z0-9._~\/-]+$/ { if (++n % 200 == 0) { print n " of " all " packages"; fflush() } next } { print }'
}

# program PACKAGE NAME FLAGS
program() {
	nice -n 19 go build -v -trimpath -tags k8s -ldflags "-s -w $3" -o "$part/$2" "$1" 2>&1 | count "$packages"
}

if [ ! -x "$folder/rancher" ] || [ ! -x "$folder/rancher-agent" ]; then
	free=$(df -Pk "$cache" | awk 'NR==2{print int($4/1024)}')
	if [ "$free" -lt 12000 ]; then
		echo "build.sh: $free MB free in $cache, a cold build wants 12000 MB: make room or set CROFT_CACHE" >&2
		exit 1
	fi
	echo "building rancher (once; 30 to 60 minutes on two cores)"
	part=$folder.part.$$
	trap 'rm -rf "$part"' EXIT
	mkdir -p "$part"
	cd "$here/server"
	# A wide heap saves the compiler time; one package wants more than 4 GB of memory all the same.
	export CGO_ENABLED=0 GOGC=300
	packages=$(go list -tags k8s -deps github.com/rancher/rancher | wc -l)
	TIMEFORMAT="built rancher in %R s, with %U s of processor time"
	time {
		program github.com/rancher/rancher rancher "-X github.com/rancher/rancher/pkg/version.Version=$version"
		program github.com/rancher/rancher/cmd/agent rancher-agent "-X main.VERSION=$version"
	}
	rm -rf "$folder"
	mv "$part" "$folder"
	trap - EXIT
fi
for name in rancher rancher-agent; do
	ln -sfn "$folder/$name" "$cache/bin/$name"
done
