#!/usr/bin/env bash
# Runs every test but the integration suite. Arguments go to go test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

race=()
if command -v cc >/dev/null; then
  race=(-race) # the race detector needs a C compiler
  export GORACE="atexit_sleep_ms=0 ${GORACE-}" # or each of the many programs that the specs run sleeps for a second when it exits
fi
# With the race detector some packages take ten times as long as without, and Go's ten
# minutes may be too few for a machine that has much else to do.
go list ./... | grep -v '/integration$' | xargs go test -timeout 60m "${race[@]}" "$@"
