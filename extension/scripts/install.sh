#!/usr/bin/env bash
# Installs the npm packages named by yarn.lock into extension/node_modules; a second run does nothing.

source "$(dirname -- "${BASH_SOURCE[0]}")/tools.sh"

want=$(cat package.json yarn.lock | sha256sum | cut -c1-16)
stamp=node_modules/.croft-lock

if [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
  say "yarn install (about 1.2 GB, one to three minutes)"
  yarn install --frozen-lockfile --non-interactive --no-progress --silent >&2 || die "yarn install failed; is the npm registry reachable, and is there 2 GB of free disk?"
  echo "$want" > "$stamp"
fi
