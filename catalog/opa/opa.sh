#!/bin/sh
# Runs OPA as a server for the app, with the policies of a bundle service or the
# app's own; or with arguments of one's own.
opa=$(dirname "$(readlink -f "$0")")/opa_linux_amd64
if [ $# -gt 0 ]; then
  exec "$opa" "$@"
fi

# On the loopback interface: the app alone asks.
set -- run --server --addr "127.0.0.1:${OPA_PORT:-8181}" --log-level "${OPA_LOG_LEVEL:-error}" --skip-version-check
if [ -z "${OPA_CONFIG:-}" ] && [ -s "${SIDECAR_FILES:-/nonexistent}/opa.yaml" ]; then
  OPA_CONFIG=$SIDECAR_FILES/opa.yaml # of the bound service
fi
if [ -n "${OPA_CONFIG:-}" ]; then
  set -- "$@" --config-file "$OPA_CONFIG"
fi
# Policies of the app would be in the way of a bundle's: they are there without one.
policies=${OPA_POLICIES:-policies}
if [ -z "${OPA_CONFIG:-}" ] || [ -n "${OPA_POLICIES:-}" ]; then
  set -- "$@" "$policies"
  [ -e "$policies" ] || policies=''
fi
if [ -z "$policies" ]; then
  echo "opa: found no policies in ${OPA_POLICIES:-policies}; expected a directory or a file of the app with them, or a bound bundle service" >&2
  exit 1
fi
exec "$opa" "$@"
