#!/usr/bin/env bash
# Writes what in the docs comes from the code: tables of fields, and JSON Schemas.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

go run ./scripts/generate
