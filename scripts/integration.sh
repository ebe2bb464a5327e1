#!/usr/bin/env bash
# Runs the integration suite: apps staged and run by Cloud Foundry's own builder
# and launcher. Arguments go to go test.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go test -timeout 60m -count=1 ./integration "$@"
