# shellcheck shell=bash disable=SC2034 # read by scripts/dependencies.sh
module=github.com/oauth2-proxy/oauth2-proxy/v7
package=$module
version=$(pinned)
flags="-X $module/pkg/version.VERSION=v$version"
