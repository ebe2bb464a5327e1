#!/bin/sh
# Runs the collector with the configuration beside it, or with arguments of one's
# own.
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
# Who says where to send to wants it sent.
if [ -z "${OTEL_COLLECTOR_EXPORTERS-}" ]; then
  if [ -n "${OTEL_COLLECTOR_EXPORTER_ENDPOINT-}" ]; then
    export OTEL_COLLECTOR_EXPORTERS='[otlp_http]'
  elif [ -n "${OTEL_COLLECTOR_EXPORTER_GRPC_ENDPOINT-}" ]; then
    export OTEL_COLLECTOR_EXPORTERS='[otlp_grpc]'
  fi
fi
exec "$here/otelcol" --config "$here/config.yaml"
