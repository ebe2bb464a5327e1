#!/usr/bin/env bash
# Makes what a release holds: packages of the buildpack, the command line tool, the catalog's
# archives, an SBOM of each, checksums, and a statement of how they were built. docs/releasing.md
# describes it. Of the same commit it makes the same bytes everywhere.
#
#   scripts/release.sh VERSION [--output DIRECTORY] [--only PART,...]
#   scripts/release.sh VERSION --check [--output DIRECTORY] [--only PART,...]
#
# The directory, by default .build/release, must be empty. Parts are catalog, packages and tools;
# without --only, all of them are made, of a checkout without changes. --check makes all of it twice:
# here, and from a copy in another directory with an empty cache of compiled packages; it ends
# with 1 if these differ.
set -euo pipefail
shopt -s inherit_errexit
caller=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

repository=https://github.com/cloudfoundry-community/sidecar-buildpack
platforms=(darwin/amd64 darwin/arm64 linux/amd64 linux/arm64)

synopsis='usage: scripts/release.sh VERSION [--output DIRECTORY] [--only PART,...] [--check]'
usage() {
  echo "$synopsis" >&2
  echo "$1" >&2
  exit 2
}

say() { echo "-----> $*" >&2; }

version='' output=$root/.build/release only=catalog,packages,tools whole=yes check=''
while (($# > 0)); do
  case $1 in
    --check) check=yes; shift ;;
    --help)
      echo "$synopsis"
      echo
      sed -n '2,/^set/ { s/^# \{0,1\}//p }' scripts/release.sh
      exit
      ;;
    --output | --only)
      (($# > 1)) || usage "found $1 without a value"
      declare "${1#--}=$2"
      [[ $1 != --only ]] || whole=''
      shift 2
      ;;
    -*) usage "found '$1'" ;;
    *)
      [[ -z $version ]] || usage "found the versions '$version' and '$1'"
      version=$1
      shift
      ;;
  esac
