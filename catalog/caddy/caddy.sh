#!/bin/sh
# Runs Caddy in front of the app, with the app's Caddyfile or the one in this
# directory; or with arguments of one's own.
here=$(dirname "$(readlink -f "$0")")
# Where Caddy keeps what it notes for itself: not in the app's directory.
state=${TMPDIR:-/tmp}/caddy
export XDG_CONFIG_HOME="${XDG_CONFIG_HOME:-$state/config}" XDG_DATA_HOME="${XDG_DATA_HOME:-$state/data}"
if [ $# -gt 0 ]; then
  exec "$here/caddy_linux_amd64" "$@"
fi

config=${CADDY_CONFIG:-Caddyfile}
if [ ! -e "$config" ] && [ -z "${CADDY_CONFIG:-}" ]; then
  config=$here/Caddyfile
fi
# What it imports: a path that is relative would be so to the Caddyfile.
if [ -z "${CADDY_RULES:-}" ]; then
  CADDY_RULES=$here/no-rules.caddy
  if [ -e caddy ]; then
    CADDY_RULES="$PWD/caddy/*.caddy"
  fi
  export CADDY_RULES
fi
exec "$here/caddy_linux_amd64" run --config "$config" --adapter caddyfile
