#!/usr/bin/env bash
# Builds what the catalog's sidecars are installed from: the otel-collector, of the
# modules that catalog/otel-collector pins. Leaves the archive in
# .build/dependencies, and prints its name, path and sha256. The bytes are the same
# on every machine.
#
#   scripts/dependencies.sh            build
#   scripts/dependencies.sh --check    build twice; ends with 1 if a sha256 is not
#                                      that of manifest.yml
#   scripts/dependencies.sh --update   make go.mod and go.sum anew from builder.yaml
set -euo pipefail
shopt -s inherit_errexit # a build that fails in $() is a failure too
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=${1:-}
case $mode in
  '' | --check | --update) ;;
  *) echo "found '$mode'; expected nothing, --check or --update" >&2; exit 2 ;;
esac

# Another Go compiles to other bytes: the sha256 in manifest.yml belongs to this one.
# Where Go is another, it fetches this one.
toolchain=go1.26.8

root=$PWD
inputs=$root/catalog/otel-collector
version=$(sed -n 's/^  version: //p' "$inputs/builder.yaml")
archive=otel-collector-$version-linux-amd64.tar.gz

say() { echo "-----> $*" >&2; }

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# What would change the bytes is not left to the environment. GOFLAGS has a value,
# as an empty one would leave it to Go's own configuration file.
unset GO111MODULE GOEXPERIMENT GOOS GOARCH
export LC_ALL=C CGO_ENABLED=0 GOAMD64=v1 GOFIPS140=off GOFLAGS=-buildvcs=false GOTOOLCHAIN=$toolchain GOWORK=off

# Go needs a place for its caches, and there may be no HOME.
usable() { [[ -n $1 && $1 != off ]] && mkdir -p "$1" 2>/dev/null && [[ -w $1 ]]; }
if ! usable "$(go env GOCACHE 2>/dev/null)"; then
  export GOCACHE=$work/cache
fi
if ! usable "$(go env GOMODCACHE 2>/dev/null)"; then
  export GOPATH=$work/go GOMODCACHE=$work/go/pkg/mod
fi

found=$(go env GOVERSION) || true # it has said why
if [[ $found != "$toolchain" ]]; then
  echo "found Go '$found'; expected $toolchain, which Go 1.21 or newer fetches by itself where it can; see https://go.dev/dl" >&2
  exit 1
fi

# generate FLAG... makes the collector's main package in the directory sources.
generate() {
  "$work/builder" --config="$inputs/builder.yaml" --skip-compilation "$@" >builder.log 2>&1 || {
    cat builder.log >&2
    return 1
  }
}

# licenses prints those of Go and of all modules that the collector is linked with,
# each text once.
licenses() {
  local module directory file text texts=()
  local -A of
  {
    echo "Go $(go env GOROOT)"
    go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}} {{.Dir}}{{end}}{{end}}' . | sort -u
  } >../modules
  while read -r module directory; do
    for file in "$directory"/{COPYING,LICENCE,LICENSE,NOTICE}*; do
      if [[ -f $file ]]; then
        text=$(<"$file")
        if [[ -z ${of[$text]:-} ]]; then
          texts+=("$text")
        fi
        of[$text]+="==> $module, ${file##*/}"$'\n'
      fi
    done
  done <../modules
  for text in "${texts[@]}"; do
    printf '%s\n%s\n\n' "${of[$text]}" "$text"
  done
}

# build DIRECTORY makes the archive there, and prints its sha256.
build() (
  mkdir -p "$1/archive"
  cd "$1"
  generate --skip-get-modules
  cp "$inputs"/go.{mod,sum} sources
  cp "$inputs/config.yaml" archive
  cp "$inputs/otel-collector.sh" archive/otel-collector
  chmod +x archive/otel-collector
  cd sources
  export GOOS=linux GOARCH=amd64
  go build -mod=readonly -trimpath -ldflags='-s -w' -o ../archive/otelcol .
  licenses >../archive/LICENSES
  "$work/archive" ../archive "../$archive"
)

if [[ $mode == --check ]]; then
  expected=$(awk '/^- / { name = ""; sub(/^- /, "") } $1 == "name:" { name = $2 } name == "otel-collector" && $1 == "sha256:" { print $2 }' manifest.yml)
  if [[ -z $expected ]]; then
    echo "manifest.yml has no dependency otel-collector with a sha256" >&2
    exit 1
  fi
fi

say "Building the collector's builder"
GOBIN=$work go install "go.opentelemetry.io/collector/cmd/builder@v$version"
go build -o "$work/archive" "$inputs/archive.go"

if [[ $mode == --update ]]; then
  say "Resolving the modules of otel-collector $version"
  cd "$work"
  generate
  cp sources/go.{mod,sum} "$inputs"
  exit
fi

if [[ $mode == --check ]]; then
  status=0
  for name in first second-in-a-longer-directory; do
    say "Building otel-collector $version, $name"
    # Each with a cache of its own, or the second would be the first's copy.
    sum=$(GOCACHE=$work/cache-$name build "$work/$name")
    echo "$archive $sum"
    if [[ $sum != "$expected" ]]; then
      echo "found sha256 $sum; expected $expected, as manifest.yml says" >&2
      status=1
    fi
  done
  exit "$status"
fi

say "Building otel-collector $version"
sum=$(build "$work/build")
mkdir -p .build/dependencies
cp "$work/build/$archive" ".build/dependencies/.$archive"
mv ".build/dependencies/.$archive" ".build/dependencies/$archive"
echo "otel-collector $version"
echo "$root/.build/dependencies/$archive"
echo "$sum"
