# shellcheck shell=bash disable=SC2034 # read by scripts/dependencies.sh
module=github.com/prometheus/statsd_exporter
package=$module
version=$(pinned)
flags="-X github.com/prometheus/common/version.Version=$version"
