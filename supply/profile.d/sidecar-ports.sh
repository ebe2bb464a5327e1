# shellcheck shell=dash
# Sets the ports of an app behind a proxy. Every process of the app sources this before its
# command, which is the launcher's second argument. bin/supervise prints what to set.
#
# A sidecar buildpack that comes later in the push puts its proxies behind these: its script
# starts from the value that PORT has then. An older version sets _sidecars_in_front in the
# process of its proxy, whose PORT has to stay as it is.
#
# bin/supply fills in the buildpack's index.
if [ -z "${_sidecars_in_front-}" ] && [ -n "${PORT-}" ] && _sidecars_ports=$(\exec "$DEPS_DIR/@INDEX@/bin/supervise" --ports "${2-}"); then
  eval "$_sidecars_ports"
fi
unset _sidecars_ports
