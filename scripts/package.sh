#!/usr/bin/env bash
# Packages the buildpack with Cloud Foundry's own buildpack-packager: compiled
# programs in place of the scripts in bin. Prints the path of the zip, which is the
# same bytes wherever it is made of the same sources with the same Go.
#
#   scripts/package.sh --version V [--cached] [--stack S] [--output DIRECTORY]
#
# --cached puts every dependency into the zip, so that staging needs no network.
# Without --stack the zip is for any stack, without --output it is left in .build
# here.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: scripts/package.sh --version V [--cached] [--stack S] [--output DIRECTORY]" >&2
  echo "$1" >&2
  exit 2
}

version='' cached='' stack='' output=$PWD/.build
while (($# > 0)); do
  case $1 in
    --cached) cached=-cached; shift ;;
    --version | --stack | --output)
      (($# > 1)) || usage "found $1 without a value"
      declare "${1#--}=$2"
      shift 2
      ;;
    *) usage "found '$1'" ;;
  esac
done
# It becomes a part of the zip's name, and what users read in their app's list.
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+.][0-9A-Za-z.+-]+)?$ ]] || usage "found the version '$version'; expected one such as 1.2.3"
[[ $output == /* ]] || output=$caller/$output
[[ $stack =~ ^[0-9A-Za-z._-]*$ ]] || usage "found the stack '$stack'; expected one such as cflinuxfs4"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the environment may make its way into the zip.
unset GO111MODULE GOOS GOARCH GOEXPERIMENT
export CGO_ENABLED=0 GOWORK=off GOFLAGS=-buildvcs=false GOAMD64=v1 GOFIPS140=off

echo "-----> Building" >&2
go build -o "$work/packager" github.com/cloudfoundry/libbuildpack/packager/buildpack-packager
go build -o "$work/normalize" scripts/normalize.go
mkdir -p "$work/buildpack/bin"
programs=(./cmd/config-server ./cmd/detect ./cmd/finalize ./cmd/release ./cmd/sidecar-env ./cmd/sidecar-render ./cmd/supervise ./cmd/supply)
GOOS=linux GOARCH=amd64 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/buildpack/bin/" "${programs[@]}"
cp LICENSE README.md buildpack.toml manifest.yml "$work/buildpack"

if [[ -n $cached ]]; then
  # What was built here need not be fetched, and cannot be before it is released.
  while read -r uri; do
    built=.build/dependencies/${uri##*/}
    if [[ ! -f $built ]] && [[ $uri == */cloudfoundry-community/sidecar-buildpack/* ]]; then
      scripts/dependencies.sh >&2
    fi
    if [[ -f $built ]]; then
      sum=$(printf %s "$uri" | md5sum) # the packager's name for it
      mkdir -p "$work/cache/dependencies/${sum%% *}"
      cp "$built" "$work/cache/dependencies/${sum%% *}"
    fi
  done < <(sed -n 's/^  uri: //p' manifest.yml)
fi

echo "-----> Packaging" >&2
(
  cd "$work/buildpack"
  "$work/packager" build -version "$version" -cachedir "$work/cache" ${cached:+-cached} \
    "$([[ -n $stack ]] && echo "-stack=$stack" || echo -any-stack)" >&2
)
zip=("$work"/buildpack/*.zip)
mkdir -p "$output"
"$work/normalize" "${zip[0]}" "$work/normal.zip"
mv "$work/normal.zip" "$output/${zip[0]##*/}"
echo "$output/${zip[0]##*/}"
