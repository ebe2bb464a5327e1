#!/usr/bin/env bash
# Builds one of the buildpack's programs and runs it: what bin/* do in the
# repository. In a packaged buildpack the compiled programs stand in bin.
#
#   scripts/run-from-source.sh PROGRAM [ARGUMENT...]
set -euo pipefail

program=${1:-}
shift || true
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

# The buildpack's name, from buildpack.toml.
name=$(sed -n '/^\[buildpack\]/,/^\[[^b]/s/^ *name *= *["'\'']\(.*\)["'\''] *$/\1/p' "$root/buildpack.toml") || :
name=${name%%$'\n'*}
name=${name:-The sidecar buildpack}

# The code with which the platform reports a failure of this phase. To release
# there is nothing to build.
case $program in
  detect) failed=222 ;;
  supply) failed=225 ;;
  finalize) failed=226 ;;
  *) echo "found program '$program'; expected detect, supply or finalize" >&2; exit 2 ;;
esac

# Standard output belongs to the program: the platform reads that of detect.
say() { echo "-----> $*" >&2; }

if ! work=$(mktemp -d); then
  say "$name found no place to build in; TMPDIR has to name a directory that it can write to."
  exit "$failed"
fi
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

if ! command -v go >/dev/null; then
  say "$name runs from source and needs Go, which is not on PATH."
  cache=
  if [[ $program == supply || $program == finalize ]]; then
    cache=${2:-}
  fi
  if ! mkdir "$work/toolchain" || ! go=$("$root/scripts/install-go.sh" "$work/toolchain" "$cache"); then
    say "Install Go from https://go.dev/dl, or use a packaged release of the buildpack."
    exit "$failed"
  fi
  PATH=${go%/go}:$PATH
fi

# Go variables that the app sets for its own build must not affect this one.
unset GO111MODULE GOTOOLCHAIN GOOS GOARCH GOEXPERIMENT GOENV
export CGO_ENABLED=0 GOWORK=off GOFLAGS=-buildvcs=false GOFIPS140=off GOAMD64=v1

# Go needs a place for its caches; a staging container may have no HOME, or one
# that cannot be written to.
usable() { [[ -n $1 && $1 != off ]] && mkdir -p "$1" 2>/dev/null && [[ -w $1 ]]; }
if ! usable "$(go env GOCACHE 2>/dev/null)"; then
  export GOCACHE=$work/cache
fi
if ! usable "$(go env GOMODCACHE 2>/dev/null)"; then
  export GOPATH=$work/go GOMODCACHE=$work/go/pkg/mod
fi

# Go trusts the operator's authorities, too, where it fetches modules.
authorities=${SSL_CERT_DIR:-}
if [[ -d ${CF_SYSTEM_CERT_PATH:-} ]]; then
  authorities=${authorities:-/etc/ssl/certs:/etc/pki/tls/certs}:$CF_SYSTEM_CERT_PATH
fi

# The program finds the buildpack's files where it would in a package.
mkdir "$work/bin"
ln -s "$root"/{buildpack.toml,manifest.yml,VERSION} "$work"

packages=("./cmd/$program")
if [[ $program == supply ]]; then
  packages+=(./cmd/config-server ./cmd/sidecar-env ./cmd/sidecar-render ./cmd/supervise)
fi
say "Building the $program of $name from source"
SECONDS=0
if ! (cd "$root" && SSL_CERT_DIR=$authorities go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/bin/" "${packages[@]}") >&2; then
  say "$name could not be built."
  exit "$failed"
fi
say "Built in $SECONDS s"
"$work/bin/$program" "$@"
