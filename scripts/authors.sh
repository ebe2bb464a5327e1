#!/usr/bin/env bash
# Follows docs/authors.md literally: runs its blocks of shell, in their order, from an empty directory, and
# prints after each how long it has taken so far. Each has to succeed. The module is served from this checkout, and all
# others from the module cache, or GOPROXY, so that nothing has to be published, and no network be there.
#
#   scripts/authors.sh [DIRECTORY]    a directory to work in, which is kept; it must be empty
set -euo pipefail
shopt -s inherit_errexit
directory=
if (($# > 0)); then
  mkdir -p "$1"
  directory=$(cd "$1" && pwd)
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

url() { printf 'file://%s' "$1" | sed 's/%/%25/g; s/ /%20/g'; }

echo "-----> Building sidecar, and serving this checkout as a module"
version=v$(<VERSION)
go run scripts/moduleproxy.go "$work/proxy" "$version"
CGO_ENABLED=0 go build -buildvcs=false -trimpath -o "$work/bin/" ./cmd/sidecar ./cmd/config-server
awk '/^```shell$/ { inside = 1; next } /^```$/ && inside { print "{ echo \"-----> $SECONDS s\"; } 2>/dev/null"; inside = 0 } inside' docs/authors.md >"$work/page.sh"
[[ -s $work/page.sh ]] || { echo "found no block of shell in docs/authors.md" >&2; exit 1; }

# The cache of modules is a new one, as what it has of a version is kept for ever.
proxy=$(url "$work/proxy") cache=$(url "$(go env GOMODCACHE)/cache/download") proxies=$(go env GOPROXY)
export GOPROXY=$proxy,$cache,$proxies GOMODCACHE=$work/modules
export GONOSUMDB=github.com/cloudfoundry-community/sidecar-buildpack GOFLAGS=-modcacherw GOWORK=off PATH=$work/bin:$PATH
if [[ -z $directory ]]; then
  mkdir "$work/empty"
  directory=$work/empty
fi
cd "$directory"
bash -euo pipefail -x "$work/page.sh"
echo "-----> Followed docs/authors.md; user and system time of it, and of the building before it:"
times >"$work/times" # in a pipe, it would tell of a subshell
tail -1 "$work/times"
