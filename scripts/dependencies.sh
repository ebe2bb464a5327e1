#!/usr/bin/env bash
# Builds what the catalog's sidecars are installed from: the programs of catalog/, of
# the modules that go.mod pins there. Leaves archives in .build/dependencies, and
# prints name and version, path and sha256 of each. The bytes are the same on every
# machine.
#
#   scripts/dependencies.sh [NAME...]            build these; without a name, all
#   scripts/dependencies.sh --check [NAME...]    build twice; ends with 1 if a sha256
#                                                is not that of manifest.yml
#   scripts/dependencies.sh --update [NAME...]   make go.mod and go.sum anew: of
#                                                otel-collector from builder.yaml
set -euo pipefail
shopt -s inherit_errexit # a build that fails in $() is a failure too
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

usage() {
  echo "found '$1'; expected --check or --update, or names of these: $(basename -a catalog/*/ | paste -sd' ')" >&2
  exit 2
}

mode=''
case ${1:-} in
  --check | --update) mode=$1; shift ;;
  -*) usage "$1" ;;
esac
if (($# == 0)); then
  mapfile -t names < <(basename -a catalog/*/)
else
  names=("$@")
fi
for name in "${names[@]}"; do
  [[ $name != */* && -f catalog/$name/program.sh ]] || usage "$name"
done

# Another Go compiles to other bytes: the sha256 in manifest.yml belongs to this one.
# Where Go is another, it fetches this one.
toolchain=go1.26.8

say() { echo "-----> $*" >&2; }

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# No variable of the environment may change the bytes. GOFLAGS has a value,
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

# describe NAME reads catalog/NAME/program.sh, which sets
#   package   what is compiled, in the module of catalog/NAME
#   version   that of the program; pinned prints the version of $module in go.mod
#   binary    what the compiled program is called in the archive
#   flags     further flags for the linker
#   files     what else of catalog/NAME belongs into the archive, besides the script
#             NAME.sh, which is NAME there
# and may replace the functions prepare and update.
describe() {
  name=$1 inputs=$root/catalog/$1
  module='' package='' version='' flags='' files=()
  binary=${name}_linux_amd64
  # shellcheck source=/dev/null
  source "$inputs/program.sh"
  archive=$name-$version-linux-amd64.tar.gz
}
# shellcheck disable=SC2317 # called in program.sh
pinned() { awk -v module="$module" '$1 == module { sub(/^v/, "", $2); print $2 }' "$inputs/go.mod"; }

# prepare DIRECTORY fills DIRECTORY/sources with the module that is compiled.
prepare() {
  mkdir "$1/sources"
  find "$inputs" -maxdepth 1 \( -name go.mod -o -name go.sum -o -name '*.go' \) -exec cp {} "$1/sources" \;
}

# update DIRECTORY makes go.mod and go.sum anew.
update() { (cd "$inputs" && go mod tidy); }

# licenses prints those of Go and of all modules that the program is linked with,
# each text once.
licenses() {
  local module directory file text texts=()
  local -A of
  {
    echo "Go $(go env GOROOT)"
    go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}} {{.Dir}}{{end}}{{end}}' "$package" | sort -u
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
  prepare "$1"
  cd "$1"
  for file in "${files[@]}"; do
    cp "$inputs/$file" archive
  done
  cp "$inputs/$name.sh" "archive/$name"
  chmod +x "archive/$name"
  cd sources
  export GOOS=linux GOARCH=amd64
  go build -mod=readonly -trimpath -ldflags="-s -w${flags:+ $flags}" -o "../archive/$binary" "$package"
  licenses >../archive/LICENSES
  "$work/archive" ../archive "../$archive"
)

# check builds twice, and compares with manifest.yml.
check() {
  local expected sum status=0 directory
  expected=$(awk -v name="$name" '/^- name:/ { found = $3 } found == name && /^  sha256:/ { print $2; exit }' manifest.yml)
  if [[ -z $expected ]]; then
    echo "manifest.yml has no dependency $name with a sha256" >&2
    return 1
  fi
  for directory in first second-in-a-longer-directory; do
    say "Building $name $version, $directory"
    # Each with a cache of its own, or the second would be the first's copy.
    sum=$(GOCACHE=$work/cache-$directory build "$work/$name/$directory")
    echo "$archive $sum"
    if [[ $sum != "$expected" ]]; then
      echo "found sha256 $sum; expected $expected, as manifest.yml says" >&2
      status=1
    fi
  done
  return "$status"
}

# keep builds into .build/dependencies.
keep() {
  local sum
  say "Building $name $version"
  sum=$(build "$work/$name")
  mkdir -p .build/dependencies
  cp "$work/$name/$archive" ".build/dependencies/.$archive"
  mv ".build/dependencies/.$archive" ".build/dependencies/$archive"
  echo "$name $version"
  echo "$root/.build/dependencies/$archive"
  echo "$sum"
}

go build -o "$work/archive" scripts/archive.go
status=0
for name in "${names[@]}"; do
  mkdir "$work/$name"
  set +e # behind ||, bash would not end the parentheses at an error
  (
    set -e
    describe "$name"
    case $mode in
      --update)
        say "Resolving the modules of $name $version"
        update "$work/$name"
        ;;
      --check) check ;;
      *) keep ;;
    esac
  )
  status=$((status | $?))
  set -e
done
exit $((status > 0))
