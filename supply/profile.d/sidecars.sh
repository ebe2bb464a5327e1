# shellcheck shell=dash disable=SC2016,SC1090,SC2317 # commands are quoted as they are written; the functions are called by what is evaluated
# Does what the sidecars of this app ask of the app's own process: it sets variables
# (app-env), notes its process id (stop-after-app), and waits (hold-app). Every process of
# the app sources this before its command, which is the launcher's second argument. What
# to do says bin/supervise; for a sidecar it is not even started. If it is only to set variables
# that are known, bin/supply has noted what bin/supervise would say, and no program is started.
#
# bin/supply fills in the buildpack's index, and what is asked for: nothing, "noted", or "yes". If
# nothing is, the script says in the app's process which sidecars a later buildpack has replaced.
_sidecars_index=@INDEX@
_sidecars_asked=@ASKED@

# _sidecars_app is the process id in the app's own process, "shell" in an interactive
# session (cf ssh), and empty in a sidecar. The app is what has the command of no sidecar
# that a buildpack declares, so that those of an app manifest, which are in no droplet,
# count as the app. A supervised sidecar of any sidecar buildpack is known by its command.
_sidecars_app=$$
case ${2-} in
  '"$DEPS_DIR/'*'/bin/supervise" '*) _sidecars_app= ;;
  '' | bash | sh | /bin/bash | /bin/sh) _sidecars_app=shell ;;
esac
# Each sidecar buildpack of the push, of whatever version, has a script that clears
# _sidecars_app in its sidecars. Its first line has its version; the oldest has none.
for _sidecars_file in "$DEPS_DIR/$_sidecars_index/known-sidecars.sh" "$DEPS_DIR"/*/known-sidecars.sh; do
  if [ -f "$_sidecars_file" ] && [ -r "$_sidecars_file" ]; then
    _sidecars_line=
    IFS= read -r _sidecars_line <"$_sidecars_file" || :
    case $_sidecars_line in
      '# version: 1') . "$_sidecars_file" ;;
      '# version: '*) printf '[sidecars] left %s alone: found version %s; expected 1. Its sidecars may be taken for the app\n' "$_sidecars_file" "${_sidecars_line#\# version: }" >&2 ;;
      *) . "$_sidecars_file" ;;
    esac
  fi
done
# A later buildpack of another kind may declare sidecars, too. Only a program that reads
# YAML knows.
if [ "$_sidecars_app" = $$ ]; then
  for _sidecars_file in "$DEPS_DIR"/*/launch.yml; do
    _sidecars_line=${_sidecars_file%/*}
    if [ -r "$_sidecars_file" ] && [ ! -e "$_sidecars_line/known-sidecars.sh" ] && [ "${_sidecars_line##*/}" -gt "$_sidecars_index" ] 2>/dev/null; then
      if "$DEPS_DIR/$_sidecars_index/bin/sidecar-env" is-sidecar "$DEPS_DIR" "$_sidecars_index" "${2-}"; then
        _sidecars_app=
      fi
      break
    fi
  done
fi

# The output of bin/supervise calls these functions.

# _sidecars_default NAME VALUE sets a variable that is not set.
_sidecars_default() {
  if eval "[ -z \"\${$1+set}\" ]"; then
    export "$1=$2"
  fi
}

# _sidecars_append NAME SEPARATOR ITEM adds an item to a list, and _sidecars_prepend puts it in
# front, unless the list has it.
_sidecars_append() {
  if _sidecars_lacks "$@"; then
    export "$1=${_sidecars_line:+$_sidecars_line$2}$3"
  fi
}
_sidecars_prepend() {
  if _sidecars_lacks "$@"; then
    export "$1=$3${_sidecars_line:+$2$_sidecars_line}"
  fi
}

# _sidecars_lacks NAME SEPARATOR ITEM sets _sidecars_line to the list.
_sidecars_lacks() {
  eval "_sidecars_line=\${$1-}"
  case $2$_sidecars_line$2 in
    *"$2$3$2"*) return 1 ;;
  esac
  [ -n "$3" ]
}

# _sidecars_limits_off WORD... and _sidecars_limits_on WORD... take the limits of the
# language runtimes away, and set them anew. The words are those of the launcher.
_sidecars_limits_off() {
  _sidecars_limits=lift
  _sidecars_limits_on "$@"
}
_sidecars_limits_on() {
  . "$DEPS_DIR/$_sidecars_index/profile.d/sidecar-runtime-limits.sh"
}

# _sidecars_identity sets the app's identity for OpenTelemetry where variables that it
# depends on have just been set.
_sidecars_identity() {
  if _sidecars_line=$(\exec "$DEPS_DIR/$_sidecars_index/bin/supervise" --otel-identity); then
    eval "$_sidecars_line"
  fi
}

# _sidecars_type is the process type that VCAP_APPLICATION states. It fails where it takes a reader
# of JSON to be sure of that, or where the type has a name that is not simple.
_sidecars_find_type() {
  case ${VCAP_APPLICATION-} in
    *'"process_type"'*'"process_type"'* | *'\"process_type"'*) return 1 ;;
    '{'*'"process_type":"'*'}') _sidecars_type=${VCAP_APPLICATION#*'"process_type":"'} ;;
    '{'*'"process_type": "'*'}') _sidecars_type=${VCAP_APPLICATION#*'"process_type": "'} ;;
    *) return 1 ;;
  esac
  _sidecars_type=${_sidecars_type%%'"'*}
  case $_sidecars_type in
    '' | *[!A-Za-z0-9_-]*) return 1 ;;
  esac
}

if [ -n "$_sidecars_asked" ] && [ -n "$_sidecars_app" ]; then
  if [ "$_sidecars_asked" = noted ] && _sidecars_find_type; then
    _sidecars_file=$DEPS_DIR/$_sidecars_index/app-env/$_sidecars_type.sh
    if [ -f "$_sidecars_file" ] && [ -r "$_sidecars_file" ]; then
      . "$_sidecars_file"
    fi
  elif _sidecars_line=$(\exec "$DEPS_DIR/$_sidecars_index/bin/supervise" --app "$_sidecars_app"); then
    eval "$_sidecars_line"
  elif [ "$_sidecars_app" != shell ]; then
    exit 1
  fi
fi
unset -f _sidecars_find_type _sidecars_default _sidecars_append _sidecars_prepend _sidecars_lacks _sidecars_identity _sidecars_limits_off _sidecars_limits_on
unset _sidecars_type _sidecars_index _sidecars_asked _sidecars_app _sidecars_file _sidecars_line
