#!/usr/bin/env bash
# Builds the command line tool, with config-server next to it, and Cloud Foundry's own
# builder and launcher at the versions that go.mod pins, into .build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lifecycle=code.cloudfoundry.org/buildpackapplifecycle
echo "-----> Building sidecar, config-server, and Cloud Foundry's builder and launcher"
mkdir -p .build/bin .build/lifecycle
CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o .build/bin/ ./cmd/sidecar ./cmd/config-server
CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o .build/lifecycle/ "$lifecycle/builder" "$lifecycle/launcher"
