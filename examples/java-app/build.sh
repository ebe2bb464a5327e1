#!/usr/bin/env bash
# Builds what is pushed: OUTDIR/app.jar, with the app's classes, the sidecar's binary and its sidecars.yml.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: $0 OUTDIR CONFIG_SERVER" >&2
  echo "  CONFIG_SERVER is the config-server's binary for Linux" >&2
  exit 2
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
config_server=$2
mkdir -p "$1"
outdir=$(cd "$1" && pwd)

work=$(mktemp -d "$outdir/.build.XXXXXX")
trap 'rm -rf "$work"' EXIT

javac --release 17 -Xlint:all -Werror -d "$work/classes" "$here"/src/example/*.java
jar --create --file "$work/app.jar" --main-class example.App -C "$work/classes" .

mkdir -p "$work/root/META-INF" "$work/root/config-server-sidecar"
cp "$here/sidecars.yml" "$work/root/META-INF/sidecars.yml"
cp "$config_server" "$work/root/config-server-sidecar/config-server"
jar --update --file "$work/app.jar" -C "$work/root" .

mv "$work/app.jar" "$outdir/app.jar"
