# shellcheck shell=bash disable=SC2034 # read by scripts/dependencies.sh
module=github.com/open-policy-agent/opa
package=$module
version=$(pinned)
