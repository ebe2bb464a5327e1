# shellcheck shell=sh
# Tells the language runtimes of this process how much of the container's memory
# is theirs: MEMORY_LIMIT, and not what the container has. Each is given what it
# would take by itself in a container of that size. What the app, its developer
# or another buildpack has set stays; SIDECARS_RUNTIME_LIMITS=off changes nothing.
#
# Every process of the app sources this before its command, under whatever shell
# options the scripts before it have set. It starts no program where it need not.

# _sidecars_runtime_limits COMMAND
_sidecars_runtime_limits() {
  case ${SIDECARS_RUNTIME_LIMITS-} in
    [oO][fF][fF]) return 0 ;;
  esac
  _sidecars_mb=
  _sidecars_scale=1
  case ${MEMORY_LIMIT-} in
    *[mM]) _sidecars_mb=${MEMORY_LIMIT%?} ;;
    *[gG]) _sidecars_mb=${MEMORY_LIMIT%?} _sidecars_scale=1024 ;;
  esac
  case $_sidecars_mb in
    '' | 0* | ????????* | *[!0123456789]*) return 0 ;; # unreadable
  esac
  _sidecars_mb=$((_sidecars_mb * _sidecars_scale))

  _sidecars_limit_jvm "$1"
  _sidecars_limit_node
  _sidecars_limit_go
  _sidecars_limit_dotnet
}

# The JVM takes a quarter of the memory that it sees, half of it where that is
# little, or what -XX:MaxRAMPercentage says. What it sees is -XX:MaxRAM, which is
# no heap size: one on the command line, such as the Java buildpack computes, is
# used as it stands. From Java 26 on MaxRAM is on its way out.
_sidecars_limit_jvm() {
  case ${JAVA_TOOL_OPTIONS-} in
    *-Xmx* | *-XX:MaxHeapSize=* | *-XX:MaxRAM=*) return 0 ;;
  esac
  _sidecars_find_java
  _sidecars_option=
  case $_sidecars_java in
    [123456789] | 1[0123456789] | 2[012345]) _sidecars_option=-XX:MaxRAM=${_sidecars_mb}m ;;
    *) _sidecars_ram_percentage "$1" ;;
  esac
  if [ -n "$_sidecars_option" ]; then
    export JAVA_TOOL_OPTIONS="$_sidecars_option${JAVA_TOOL_OPTIONS:+ $JAVA_TOOL_OPTIONS}"
  fi
}

# _sidecars_find_java sets _sidecars_java to the feature number of the newest JVM
# that lies where a command of the app would find one, 1 standing for Java 8 and
# before; it is empty where there is none, and 99 for one that knows no MaxRAM.
_sidecars_find_java() {
  _sidecars_java=
  _sidecars_bin=
  _sidecars_rest=${PATH-}:
  while [ -n "$_sidecars_rest" ]; do
    _sidecars_bin=${_sidecars_rest%%:*}
    _sidecars_rest=${_sidecars_rest#*:}
    if [ -L "$_sidecars_bin/java" ]; then
      _sidecars_bin=$(readlink -f -- "$_sidecars_bin/java") || _sidecars_bin=
      _sidecars_bin=${_sidecars_bin%/*}
      break
    elif [ -x "$_sidecars_bin/java" ]; then
      break
    fi
    _sidecars_bin=
  done
  for _sidecars_file in "${JAVA_HOME-}/release" "$_sidecars_bin/../release" "$_sidecars_bin/../../release" \
    "${DEPS_DIR:-/dev/null}"/*/*/release "${HOME:-/dev/null}"/*/release "${HOME:-/dev/null}"/.java-buildpack/*/release; do
    if [ ! -f "$_sidecars_file" ] || [ ! -r "$_sidecars_file" ]; then
      continue
    fi
    while IFS= read -r _sidecars_line || [ -n "$_sidecars_line" ]; do
      case $_sidecars_line in
        JAVA_VERSION=\"[123456789]*)
          _sidecars_line=${_sidecars_line#*\"}
          _sidecars_line=${_sidecars_line%%[!0123456789]*}
          ;;
        JVM_VARIANT=\"[oO]pen[jJ]9\"*) _sidecars_line=99 ;;
        *) continue ;;
      esac
      case $_sidecars_line in
        ????*) continue ;;
      esac
      if [ "$_sidecars_line" -gt "${_sidecars_java:-0}" ]; then
        _sidecars_java=$_sidecars_line
      fi
    done <"$_sidecars_file"
  done
}

# _sidecars_ram_percentage states as a share of what the JVM sees the heap that
# it would take by itself in MEMORY_LIMIT. It never states more than the JVM's
# own share.
_sidecars_ram_percentage() {
  case "$1 ${JAVA_TOOL_OPTIONS-} ${JDK_JAVA_OPTIONS-} ${_JAVA_OPTIONS-} ${JAVA_OPTS-}" in
    *RAMPercentage=* | *RAMFraction=*) return 0 ;;
  esac
  _sidecars_container_kb=
  if [ -r /proc/meminfo ]; then
    while read -r _sidecars_key _sidecars_value _sidecars_rest; do
      case $_sidecars_key in
        MemTotal:) _sidecars_container_kb=$_sidecars_value && break ;;
      esac
    done </proc/meminfo
  fi
  for _sidecars_file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    if [ -r "$_sidecars_file" ] && read -r _sidecars_value <"$_sidecars_file"; then
      case $_sidecars_value in
        '' | 0* | ????????????????????* | *[!0123456789]*) continue ;; # such as max
      esac
      _sidecars_value=$((_sidecars_value / 1024))
      if [ "$_sidecars_value" -lt "${_sidecars_container_kb:-0}" ]; then
        _sidecars_container_kb=$_sidecars_value
      fi
    fi
  done
  if [ "$((_sidecars_mb * 1024))" -ge "${_sidecars_container_kb:-0}" ]; then
    return 0
  fi
  # The JVM's own rule, with its bound between little memory and much.
  _sidecars_heap_kb=$((_sidecars_mb * 512))
  if [ "$_sidecars_mb" -ge 250 ]; then
    _sidecars_heap_kb=$((_sidecars_mb * 256))
    if [ "$_sidecars_heap_kb" -lt 127795 ]; then
      _sidecars_heap_kb=127795
    fi
  fi
  _sidecars_share=$((_sidecars_heap_kb * 1000000 / _sidecars_container_kb)) # in ten thousandths of a percent
  _sidecars_digits=$((10000 + _sidecars_share % 10000))
  _sidecars_share=$((_sidecars_share / 10000)).${_sidecars_digits#1}
  _sidecars_option="-XX:MaxRAMPercentage=$_sidecars_share -XX:MinRAMPercentage=$_sidecars_share"
}

