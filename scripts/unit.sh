#!/usr/bin/env bash
# Runs every test but the integration suite. Arguments go to go test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

race=()
if command -v cc >/dev/null; then
  race=(-race) # the race detector needs a C compiler
fi
go list ./... | grep -v '/integration$' | xargs go test "${race[@]}" "$@"
