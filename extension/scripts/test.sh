#!/usr/bin/env bash
# Jest: the specs beside the logic. Arguments go to Jest.

source "$(dirname -- "${BASH_SOURCE[0]}")/tools.sh"
"$EXTENSION/scripts/install.sh"

nice -n "${CROFT_NICE:-10}" jest --maxWorkers="${CROFT_JEST_WORKERS:-2}" "$@"
