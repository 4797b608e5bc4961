#!/usr/bin/env bash
# Builds one part of the control plane (kubernetes, kubevirt or cdi) into the
# cache, once for each version of its sources, and points bin/ at it.
#   test/controlplane/build.sh kubernetes
set -euo pipefail

name=$1
here=$(cd "$(dirname "$0")" && pwd)
cache=${CROFT_CACHE:-$HOME/.cache/croft}

case $name in
kubernetes) flags="-X k8s.io/component-base/version.gitVersion=v1.36.3 -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36" ;;
kubevirt) flags="-X kubevirt.io/client-go/version.gitVersion=v1.8.4" ;;
cdi) flags="" ;;
*) echo "build.sh: $name is none of kubernetes, kubevirt, cdi" >&2; exit 2 ;;
esac

sources=$(find "$here/$name" -name '*.go' | sort)
# shellcheck disable=SC2086 # the paths are meant to spread
key=$({ cat "$here/$name"/go.{mod,sum} $sources "$here"/apply/*.go "$here/build.sh"; go env GOVERSION GOARCH; } | sha256sum | cut -c1-16)
folder=$cache/controlplane/$name-$key
mkdir -p "$cache/bin"

if [ ! -x "$folder/$name" ]; then
	free=$(df -Pk "$cache" | awk 'NR==2{print int($4/1024)}')
	if [ "$free" -lt 6000 ]; then
		echo "build.sh: $free MB free in $cache, a cold build wants 6000 MB: make room or set CROFT_CACHE" >&2
		exit 1
	fi
	echo "building $name (once; some minutes)"
	started=$SECONDS
	part=$folder.part.$$
	trap 'rm -rf "$part"' EXIT
	mkdir -p "$part"
	# A wide heap saves the compiler a tenth of its time.
	(cd "$here/$name" && GOGC=400 go build -ldflags "-s -w $flags" -o "$part/" ./...)
	if [ "$name" = cdi ]; then
		# The definitions of snapshots and network attachments lie in their projects' modules.
		mkdir "$part/crds"
		cd "$here"
		for module in github.com/kubernetes-csi/external-snapshotter/client/v8@v8.6.0:config/crd/*snapshot*.yaml \
			github.com/k8snetworkplumbingwg/network-attachment-definition-client@v1.7.7:artifacts/networks-crd.yaml; do
			dir=$(cd "$here/apply" && go mod download -json "${module%%:*}" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
			# shellcheck disable=SC2086 # the pattern is meant to spread
			install -m 644 $dir/${module#*:} "$part/crds/"
		done
	fi
	rm -rf "$folder"
	mv "$part" "$folder"
	trap - EXIT
	echo "built $name in $((SECONDS - started)) s"
fi
find "$folder" -maxdepth 1 -type f -perm -100 -exec ln -sfn {} "$cache/bin/" \;
