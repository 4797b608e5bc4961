#!/usr/bin/env bash
# Builds the extension into dist-pkg/croft-<version>/: what a UIPlugin endpoint serves as plugin/*,
# and files.txt, the list that Rancher fetches first. Built again only when its sources, its packages or this script change:
# the result is kept in $CROFT_CACHE/extension-<hash>/.

source "$(dirname -- "${BASH_SOURCE[0]}")/tools.sh"

version=$(node -p "require('./pkg/croft/package.json').version")
hash=$( (find pkg/croft -type f -not -path '*/.shell*' -not -path '*/node_modules/*' -not -name '*.spec.ts' -print0 | LC_ALL=C sort -z | xargs -0 cat; cat package.json yarn.lock scripts/extension.sh) | sha256sum | cut -c1-12)
kept=$CROFT_CACHE/extension-$hash
out=$EXTENSION/dist-pkg/croft-$version

if [ ! -e "$kept/files.txt" ]; then
  "$EXTENSION/scripts/install.sh"
  exec 9> "$CROFT_CACHE/extension.lock"
  flock 9
  say "building the extension (about half a CPU minute)"
  work=$(mktemp -d "$CROFT_CACHE/extension-build.XXXXXX")
  trap 'rm -rf "$work" "$work.log" "$EXTENSION/pkg/croft/.shell"' EXIT
  chmod 755 "$work"
  # What the shell's build-pkg does, but beside the last build, which a hub may be serving.
  ln -sfn "$EXTENSION/node_modules/@rancher/shell/" pkg/croft/.shell
  (
    cd pkg/croft
    nice -n "${CROFT_NICE:-10}" vue-cli-service build --name "croft-$version" --target lib index.ts --dest "$work" --formats umd-min --filename "croft-$version"
  ) > "$work.log" 2>&1 || { grep -A12 -E '^ *(error|ERROR)' "$work.log" | head -n 80 >&2; die "the extension does not build"; }
  rm -f "$work"/*.map "$work"/*.html
  # With the annotations by which the dashboard judges whether it may load the extension.
  cp pkg/croft/package.json "$work/package.json"
  (cd "$work" && find . -type f -not -name files.txt -printf 'plugin/%P\n' | LC_ALL=C sort > files.txt)
  rm -rf "$kept"
  mv "$work" "$kept"
fi

mkdir -p dist-pkg
rm -rf "$out.new" "$out.old"
cp -r "$kept" "$out.new"
[ ! -e "$out" ] || mv "$out" "$out.old"
mv "$out.new" "$out"
rm -rf "$out.old"
echo "$out"
