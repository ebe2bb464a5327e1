#!/usr/bin/env bash
# Installs the Go that manifest.yml pins below toolchain, for a staging container
# that has none. Prints the path of its program go.
#
#   scripts/install-go.sh DIRECTORY [CACHE]
#
# The file that was fetched is kept in the directory CACHE, and is verified before
# every use.
set -euo pipefail

directory=$1
cache=${2:-}
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

say() { echo "-----> $*" >&2; }

pinned() { sed -n '/^toolchain:/,/^[^ ]/ s/^  '"$1"': *//p' "$root/manifest.yml"; }
version=$(pinned version) uri=$(pinned uri) sha256=$(pinned sha256)

if [[ $(uname -sm) != 'Linux x86_64' ]]; then
  say "Go for $(uname -sm) cannot be installed from here."
  exit 1
fi
for program in curl unzip sha256sum; do
  if ! command -v "$program" >/dev/null; then
    say "Go cannot be installed without $program."
    exit 1
  fi
done

# Left by one that was killed.
if [[ -n $cache ]]; then
  rm -f "$cache"/toolchain/.new-* 2>/dev/null || true
fi

verified() { [[ -f $1 ]] && echo "$sha256  $1" | sha256sum --check --status; }

SECONDS=0
archive=$directory/go.zip
if [[ -n $cache ]] && verified "$cache/toolchain/go-$version.zip"; then
  say "Installing Go $version from the cache"
  archive=$cache/toolchain/go-$version.zip
else
  say "Installing Go $version from $uri"
  curl --fail --silent --show-error --location --retry 4 --retry-connrefused --connect-timeout 10 \
    --speed-limit 1000 --speed-time 30 --output "$archive" "$uri"
  if ! verified "$archive"; then
    say "Go is not installed: found a file with the SHA-256 $(sha256sum "$archive" | cut -d' ' -f1); expected $sha256."
    exit 1
  fi
  # Without a cache it is fetched again the next time, and no more.
  if [[ -n $cache ]] && mkdir -p "$cache/toolchain" 2>/dev/null && kept=$(mktemp "$cache/toolchain/.new-XXXXXX" 2>/dev/null); then
    rm -f "$cache"/toolchain/go-*.zip
    if ! { cp "$archive" "$kept" && mv "$kept" "$cache/toolchain/go-$version.zip"; } 2>/dev/null; then
      rm -f "$kept"
    fi
  fi
fi

# It is a module, which keeps no modes.
unzip -q "$archive" -d "$directory"
installed=$directory/golang.org/toolchain@v0.0.1-go$version.linux-amd64
chmod +x "$installed"/bin/* "$installed"/pkg/tool/*/*
say "Installed Go $version in $SECONDS s"
echo "$installed/bin/go"
