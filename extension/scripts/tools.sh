#!/usr/bin/env bash
# Sourced by the scripts beside it: puts node and yarn of pinned versions on PATH.
# They come from npm into the cache, so that a machine needs only the npm of its distribution.

set -euo pipefail

NODE_VERSION=24.21.0
YARN_VERSION=1.22.22
CROFT_CACHE=${CROFT_CACHE:-$HOME/.cache/croft}
EXTENSION=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=$CROFT_CACHE/node-$NODE_VERSION

say() { echo "extension: $*" >&2; }
die() { say "$*"; exit 1; }

if [ ! -e "$TOOLS/.complete" ]; then
  command -v npm >/dev/null || die "npm is missing; install it with: apt-get install nodejs npm"
  say "installing node $NODE_VERSION and yarn $YARN_VERSION from npm into $TOOLS"
  mkdir -p "$TOOLS"
  (
    cd "$TOOLS"
    echo '{"name":"croft-node","private":true}' > package.json
    npm install --no-audit --no-fund --no-package-lock --loglevel=error "node@$NODE_VERSION" "yarn@$YARN_VERSION" >&2
  ) || die "npm could not install node $NODE_VERSION and yarn $YARN_VERSION; is the npm registry reachable?"
  [ "$("$TOOLS/node_modules/.bin/node" --version)" = "v$NODE_VERSION" ] || die "node $NODE_VERSION does not run from $TOOLS"
  touch "$TOOLS/.complete"
fi

export PATH=$TOOLS/node_modules/.bin:$EXTENSION/node_modules/.bin:$PATH
cd "$EXTENSION"
