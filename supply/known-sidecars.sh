# version: 1
# shellcheck shell=dash disable=SC2317 # bin/supply adds the calls
# Tells the sidecars of one sidecar buildpack, and those of the buildpacks before it, from
# the app: it clears _sidecars_app in a process with the command of one of them. The profile
# script sidecars.sh of every sidecar buildpack of the push sources it, whatever its
# version. So it has no other effect, and starts no program.
#
# bin/supply fills in the sidecars: the command of each and its process types, in JSON.

# _sidecars_known COMMAND OTHER TYPE... compares this process's command with another, which
# runs next to processes of these types.
_sidecars_known() {
  if [ "$1" != "$2" ]; then
    return 0
  fi
  shift 2
  if [ -z "${VCAP_APPLICATION-}" ]; then
    _sidecars_app=
  fi
  for _sidecars_type do
    case ${VCAP_APPLICATION-} in
      *"\"process_type\":$_sidecars_type"* | *"\"process_type\": $_sidecars_type"*) _sidecars_app= ;;
    esac
  done
  unset _sidecars_type
}
# @SIDECARS@
unset -f _sidecars_known
