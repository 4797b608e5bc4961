#!/usr/bin/env bash
# ESLint with the shell's flat configuration; `--fix` mends what can be mended.

source "$(dirname -- "${BASH_SOURCE[0]}")/tools.sh"
"$EXTENSION/scripts/install.sh"

nice -n "${CROFT_NICE:-10}" ./node_modules/@rancher/shell/scripts/lint --max-warnings 0 "$@" pkg/croft
say "lint is clean"
