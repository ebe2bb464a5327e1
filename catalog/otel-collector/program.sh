# shellcheck shell=bash disable=SC2034,SC2154 # read and set by scripts/dependencies.sh
package=.
version=$(sed -n 's/^  version: //p' "$inputs/builder.yaml")
binary=otelcol
files=(config.yaml)

# generate DIRECTORY FLAG... makes the collector's main package in DIRECTORY/sources.
generate() (
  cd "$1" || return
  shift
  if [[ ! -x $work/builder ]]; then
    say "Building the collector's builder"
    GOBIN=$work go install "go.opentelemetry.io/collector/cmd/builder@v$version"
  fi
  "$work/builder" --config="$inputs/builder.yaml" --skip-compilation "$@" >builder.log 2>&1 || {
    cat builder.log >&2
    return 1
  }
)

prepare() {
  generate "$1" --skip-get-modules
  cp "$inputs"/go.{mod,sum} "$1/sources"
}

update() {
  generate "$1"
  cp "$1"/sources/go.{mod,sum} "$inputs"
}
