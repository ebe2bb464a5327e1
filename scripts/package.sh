#!/usr/bin/env bash
# Packages the buildpack with Cloud Foundry's own buildpack-packager: compiled
# programs in place of the scripts in bin, and an SBOM of them. Prints the path of the zip, which is the
# same bytes wherever it is made of the same sources with the same Go.
#
#   scripts/package.sh --version V [--cached] [--stack S] [--output DIRECTORY]
#                      [--profile P] [--exclude NAME,...] [--include NAME,...]
#
# --cached puts dependencies into the zip, so that staging needs no network: those of
# a profile of manifest.yml, by default of the profile core, and without --exclude, or
# with --include, some others. Without --stack the zip is for any stack, without
# --output it is left in .build here.
set -euo pipefail
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: scripts/package.sh --version V [--cached [--profile P] [--exclude NAME,...] [--include NAME,...]] [--stack S] [--output DIRECTORY]" >&2
  echo "$1" >&2
  exit 2
}

version='' cached='' stack='' output=$PWD/.build profile='' exclude='' include=''
while (($# > 0)); do
  case $1 in
    --cached) cached=-cached; shift ;;
    --version | --stack | --output | --profile | --exclude | --include)
      (($# > 1)) || usage "found $1 without a value"
      declare "${1#--}=$2"
      shift 2
      ;;
    *) usage "found '$1'" ;;
  esac
done
# It becomes a part of the zip's name, and what users read in their app's list.
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+.][0-9A-Za-z.+-]+)?$ ]] || usage "found the version '$version'; expected one such as 1.2.3"
[[ -n $cached || -z $profile$exclude$include ]] || usage "found --profile, --exclude or --include without --cached; a zip without dependencies leaves none out"
[[ $output == /* ]] || output=$caller/$output
[[ $stack =~ ^[0-9A-Za-z._-]*$ ]] || usage "found the stack '$stack'; expected one such as cflinuxfs4"

if [[ -n $cached ]]; then
  # As the packager takes them; it would say so after minutes in which programs are built.
  dependencies=$(awk '/^- name:/ { name = $3 } /^  version: / { version = $2 } /^  uri: / { uri = $2 } /^  sha256: / && name { print name, version, uri, $2; name = "" }' manifest.yml)
  for name in ${exclude//,/ } ${include//,/ }; do
    [[ $'\n'$dependencies == *$'\n'"$name "* ]] || usage "found the dependency '$name'; expected one of $(cut -d' ' -f1 <<<"$dependencies" | paste -sd' ')"
  done
  # The default's name is not in that of the zip.
  unnamed=''
  if [[ -z $profile ]]; then
    profile=core
    [[ -n $exclude$include ]] || unnamed=-$profile
  fi
  left_out=$(awk -v profile="$profile:" '/^[^ ]/ { inside = $1 == "packaging_profiles:" }
    inside && /^  [^ ]/ { mine = $1 == profile; if (mine) print "found" } inside && mine && $1 == "-" { print $2 }' manifest.yml | paste -sd,)
  [[ -n $left_out ]] || usage "found the profile '$profile'; expected one of packaging_profiles in manifest.yml"
fi

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
(cd scripts/release && go build -o "$work/sbom" ./sbom)
mkdir -p "$work/buildpack/bin"
mapfile -t programs < <(awk '/^[^-#]/ { inside = $1 == "include_files:" } inside && $2 ~ /^bin\// { sub("bin/", "./cmd/", $2); print $2 }' manifest.yml)
GOOS=linux GOARCH=amd64 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/buildpack/bin/" "${programs[@]}"
cp LICENSE README.md buildpack.toml manifest.yml "$work/buildpack"

selection=() packed=() archives=()
if [[ -n $cached ]]; then
  selection=("-profile=$profile" "-exclude=$exclude" "-include=$include")
  # A file that was built here is not fetched: before the release, it cannot be.
  while read -r name number uri sha256; do
    built=.build/dependencies/${uri##*/}
    if [[ ,$left_out,$exclude, == *,$name,* && ,$include, != *,$name,* ]]; then
      continue
    fi
    # It may be what an earlier state of the repository has built.
    if [[ $uri == */cloudfoundry-community/sidecar-buildpack/* ]] && ! sha256sum --status -c <<<"$sha256  $built" 2>/dev/null; then
      scripts/dependencies.sh "$name" >&2
    fi
    packed+=(--dependency "$name,$number,$uri,$sha256")
    if [[ -f $built ]]; then
      archives+=("$built")
      sum=$(printf %s "$uri" | md5sum) # the packager's name for it
      mkdir -p "$work/cache/dependencies/${sum%% *}"
      cp "$built" "$work/cache/dependencies/${sum%% *}"
    fi
  done <<<"$dependencies"
fi

# The package's SBOM, for whoever looks for a module with a vulnerability.
"$work/sbom" --name sidecar-buildpack --version "$version" --output "$work/buildpack/sbom.cdx.json" "${packed[@]}" "$work/buildpack/bin" "${archives[@]}"

echo "-----> Packaging" >&2
(
  cd "$work/buildpack"
  "$work/packager" build -version "$version" -cachedir "$work/cache" ${cached:+-cached} "${selection[@]}" \
    "$([[ -n $stack ]] && echo "-stack=$stack" || echo -any-stack)" >&2
)
zip=("$work"/buildpack/*.zip)
mkdir -p "$output"
"$work/normalize" "${zip[0]}" "$work/normal.zip"
name=${zip[0]##*/}
[[ -z $cached ]] || name=${name/-cached$unnamed-/-cached-}
mv "$work/normal.zip" "$output/$name"
echo "$output/$name"
