#!/usr/bin/env bash
# Builds the extension into dist-pkg/croft-<version>/: what a UIPlugin endpoint serves as plugin/*,
# and files.txt, the list that Rancher fetches first. Built again only when its sources, its packages or this script change:
# the result is kept in $CROFT_CACHE/extension-<hash>/.

source "$(dirname -- "${BASH_SOURCE[0]}")/tools.sh"

version=$(node -p "require('./pkg/croft/package.json').version")
hash=$( (find pkg/croft -type f -not -path '*/.shell*' -not -name '*.spec.ts' -print0 | LC_ALL=C sort -z | xargs -0 cat; cat package.json yarn.lock scripts/extension.sh) | sha256sum | cut -c1-12)
kept=$CROFT_CACHE/extension-$hash
out=$EXTENSION/dist-pkg/croft-$version

if [ ! -e "$kept/files.txt" ]; then
  "$EXTENSION/scripts/install.sh"
  exec 9> "$CROFT_CACHE/extension.lock"
  flock 9
  say "building the extension (about one CPU minute)"
  log=$(mktemp)
  rm -f pkg/croft/.shell
  nice -n "${CROFT_NICE:-10}" ./node_modules/@rancher/shell/scripts/build-pkg.sh croft > "$log" 2>&1 || { grep -A12 -E '^ *(error|ERROR)' "$log" | head -n 80 >&2; rm -f "$log" pkg/croft/.shell; die "the extension does not build"; }
  rm -f "$log"
  work=$(mktemp -d "$CROFT_CACHE/extension-build.XXXXXX")
  # The script that the dashboard loads, its chunks, and the package's own package.json: what the
  # build writes lacks the annotations by which the dashboard judges whether it may load it.
  (cd "$out" && find . -type f -not -name '*.map' -not -name '*.html' -print0 | xargs -0 cp --parents -t "$work")
  cp pkg/croft/package.json "$work/package.json"
  (cd "$work" && find . -type f -printf 'plugin/%P\n' | LC_ALL=C sort > "$work.txt")
  mv "$work.txt" "$work/files.txt"
  rm -rf "$kept"
  mv "$work" "$kept"
fi

rm -rf "$out"
mkdir -p "$out"
cp -r "$kept/." "$out/"
echo "$out"
