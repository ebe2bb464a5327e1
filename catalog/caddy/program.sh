# shellcheck shell=bash disable=SC2034 # read by scripts/dependencies.sh
module=github.com/caddyserver/caddy/v2
package=. # main.go: which of its modules there are
version=$(pinned)
files=(Caddyfile no-rules.caddy)
