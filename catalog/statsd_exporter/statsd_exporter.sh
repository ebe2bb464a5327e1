#!/bin/sh
# Takes StatsD metrics from the app and serves them to Prometheus; or runs with
# arguments of one's own.
exporter=$(dirname "$(readlink -f "$0")")/statsd_exporter_linux_amd64
if [ $# -gt 0 ]; then
  exec "$exporter" "$@"
fi

# On the loopback interface: the app alone sends, and whoever reads is a sidecar too.
statsd=127.0.0.1:${STATSD_EXPORTER_PORT:-8125}
set -- --statsd.listen-udp="$statsd" --statsd.listen-tcp="$statsd" --web.listen-address="127.0.0.1:${STATSD_EXPORTER_METRICS_PORT:-9102}" \
  --log.level="${STATSD_EXPORTER_LOG_LEVEL:-warn}"
mapping=${STATSD_EXPORTER_MAPPING:-statsd-mapping.yml}
if [ -e "$mapping" ] || [ -n "${STATSD_EXPORTER_MAPPING:-}" ]; then
  set -- "$@" --statsd.mapping-config="$mapping"
fi
exec "$exporter" "$@"
