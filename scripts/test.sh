#!/usr/bin/env bash
# Runs every test, unit and integration.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/unit.sh
scripts/integration.sh
