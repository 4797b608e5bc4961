#!/usr/bin/env bash
# Builds the Rancher Dashboard from its npm packages, once per version of them, into
# $CROFT_CACHE/dashboard-<hash>/, and points $CROFT_CACHE/dashboard at it.
# Costs about five CPU minutes and 3 GB of memory.

source "$(dirname -- "${BASH_SOURCE[0]}")/tools.sh"

hash=$(cat package.json yarn.lock vue.config.js babel.config.js scripts/dashboard.sh | sha256sum | cut -c1-12)
out=$CROFT_CACHE/dashboard-$hash

if [ ! -e "$out/index.html" ]; then
  "$EXTENSION/scripts/install.sh"
  say "building the dashboard into $out (about five CPU minutes, once)"
  work=$(mktemp -d "$CROFT_CACHE/dashboard-build.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  NODE_ENV=production \
  NODE_OPTIONS=--max_old_space_size=4096 \
  ROUTER_BASE=/dashboard/ \
  RESOURCE_BASE=/dashboard/ \
  OUTPUT_DIR="$work/dist" \
  DASHBOARD_VERSION=v2.15.0 \
  COMMIT=croft \
    nice -n "${CROFT_NICE:-10}" vue-cli-service build > "$work/log" 2>&1 || { tail -n 40 "$work/log" >&2; die "the dashboard does not build (it needs 3 GB of free memory)"; }
  [ -e "$work/dist/index.html" ] || { tail -n 40 "$work/log" >&2; die "the dashboard build wrote no index.html"; }
  rm -rf "$out"
  mv "$work/dist" "$out"
fi

ln -sfn "$(basename "$out")" "$CROFT_CACHE/dashboard"
echo "$out"