done
[[ $only == *[!,]* ]] || usage "found no part in --only '$only'; expected catalog, packages or tools, separated by commas"
for part in ${only//,/ }; do
  [[ $part =~ ^(catalog|packages|tools)$ ]] || usage "found the part '$part'; expected catalog, packages or tools"
done
[[ $version == "$(<VERSION)" ]] || usage "found the version '$version'; expected $(<VERSION), which the file VERSION has and the programs say"
[[ $output == /* ]] || output=$caller/$output
mkdir -p "$output"
[[ -z $(ls -A "$output") ]] || usage "found files in $output; expected an empty directory"
output=$(cd "$output" && pwd)

commit=''
if [[ -n $whole ]]; then
  [[ -z $(git status --porcelain) ]] || usage "found changes that are not committed; expected a clean checkout, of which the provenance can name the commit"
  commit=$(git rev-parse HEAD)
fi

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the environment may make its way into what is built. Another Go compiles to other bytes.
unset GO111MODULE GOOS GOARCH GOEXPERIMENT
toolchain=$(sed -n 's/^toolchain=//p' scripts/dependencies.sh)
export LC_ALL=C CGO_ENABLED=0 GOWORK=off GOFLAGS=-buildvcs=false GOAMD64=v1 GOARM64=v8.0 GOFIPS140=off GOTOOLCHAIN=$toolchain
export SOURCE_DATE_EPOCH=0 # as in the archives
umask 022

# twice makes a release here and from a copy elsewhere, and compares.
twice() {
  local copy="$work/a copy elsewhere" rest=()
  [[ -n $whole ]] || rest=(--only "$only")
  scripts/release.sh "$version" --output "$output" "${rest[@]}"
  if [[ -n $whole ]]; then
    git clone -q "$root" "$copy"
  else # with what is not committed
    mkdir "$copy"
    git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- | tar -x -C "$copy"
  fi
  mkdir "$work/cache"
  (cd / && GOCACHE=$work/cache TMPDIR=$work "$copy/scripts/release.sh" "$version" --output "$work/again" "${rest[@]}")
  if ! diff -r "$output" "$work/again"; then
    echo "found different files in two runs; expected the same bytes" >&2
    exit 1
  fi
  say "Two runs in two directories agree: $(find "$output" -type f | wc -l) files"
}

# bom NAME FILE... writes the SBOM of a file of the release, which is called after it.
bom() {
  local name=$1
  shift
  "$work/bin/sbom" --name "$name" --version "$version" --output "$output/$name.cdx.json" "$@"
}

# pack_catalog builds the archives of the catalog that this release publishes.
pack_catalog() {
  local name archive
  while read -r name archive; do
    scripts/dependencies.sh "$name" >&2
    cp ".build/dependencies/$archive" "$output"
    bom "$archive" "$output/$archive"
  done < <(awk -v here="$repository/releases/download/v$version/" '/^- name:/ { name = $3 }
    /^  uri: / && index($2, here) == 1 { print name, substr($2, length(here) + 1) }' manifest.yml)
}

# pack_buildpack makes the packages: without dependencies for any stack, and with those of each
# profile that has some for each stack.
pack_buildpack() {
  local stack stacks profile profiles
  mapfile -t stacks < <(awk '/^  - cflinuxfs/ { print $2 }' manifest.yml | sort -u)
  mapfile -t profiles < <(awk '/^[^ ]/ { inside = $1 == "packaging_profiles:" } inside && /^  [^ ]/ { sub(":", ""); print $1 }' manifest.yml)
  scripts/package.sh --version "$version" --output "$output" >&2
  for stack in "${stacks[@]}"; do
    for profile in "${profiles[@]}"; do
      if [[ $profile != none ]]; then
        scripts/package.sh --version "$version" --output "$output" --cached --profile "$profile" --stack "$stack" >&2
      fi
    done
  done
  for package in "$output"/*.zip; do
    unzip -p "$package" sbom.cdx.json >"$package.cdx.json"
  done
}

# pack_tools makes an archive of the command line tool for each platform, and what package managers
# install it from.
pack_tools() {
  local platform system arch name
  go build -trimpath -ldflags='-s -w' -o "$work/bin/" ./cmd/sidecar
  for platform in "${platforms[@]}"; do
    system=${platform%/*} arch=${platform#*/} name=sidecar-$version-$system-$arch
    say "Building sidecar for $platform"
    mkdir -p "$work/tools/$name"
    GOOS=$system GOARCH=$arch go build -trimpath -ldflags='-s -w' -o "$work/tools/$name/" ./cmd/sidecar ./cmd/config-server
    cp LICENSE README.md "$work/tools/$name"
    "$work/bin/archive" "$work/tools/$name" "$output/$name.tar.gz" >/dev/null
    bom "$name.tar.gz" "$output/$name.tar.gz"
    if [[ $system == linux ]]; then
      pack_debian "$work/tools/$name" "$arch"
    fi
  done
  scripts/release/formula.sh "$version" "$repository" "$output" >"$output/sidecar.rb"
}

# pack_debian DIRECTORY ARCH makes a Debian package.
pack_debian() {
  local from=$1 package=sidecar_${version}_$2.deb
  "$work/bin/sidecar" completion bash >"$from/sidecar.bash"
  "$work/bin/sidecar" completion zsh >"$from/_sidecar"
  "$work/bin/sidecar" completion fish >"$from/sidecar.fish"
  (cd "$from" && ARCH=$2 RELEASE=$version "$work/bin/nfpm" package --config "$root/scripts/release/nfpm.yaml" --packager deb --target "$output/$package" >&2)
  bom "$package" "$from/sidecar" "$from/config-server"
}

if [[ -n $check ]]; then
  twice
  exit
fi

mkdir "$work/bin"
go build -o "$work/bin/archive" scripts/archive.go
(cd scripts/release && go build -o "$work/bin/" ./sbom ./provenance && { [[ ,$only, != *,tools,* ]] || go build -o "$work/bin/" github.com/goreleaser/nfpm/v2/cmd/nfpm; })
# The catalog goes first: packages take what it has built.
[[ ,$only, != *,catalog,* ]] || pack_catalog
[[ ,$only, != *,packages,* ]] || pack_buildpack
[[ ,$only, != *,tools,* ]] || pack_tools

cd "$output"
sha256sum -- * >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" .
if [[ -n $commit ]]; then
  # Where a workflow of GitHub runs it, that is who has built it.
  builder=$repository/blob/$commit/scripts/release.sh invocation=''
  if [[ -n ${GITHUB_WORKFLOW_REF:-} ]]; then
    builder=${GITHUB_SERVER_URL}/$GITHUB_WORKFLOW_REF
    invocation=${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}/attempts/${GITHUB_RUN_ATTEMPT}
  fi
  "$work/bin/provenance" --version "$version" --commit "$commit" --repository "$repository" --builder "$builder" --invocation "$invocation" \
    --output "$work/provenance.intoto.json" -- *
  mv "$work/provenance.intoto.json" .
fi
say "$(find . -type f | wc -l) files in $output"
