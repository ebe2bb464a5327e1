#!/usr/bin/env bash
# Measures the resident memory of the catalog's programs: idle, and the most of it
# while ten clients at once make 3000 requests in all. Each runs as its sidecar does,
# with the Go limit of what buildpack.toml reserves for it. Prints the rows of the
# table in docs/catalog.md. It needs curl, git and python3, and what
# scripts/dependencies.sh has built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await() { # URL
  for _ in $(seq 600); do
    curl -sf -o /dev/null "$1" && return
    sleep 0.1
  done
  echo "found no answer at $1 after a minute" >&2
  return 1
}
resident() { awk -v key="$2:" '$1 == key { printf "%d", $2 / 1024 }' "/proc/$1/status"; } # PID FIELD, in MB

mkdir "$work/app" "$work/app/policies"
printf 'package app\n\ndefault allow := false\n\nallow if input.user == data.admins[_]\n' >"$work/app/policies/app.rego"
echo '{"admins": ["ada"]}' >"$work/app/policies/data.json"

export PORT APP_PORT
APP_PORT=$(free_port)
python3 -m http.server -d "$work/app/policies" --bind 127.0.0.1 "$APP_PORT" >/dev/null 2>&1 &
started+=($!)
await "http://127.0.0.1:$APP_PORT/data.json"

# measure NAME READY URL CURL-OPTION... has the clients of NAME ask URL when READY answers.
measure() {
  local name=$1 ready=$2 url=$3 program=$work/$1 reserved pid idle
  shift 3
  mkdir -p "$program"
  if [[ $name == config-server ]]; then
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$program/" ./cmd/config-server
  else
    tar -xzf .build/dependencies/"$name"-[0-9]*.tar.gz -C "$program"
  fi
  reserved=$(awk -v name="\"$name\"" '$1 == "name" { mine = $3 == name } mine && $1 == "memory" { gsub(/[^0-9]/, "", $3); print $3 }' buildpack.toml)
  (cd "$work/app" && GOMEMLIMIT=$((reserved * 9 / 10))MiB exec "$program/$name" >"$program.log" 2>&1) &
  pid=$!
  started+=("$pid")
  await "$ready" || { cat "$program.log" >&2; return 1; }
  sleep 5
  idle=$(resident "$pid" VmRSS)
  seq 3000 | sed "s#.*#url = \"$url\"\noutput = /dev/null#" >"$work/requests"
  curl -s --parallel --parallel-max 10 "$@" -K "$work/requests" >/dev/null 2>&1
  echo "| \`$name\` | $idle MB | $(resident "$pid" VmHWM) MB | $reserved MB |"
  kill "$pid"
}

# Its source is a git repository with a hundred keys, of which it asks each second.
mkdir "$work/repository"
for key in {1..100}; do echo "key$key: value"; done >"$work/repository/application.yml"
git -C "$work/repository" init -q
git -C "$work/repository" add .
git -C "$work/repository" -c user.name=x -c user.email=x@example.com commit -qm keys
CONFIG_SERVER_PORT=$(free_port)
export CONFIG_SERVER_PORT CONFIG_SERVER_GIT_URI=file://$work/repository CONFIG_SERVER_INTERVAL=1 CONFIG_SERVER_KEEP=off
measure config-server "http://127.0.0.1:$CONFIG_SERVER_PORT/health" "http://127.0.0.1:$CONFIG_SERVER_PORT/config"

OPA_PORT=$(free_port)
export OPA_PORT
measure opa "http://127.0.0.1:$OPA_PORT/health" "http://127.0.0.1:$OPA_PORT/v1/data/app/allow" -d '{"input": {"user": "ada"}}'

PORT=$(free_port)
export CADDY_RATE_EVENTS=1000000
measure caddy "http://127.0.0.1:$PORT/.caddy/ready" "http://127.0.0.1:$PORT/data.json"

PORT=$(free_port)
export OAUTH2_PROXY_CLIENT_ID=measured OAUTH2_PROXY_CLIENT_SECRET=measured OAUTH2_PROXY_SKIP_OIDC_DISCOVERY=true \
  OAUTH2_PROXY_LOGIN_URL=http://127.0.0.1:1/ OAUTH2_PROXY_REDEEM_URL=http://127.0.0.1:1/ OAUTH2_PROXY_OIDC_JWKS_URL=http://127.0.0.1:1/ \
  OAUTH2_PROXY_OIDC_ISSUER_URL=http://127.0.0.1:1/ OAUTH2_PROXY_SKIP_AUTH_ROUTES=.
measure oauth2-proxy "http://127.0.0.1:$PORT/ready" "http://127.0.0.1:$PORT/data.json"

STATSD_EXPORTER_PORT=$(free_port) STATSD_EXPORTER_METRICS_PORT=$(free_port)
export STATSD_EXPORTER_PORT STATSD_EXPORTER_METRICS_PORT
measure statsd_exporter "http://127.0.0.1:$STATSD_EXPORTER_METRICS_PORT/-/ready" "http://127.0.0.1:$STATSD_EXPORTER_METRICS_PORT/metrics"

OTEL_COLLECTOR_HTTP_PORT=$(free_port) OTEL_COLLECTOR_GRPC_PORT=$(free_port) OTEL_COLLECTOR_HEALTH_PORT=$(free_port)
export OTEL_COLLECTOR_HTTP_PORT OTEL_COLLECTOR_GRPC_PORT OTEL_COLLECTOR_HEALTH_PORT
measure otel-collector "http://127.0.0.1:$OTEL_COLLECTOR_HEALTH_PORT/" "http://127.0.0.1:$OTEL_COLLECTOR_HTTP_PORT/v1/traces" -H 'Content-Type: application/json' \
  -d '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "request", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]}'
