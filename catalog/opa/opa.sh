#!/bin/sh
# Runs OPA as a server for the app, with the policies of a bundle service or the
# app's own; or with arguments of one's own.
opa=$(dirname "$(readlink -f "$0")")/opa_linux_amd64
if [ $# -gt 0 ]; then
  exec "$opa" "$@"
fi

# On the loopback interface: the app alone asks.
set -- run --server --addr "127.0.0.1:${OPA_PORT:-8181}" --log-level "${OPA_LOG_LEVEL:-error}" --skip-version-check
if [ -n "${OPA_CONFIG:-}" ]; then
  set -- "$@" --config-file "$OPA_CONFIG"
fi
policies=${OPA_POLICIES:-policies}
if [ -e "$policies" ]; then
  set -- "$@" "$policies"
elif [ -n "${OPA_POLICIES:-}" ] || [ -z "${OPA_CONFIG:-}" ]; then
  echo "opa: found no policies in $policies; expected a directory or a file of the app with them, or a bound bundle service" >&2
  exit 1
fi
exec "$opa" "$@"
