#!/usr/bin/env bash
# Builds one of the buildpack's programs and runs it: what bin/* do in the
# repository. In a packaged buildpack the compiled programs stand in bin.
#
#   scripts/run-from-source.sh PROGRAM [ARGUMENT...]
set -euo pipefail

program=${1:-}
shift || true
BUILDPACK_DIR=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
export BUILDPACK_DIR

# The code with which the platform reports a failure of this phase.
case $program in
  detect) failed=222 ;;
  release) failed=224 ;;
  supply) failed=225 ;;
  finalize) failed=226 ;;
  *) echo "found program '$program'; expected detect, supply, finalize or release" >&2; exit 2 ;;
esac

# Standard output belongs to the program: the platform reads that of detect and
# release.
say() { echo "-----> $*" >&2; }

if ! command -v go >/dev/null; then
  say "The sidecar buildpack runs from source and needs Go, which is not on PATH." \
    "Install it from https://go.dev/dl, or use a packaged release of the buildpack."
  exit "$failed"
fi

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

# Go needs a place for its caches, and a staging container may have no HOME.
if [[ -z ${HOME:-} ]]; then
  export GOPATH=${GOPATH:-$work/go} GOCACHE=${GOCACHE:-$work/cache}
fi

packages=("./cmd/$program")
if [[ $program == supply ]]; then
  packages+=(./cmd/config-server)
fi

say "Building the sidecar buildpack's $program from source"
mkdir "$work/bin"
if ! (cd "$BUILDPACK_DIR" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/bin/" "${packages[@]}") >&2; then
  say "The sidecar buildpack could not be built."
  exit "$failed"
fi
"$work/bin/$program" "$@"