# Node.js takes half of the memory that it sees for old objects, 4 GB at most.
# Beside them it needs some 96 MB: a young generation and the program itself.
_sidecars_limit_node() {
  case ${NODE_OPTIONS-} in
    *max[-_]old[-_]space[-_]size* | *max[-_]heap[-_]size*) return 0 ;;
  esac
  _sidecars_old=$((_sidecars_mb / 2))
  if [ "$_sidecars_old" -gt 4096 ]; then
    _sidecars_old=4096
  fi
  if [ "$_sidecars_old" -gt "$((_sidecars_mb - 96))" ]; then
    _sidecars_old=$((_sidecars_mb - 96))
  fi
  if [ "$_sidecars_old" -lt 16 ]; then
    _sidecars_old=16
  fi
  export NODE_OPTIONS="--max-old-space-size=$_sidecars_old${NODE_OPTIONS:+ $NODE_OPTIONS}"
}

# A Go program takes what it can. Its limit is a soft one and wants some headroom,
# for what is not Go's.
_sidecars_limit_go() {
  if [ -z "${GOMEMLIMIT+set}" ]; then
    export GOMEMLIMIT="$((_sidecars_mb * 9 * 1024 / 10))KiB"
  fi
}

# .NET takes three quarters of the memory that it sees. The variable outdoes the
# app's own configuration, so that this is looked at, too.
_sidecars_limit_dotnet() {
  if [ -n "${DOTNET_GCHeapHardLimit+set}${DOTNET_GCHeapHardLimitPercent+set}${COMPlus_GCHeapHardLimit+set}${COMPlus_GCHeapHardLimitPercent+set}" ] ||
    [ -n "${DOTNET_GCHeapHardLimitSOH+set}${DOTNET_GCHeapHardLimitSOHPercent+set}${COMPlus_GCHeapHardLimitSOH+set}${COMPlus_GCHeapHardLimitSOHPercent+set}" ]; then
    return 0
  fi
  for _sidecars_file in "${HOME:-/dev/null}"/*.runtimeconfig.json; do
    if [ ! -f "$_sidecars_file" ] || [ ! -r "$_sidecars_file" ]; then
      continue
    fi
    while IFS= read -r _sidecars_line || [ -n "$_sidecars_line" ]; do
      case $_sidecars_line in
        *System.GC.HeapHardLimit*) return 0 ;;
      esac
    done <"$_sidecars_file"
  done
  _sidecars_bytes=$(printf %x "$((_sidecars_mb * 786432))")
  export DOTNET_GCHeapHardLimit="0x$_sidecars_bytes"
}

_sidecars_runtime_limits "$*"

unset -f _sidecars_runtime_limits _sidecars_limit_jvm _sidecars_find_java _sidecars_ram_percentage \
  _sidecars_limit_node _sidecars_limit_go _sidecars_limit_dotnet
unset _sidecars_mb _sidecars_scale _sidecars_java _sidecars_bin _sidecars_file _sidecars_line _sidecars_option \
  _sidecars_container_kb _sidecars_key _sidecars_value _sidecars_rest _sidecars_heap_kb _sidecars_share _sidecars_digits \
  _sidecars_old _sidecars_bytes
