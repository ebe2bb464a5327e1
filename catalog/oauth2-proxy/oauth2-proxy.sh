#!/bin/sh
# Runs oauth2-proxy in front of the app, configured by its own variables
# OAUTH2_PROXY_…; or with arguments of one's own.
proxy=$(dirname "$(readlink -f "$0")")/oauth2-proxy_linux_amd64
if [ $# -gt 0 ]; then
  exec "$proxy" "$@"
fi

# What the bound service says, where the app says nothing.
service() { cat "${SIDECAR_FILES:-/nonexistent}/$1" 2>/dev/null || true; }
export OAUTH2_PROXY_CLIENT_ID="${OAUTH2_PROXY_CLIENT_ID:-$(service client-id)}"
if [ -z "${OAUTH2_PROXY_CLIENT_SECRET_FILE:-}" ]; then
  export OAUTH2_PROXY_CLIENT_SECRET="${OAUTH2_PROXY_CLIENT_SECRET:-$(service client-secret)}"
fi
export OAUTH2_PROXY_OIDC_ISSUER_URL="${OAUTH2_PROXY_OIDC_ISSUER_URL:-$(service issuer-url)}"
export OAUTH2_PROXY_HTTP_ADDRESS="0.0.0.0:$PORT" OAUTH2_PROXY_UPSTREAMS="http://127.0.0.1:$APP_PORT/"
export OAUTH2_PROXY_PROVIDER="${OAUTH2_PROXY_PROVIDER:-oidc}"
export OAUTH2_PROXY_EMAIL_DOMAINS="${OAUTH2_PROXY_EMAIL_DOMAINS:-*}"
export OAUTH2_PROXY_SKIP_PROVIDER_BUTTON="${OAUTH2_PROXY_SKIP_PROVIDER_BUTTON:-true}"
# The platform's router says in X-Forwarded-… what the client has asked for.
export OAUTH2_PROXY_REVERSE_PROXY="${OAUTH2_PROXY_REVERSE_PROXY:-true}"

# All instances of the app need the same secret for their cookies: without one, it is
# made of the client's secret, and so changes with it.
if [ -z "${OAUTH2_PROXY_COOKIE_SECRET:-}${OAUTH2_PROXY_COOKIE_SECRET_FILE:-}" ] && [ -n "${OAUTH2_PROXY_CLIENT_SECRET:-}" ]; then
  OAUTH2_PROXY_COOKIE_SECRET=$(printf 'cookies of %s: %s' "${OAUTH2_PROXY_CLIENT_ID:-}" "$OAUTH2_PROXY_CLIENT_SECRET" | sha256sum | cut -c 1-32)
  export OAUTH2_PROXY_COOKIE_SECRET
fi
exec "$proxy"
