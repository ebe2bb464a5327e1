#!/usr/bin/env bash
# Builds the sidecar: OUTDIR/quotes.jar.
set -euo pipefail

if [[ $# -ne 1 ]]; then
  echo "usage: $0 OUTDIR" >&2
  exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
outdir=$(cd "$1" && pwd)

work=$(mktemp -d "$outdir/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT

javac --release 17 -Xlint:all -Werror -d "$work/classes" "$here"/src/example/*.java
jar --create --file "$work/quotes.jar" --main-class example.Quotes -C "$work/classes" .

mv "$work/quotes.jar" "$outdir/quotes.jar"
