#!/bin/sh
# Runs the collector with the configuration in this directory and the settings of a bound
# service, or with its arguments, if there are any.
here=$(dirname "$(readlink -f "$0")")
if [ $# -gt 0 ]; then
  exec "$here/otelcol" "$@"
fi

# To the collector, an empty variable is a value. To those who set it, it is none.
for name in EXPORTERS EXPORTER_ENDPOINT EXPORTER_GRPC_ENDPOINT EXPORTER_GRPC_INSECURE EXPORTER_HEADERS \
  GRPC_PORT HTTP_PORT HEALTH_PORT MEMORY_LIMIT_MIB LOG_LEVEL DEBUG_VERBOSITY; do
  eval "value=\${OTEL_COLLECTOR_$name-}"
  if [ -z "$value" ]; then
    unset "OTEL_COLLECTOR_$name"
  fi
done
set -- --config "$here/config.yaml"

# quoted is a text in JSON, and so in YAML.
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }
# escaped is for the collector, to which $ begins a reference.
escaped() { sed 's/\$/$$/g'; }
# header_map is NAME=VALUE,NAME=VALUE, as OpenTelemetry writes headers, in YAML.
header_map() (
  separator=''
  IFS=,
  set -f
  for pair in $1; do
    printf '%s%s: %s' "$separator" "$(quoted "${pair%%=*}")" "$(quoted "${pair#*=}")"
    separator=', '
  done
)

# Who says where to send to wants it sent, be it the app or the service that is bound.
if [ -n "${OTEL_COLLECTOR_EXPORTER_ENDPOINT-}" ]; then
  exporter=otlp_http
elif [ -n "${OTEL_COLLECTOR_EXPORTER_GRPC_ENDPOINT-}" ]; then
  exporter=otlp_grpc
elif [ -s "${SIDECAR_FILES:-/nonexistent}/service.yaml" ]; then
  umask 077
  exporter=$(sed -n 's/^  \(otlp_[a-z]*\):$/\1/p' "$SIDECAR_FILES/service.yaml")
  escaped <"$SIDECAR_FILES/service.yaml" >"$SIDECAR_FILES/collector.yaml"
  set -- "$@" --config "$SIDECAR_FILES/collector.yaml"
  headers=$(cat "$SIDECAR_FILES/headers")
  if [ -n "$headers" ]; then
    case $headers in
      '{'*) ;;
      *) headers="{$(header_map "$headers")}" ;;
    esac
    printf 'exporters:\n  %s:\n    headers: %s\n' "$exporter" "$headers" | escaped >"$SIDECAR_FILES/headers.yaml"
    set -- "$@" --config "$SIDECAR_FILES/headers.yaml"
  fi
fi
if [ -n "${exporter-}" ] && [ -z "${OTEL_COLLECTOR_EXPORTERS-}" ]; then
  export OTEL_COLLECTOR_EXPORTERS="[$exporter]"
fi
exec "$here/otelcol" "$@"
