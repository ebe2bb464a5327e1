# shellcheck shell=dash disable=SC3028,SC3044,SC2016,SC2088 # shopt is asked for in bash alone; commands are quoted as they are written
# Tells the language runtimes of this process how much of the container's memory
# is theirs: MEMORY_LIMIT, and not what the container has. Each is given what it
# would take by itself in a container of that size. Existing settings of the app,
# its developer or another buildpack win; SIDECARS_RUNTIME_LIMITS=off changes nothing.
#
# Every process of the app sources this before its command, under whatever shell
# options the scripts before it have set. It starts no program where it need not.
# With _sidecars_limits=lift it takes back what it has set: for those who set such
# a variable after it, and source it once more then.

# _sidecars_runtime_limits WORD... takes the process's command, whose first word may be the
# app's directory.
_sidecars_runtime_limits() {
  case ${SIDECARS_RUNTIME_LIMITS-} in
    # An off without quotes in an app manifest arrives as false.
    [oO][fF][fF] | [fF][aA][lL][sS][eE] | [nN][oO] | 0) return 0 ;;
  esac
  local IFS=' ' 2>/dev/null || :
  set -- "$*"
  local IFS= 2>/dev/null || : # lines are read whole
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
  _sidecars_find_container
  _sidecars_container_mb=$((${_sidecars_container_kb:-0} / 1024)) # 0 is unknown
  # Told of more than there is, a JVM may not even start.
  if [ "$_sidecars_container_mb" -ge 1 ] && [ "$_sidecars_mb" -gt "$_sidecars_container_mb" ]; then
    _sidecars_mb=$_sidecars_container_mb
  fi

  # Patterns of paths have to be expanded, and one without a match is not an error.
  _sidecars_noglob=$- _sidecars_failglob=:${BASHOPTS-}:
  set +f
  case $_sidecars_failglob in
    *:failglob:*) shopt -u failglob ;;
  esac
  _sidecars_home=${HOME:-/dev/null} _sidecars_deps=${DEPS_DIR:-/dev/null}
  _sidecars_size_jvm
  _sidecars_size_node
  _sidecars_size_go
  _sidecars_size_dotnet
  if [ "${_sidecars_limits-}" = lift ]; then
    _sidecars_lift_all
  else
    _sidecars_find_said "$1"
    _sidecars_limit_jvm "$1"
    _sidecars_limit_node "$1"
    _sidecars_limit_go
    _sidecars_limit_dotnet
  fi
  case $_sidecars_failglob in
    *:failglob:*) shopt -s failglob ;;
  esac
  case $_sidecars_noglob in
    *f*) set -f ;;
  esac
}

# _sidecars_lift_all takes back the limits that were set for this MEMORY_LIMIT.
_sidecars_lift_all() {
  _sidecars_options=
  _sidecars_option=
  _sidecars_ram_percentage
  for _sidecars_value in "-XX:MaxRAM=${_sidecars_jvm_mb}m" "$_sidecars_option"; do
    _sidecars_lift JAVA_TOOL_OPTIONS "$_sidecars_value"
    _sidecars_lift JAVA_OPTS "$_sidecars_value"
  done
  for _sidecars_value in "$_sidecars_node $_sidecars_semi" "$_sidecars_node_22 $_sidecars_semi" "$_sidecars_node" "$_sidecars_node_22"; do
    _sidecars_lift NODE_OPTIONS "${_sidecars_value% }"
  done
  _sidecars_lift GOMEMLIMIT "$_sidecars_go"
  _sidecars_lift DOTNET_GCHeapHardLimit "$_sidecars_dotnet"
}

# _sidecars_lift NAME OPTIONS takes OPTIONS out of a variable, and the variable away
# if nothing is left.
_sidecars_lift() {
  if [ -z "$2" ]; then
    return 0
  fi
  eval "_sidecars_rest=\${$1-}"
  case " $_sidecars_rest " in
    *" $2 "*) ;;
    *) return 0 ;;
  esac
  _sidecars_rest=" $_sidecars_rest "
  _sidecars_file=${_sidecars_rest%%" $2 "*}
  _sidecars_rest="$_sidecars_file ${_sidecars_rest#*" $2 "}"
  _sidecars_rest=${_sidecars_rest# } _sidecars_rest=${_sidecars_rest% }
  if [ -n "$_sidecars_rest" ]; then
    _sidecars_export "$1=$_sidecars_rest"
  else
    \command unset "$1" 2>/dev/null || return 0
  fi
}

# _sidecars_find_said COMMAND sets _sidecars_said to what the app itself says of its
# runtimes' memory: its command, and the lines that may bear on it of its scripts,
# which come later, and of its configurations, which a variable would outdo. And it
# looks into the scripts that the command starts.
_sidecars_find_said() {
  _sidecars_said=$1
  _sidecars_starts_node=
  _sidecars_asks_version=
  _sidecars_reads_opts=
  _sidecars_lines_left=2000
  for _sidecars_file in "$_sidecars_home"/.profile.d/* "$_sidecars_home/.profile" "$_sidecars_home/package.json" \
    "$_sidecars_deps"/*/dotnet_publish/*.runtimeconfig.json; do
    _sidecars_read_said "$_sidecars_file"
  done
  # .NET reads the one in its program's directory.
  local IFS=" ;&\"'
" 2>/dev/null || return 0
  set -f
  for _sidecars_file in $1; do
    _sidecars_read_said "${_sidecars_file%.dll}.runtimeconfig.json"
    _sidecars_read_start "$_sidecars_file"
  done
  set +f
}

# _sidecars_read_start WORD looks into a script that a word of the command names, and
# into those that this one names of its own directory: whether they ask a java for its
# version, whether they pass JAVA_OPTS on, and whether they start a node.
_sidecars_read_start() {
  _sidecars_expand_path "$1"
  _sidecars_directory=${_sidecars_path%/*}
  case $_sidecars_path in
    */*) ;;
    *) _sidecars_directory=. ;;
  esac
  _sidecars_named=
  _sidecars_read_script "$_sidecars_path"
  for _sidecars_path in $_sidecars_named; do
    _sidecars_read_script "$_sidecars_directory/${_sidecars_path##*[!-A-Za-z0-9_.]}"
  done
}

# _sidecars_expand_path WORD sets _sidecars_path to the path that it is.
_sidecars_expand_path() {
  _sidecars_path=$1
  case $1 in
    '$HOME/'* | '${HOME}/'* | '~/'*) _sidecars_path=$_sidecars_home/${1#*/} ;;
    '$DEPS_DIR/'* | '${DEPS_DIR}/'*) _sidecars_path=$_sidecars_deps/${1#*/} ;;
  esac
}

# _sidecars_read_script FILE adds to _sidecars_named the words that may be scripts.
_sidecars_read_script() {
  if [ ! -f "$1" ] || [ ! -r "$1" ]; then
    return 0
  fi
  _sidecars_lines=400
  while [ "$_sidecars_lines" -gt 0 ] && [ "$_sidecars_lines_left" -gt 0 ] && { read -r _sidecars_line || [ -n "$_sidecars_line" ]; }; do
    case $_sidecars_lines$_sidecars_line in
      400'#!'*) ;;
      400*)
        case $1 in
          *.sh) ;;
          *) return 0 ;; # no script
        esac
        ;;
    esac
    _sidecars_lines=$((_sidecars_lines - 1)) _sidecars_lines_left=$((_sidecars_lines_left - 1))
    case $_sidecars_line in
      *[jJ][aA][vV][aA]*' '-version* | *[jJ][aA][vV][aA]*' '--version* | *[jJ][aA][vV][aA]*' '-fullversion*) _sidecars_asks_version=yes ;;
    esac
    case $_sidecars_line in
      *'$JAVA_OPTS'* | *'${JAVA_OPTS'*) _sidecars_reads_opts=yes ;;
    esac
    case " $_sidecars_line " in
      *[' /"']node[' "']* | *[' /"']npm' '* | *[' /"']npx' '* | *[' /"']yarn' '* | *[' /"']pnpm' '*) _sidecars_starts_node=yes ;;
    esac
    case $_sidecars_line in
      *.sh*) _sidecars_named="$_sidecars_named $_sidecars_line" ;;
    esac
  done <"$1"
}

# _sidecars_read_said FILE reads no more lines than a process can well wait for, and
# takes those with a size, and those that set a variable to something only where it is
# not set: ${NODE_OPTIONS:-} in front of an addition, as under set -u, is none of them.
# In package.json only a size that NODE_OPTIONS outdoes counts.
_sidecars_read_said() {
  if [ ! -f "$1" ] || [ ! -r "$1" ]; then
    return 0
  fi
  _sidecars_lines=400
  while [ "$_sidecars_lines" -gt 0 ] && { read -r _sidecars_line || [ -n "$_sidecars_line" ]; }; do
    _sidecars_lines=$((_sidecars_lines - 1))
    case $_sidecars_line in
      *max[-_]heap[-_]size*) ;;
      *max[-_]old[-_]space[-_]size* | *-Xmx* | *-XX:MaxHeapSize* | *-XX:M[ai][xn]RAM* | *SoftMaxHeapSize* | \
        *'{NODE_OPTIONS'[-=][!'}']* | *'{NODE_OPTIONS:'[-=][!'}']* | \
        *'{JAVA_TOOL_OPTIONS'[-=][!'}']* | *'{JAVA_TOOL_OPTIONS:'[-=][!'}']* | *GOMEMLIMIT* | *HeapHardLimit*)
        case $1 in
          */package.json) continue ;;
        esac
        ;;
      *) continue ;;
    esac
    _sidecars_said="$_sidecars_said $_sidecars_line"
  done <"$1"
}

# _sidecars_find_container sets _sidecars_container_kb to the memory that a runtime
# sees: the machine's, or the lowest limit of a control group that the process is
# in, of either version. It is empty where nothing tells.
_sidecars_find_container() {
  _sidecars_container_kb=
  if [ -r /proc/meminfo ]; then
    while read -r _sidecars_line; do
      case $_sidecars_line in
        'MemTotal: '*[0123456789]' kB')
          _sidecars_line=${_sidecars_line%' kB'}
          _sidecars_container_kb=${_sidecars_line##* }
          break
          ;;
      esac
    done </proc/meminfo
  fi
  _sidecars_lower /sys/fs/cgroup/memory.max
  _sidecars_lower /sys/fs/cgroup/memory/memory.limit_in_bytes
  if [ ! -r /proc/self/cgroup ]; then
    return 0
  fi
  while read -r _sidecars_line; do
    case $_sidecars_line in
      0::/*) _sidecars_file=memory.max _sidecars_group=/sys/fs/cgroup ;;
      *:memory:/*) _sidecars_file=memory.limit_in_bytes _sidecars_group=/sys/fs/cgroup/memory ;;
      *) continue ;;
    esac
    _sidecars_rest=${_sidecars_line#*:*:}
    while [ -n "$_sidecars_rest" ]; do
      _sidecars_lower "$_sidecars_group$_sidecars_rest/$_sidecars_file"
      _sidecars_rest=${_sidecars_rest%/*}
    done
  done </proc/self/cgroup
}

# _sidecars_lower FILE takes the limit in FILE for the container's, if it is one
# and is lower.
_sidecars_lower() {
  if [ ! -r "$1" ]; then
    return 0
  fi
  _sidecars_value=
  read -r _sidecars_value <"$1" || :
  case $_sidecars_value in
    '' | 0* | ???????????????????* | *[!0123456789]*) return 0 ;; # such as max
  esac
  if [ "$((_sidecars_value / 1024))" -lt "${_sidecars_container_kb:-0}" ]; then
    _sidecars_container_kb=$((_sidecars_value / 1024))
  fi
}

# _sidecars_export NAME=VALUE leaves a variable that is readonly as it is. The
# backslash is for an app that has made an alias of command.
_sidecars_export() {
  \command export "$1" 2>/dev/null || return 0
}

# The JVM takes a quarter of the memory that it sees, half of it where that is
# little, or what -XX:MaxRAMPercentage says. -XX:MaxRAM is the memory that it sees,
# and no heap size: one on the command line, such as the Java buildpack computes, is
# used unchanged. From Java 26 on, MaxRAM is deprecated. With less than 16 MB no
# JVM works, and none starts whose heap is below its soft maximum.
#
# A JVM says on standard error that it has picked up JAVA_TOOL_OPTIONS or
# JDK_JAVA_OPTIONS, even when it is asked for its version, and none reads silently
# from anywhere else. So neither is set where a script of the app asks for the
# version, which may well read the first line of the answer: what the script passes
# on in JAVA_OPTS is silent. And none is needed where the Java buildpack's calculator
# states all sizes on the command line.
_sidecars_limit_jvm() {
  case $1 in
    *java-buildpack-memory-calculator*) return 0 ;;
  esac
  case ${JAVA_TOOL_OPTIONS-} in
    *-Xmx* | *-XX:MaxHeapSize=* | *-XX:MaxRAM=*) return 0 ;;
  esac
  _sidecars_options="$_sidecars_said ${JAVA_TOOL_OPTIONS-} ${JDK_JAVA_OPTIONS-} ${_JAVA_OPTIONS-} ${JAVA_OPTS-}"
  case $_sidecars_options in
    *JAVA_TOOL_OPTIONS[:+=]* | *-XX:SoftMaxHeapSize=*) return 0 ;;
  esac
  _sidecars_find_java
  _sidecars_option=
  case $_sidecars_java in
    [123456789] | 1[0123456789] | 2[012345]) _sidecars_option=-XX:MaxRAM=${_sidecars_jvm_mb}m ;;
    *) _sidecars_ram_percentage ;;
  esac
  if [ -z "$_sidecars_option" ]; then
    return 0
  fi
  case $_sidecars_asks_version:$_sidecars_reads_opts in
    yes:yes)
      case ${JAVA_OPTS-} in
        *-Xmx* | *-XX:MaxHeapSize=* | *-XX:MaxRAM=*) ;;
        *) _sidecars_export "JAVA_OPTS=$_sidecars_option${JAVA_OPTS:+ $JAVA_OPTS}" ;;
      esac
      ;;
    yes:) ;;
    *) _sidecars_export "JAVA_TOOL_OPTIONS=$_sidecars_option${JAVA_TOOL_OPTIONS:+ $JAVA_TOOL_OPTIONS}" ;;
  esac
}

_sidecars_size_jvm() {
  _sidecars_jvm_mb=$((_sidecars_mb < 16 ? 16 : _sidecars_mb))
}

# _sidecars_find_java sets _sidecars_java to the feature number of the newest JVM
# that a command of the app would find, with 1 for Java 8 and earlier; it is empty
# without a JVM, and 99 for a JVM that does not know MaxRAM.
_sidecars_find_java() {
  _sidecars_java=
  _sidecars_search_path java
  # The last buildpack's scripts come later, so that JAVA_HOME may not be set yet.
  # Those of HOME are named, since an app may have thousands of other things there.
  for _sidecars_file in "${JAVA_HOME:-/dev/null}/release" \
    "${_sidecars_program%/*}/../release" "${_sidecars_program%/*}/../../release" \
    "$_sidecars_deps"/*/*/release "$_sidecars_deps"/*/jre/*/release "$_sidecars_home"/.java-buildpack/*/release \
    "$_sidecars_home/jre/release" "$_sidecars_home/jdk/release" "$_sidecars_home/java/release" \
    "$_sidecars_home/.jdk/release" "$_sidecars_home/.java/release"; do
    _sidecars_read_release "$_sidecars_file"
  done
  if [ -L "$_sidecars_program" ]; then
    # By exec, which takes no function of the app's for it, and starts one process less.
    _sidecars_program=$(\exec readlink -f -- "$_sidecars_program" 2>/dev/null) || _sidecars_program=/dev/null/java
    _sidecars_read_release "${_sidecars_program%/*}/../release"
    _sidecars_read_release "${_sidecars_program%/*}/../../release"
  fi
}

# _sidecars_search_path NAME sets _sidecars_program to the program on PATH.
_sidecars_search_path() {
  _sidecars_program=/dev/null/$1
  local IFS=: 2>/dev/null || return 0
  set -f
  for _sidecars_file in ${PATH-}; do
    _sidecars_file=${_sidecars_file:-.}/$1
    if [ -f "$_sidecars_file" ] && [ -x "$_sidecars_file" ]; then
      _sidecars_program=$_sidecars_file
      break
    fi
  done
  set +f
}

# _sidecars_read_release FILE raises _sidecars_java to the JVM that FILE describes. If
# this is the one on PATH, there is no need to follow the link from there.
_sidecars_read_release() {
  # Other things are called release, too, some of them large programs.
  if [ ! -f "$1" ] || [ ! -r "$1" ] || [ ! -x "${1%release}bin/java" ]; then
    return 0
  fi
  if [ "${1%release}bin/java" -ef "$_sidecars_program" ]; then
    _sidecars_program=/dev/null/java
  fi
  while read -r _sidecars_line || [ -n "$_sidecars_line" ]; do
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
  done <"$1"
}

# _sidecars_ram_percentage states as a share of what the JVM sees the heap that it
# would take by itself in MEMORY_LIMIT. It never states more than the JVM's own
# share.
_sidecars_ram_percentage() {
  case $_sidecars_options in
    *-XX:M[ai][xn]RAM[=PF]*) return 0 ;;
  esac
  if [ "$_sidecars_jvm_mb" -ge "$_sidecars_container_mb" ]; then
    return 0
  fi
  # The JVM's own rule, with its bound between little memory and much.
  _sidecars_heap_kb=$((_sidecars_jvm_mb * 512))
  if [ "$_sidecars_jvm_mb" -ge 250 ]; then
    _sidecars_heap_kb=$((_sidecars_jvm_mb < 500 ? 127795 : _sidecars_jvm_mb * 256))
  fi
  _sidecars_share=$((_sidecars_heap_kb * 1000000 / _sidecars_container_kb)) # in ten thousandths of a percent
  _sidecars_digits=$((10000 + _sidecars_share % 10000))
  _sidecars_share=$((_sidecars_share / 10000)).${_sidecars_digits#1}
  _sidecars_option=-XX:MaxRAMPercentage=$_sidecars_share
  # A heap below the bound takes this one, too. Above it, this one would outdo a
  # MaxRAMPercentage that is on a command line which is not seen here.
  if [ "$_sidecars_jvm_mb" -lt 250 ]; then
    _sidecars_option="$_sidecars_option -XX:MinRAMPercentage=$_sidecars_share"
  fi
}

# Node.js takes half of the memory that it sees for old objects, 2 GB at most, and
# from 15.5 GB on 4 GB. In addition it needs some 50 MB, mainly for its own program, and
# from version 22 on some 60. The option outdoes a heap size that the app states in
# another way. Where nothing is reserved, Node.js sees MEMORY_LIMIT itself.
#
# New objects have three semi-spaces, of up to 64 MB each in a large container.
# NODE_OPTIONS may limit them from Node.js 18.13 and 19.2 on; an older one does not
# start with this option.
_sidecars_limit_node() {
  case "$_sidecars_said ${NODE_OPTIONS-}" in
    *NODE_OPTIONS[:+=]*) return 0 ;;
  esac
  _sidecars_find_node_size "$1"
  case "$_sidecars_node_said ${NODE_OPTIONS-}" in
    *max[-_]old[-_]space[-_]size* | *max[-_]heap[-_]size*) return 0 ;;
  esac
  if [ -z "$_sidecars_node" ]; then
    return 0
  fi
  _sidecars_option=$_sidecars_node
  if [ "$_sidecars_node_22$_sidecars_semi" != "$_sidecars_node" ]; then
    _sidecars_find_node "$1"
    case $_sidecars_node_old:$_sidecars_node_new in
      :yes) _sidecars_option=$_sidecars_node_22 ;;
    esac
    case $_sidecars_node_old:${NODE_OPTIONS-} in
      yes:* | *max[-_]semi[-_]space[-_]size*) ;;
      *) _sidecars_option="$_sidecars_option $_sidecars_semi" ;;
    esac
  fi
  _sidecars_option=${_sidecars_option% }
  _sidecars_export "NODE_OPTIONS=$_sidecars_option${NODE_OPTIONS:+ $NODE_OPTIONS}"
}

# _sidecars_size_node sets the option for the old space, _sidecars_node_22 to that for
# version 22 and newer, and _sidecars_semi to the one for semi-spaces. From 512 MB on
# even the largest have room.
_sidecars_size_node() {
  _sidecars_node='' _sidecars_node_22='' _sidecars_semi=''
  if [ "$_sidecars_mb" -eq "$_sidecars_container_mb" ]; then
    return 0
  fi
  _sidecars_size_old 56
  _sidecars_node=--max-old-space-size=$_sidecars_old
  _sidecars_size_old 64
  _sidecars_node_22=--max-old-space-size=$_sidecars_old
  if [ "$_sidecars_mb" -lt 192 ]; then
    _sidecars_semi=--max-semi-space-size=1
  elif [ "$_sidecars_mb" -le 512 ] && { [ "$_sidecars_container_mb" -gt 512 ] || [ "$_sidecars_container_mb" -eq 0 ]; }; then
    _sidecars_semi=--max-semi-space-size=4
  fi
}

# _sidecars_size_old REST sets _sidecars_old to the MB of the old space that leave REST.
_sidecars_size_old() {
  _sidecars_most=$((_sidecars_mb < 15872 ? 2048 : 4096))
  _sidecars_old=$((_sidecars_mb < 2 * $1 ? _sidecars_mb - $1 : _sidecars_mb / 2))
  _sidecars_old=$((_sidecars_old < 16 ? 16 : _sidecars_old > _sidecars_most ? _sidecars_most : _sidecars_old))
}

# _sidecars_find_node COMMAND asks each node that the command may run for its version.
# It sets _sidecars_node_old where one does not take a size of semi-spaces, or where
# nothing tells, and _sidecars_node_new where one is of version 22 or newer. A command
# that shows no node may run something else, which has an old one built in.
_sidecars_find_node() {
  _sidecars_node_old=yes _sidecars_node_new='' _sidecars_named=''
  _sidecars_name_nodes "$1"
  if [ -z "$_sidecars_starts_node" ]; then
    return 0
  fi
  _sidecars_search_path node
  _sidecars_path=$_sidecars_program _sidecars_program='' _sidecars_node_old=''
  _sidecars_ask_node "$_sidecars_path"
  for _sidecars_file in "$_sidecars_deps"/*/bin/node "$_sidecars_deps"/*/node/bin/node \
    "$_sidecars_home/node_modules/node/bin/node" "$_sidecars_home"/.nvm/versions/node/*/bin/node; do
    _sidecars_ask_node "$_sidecars_file"
  done
  local IFS="
" 2>/dev/null || return 0
  set -f
  for _sidecars_file in $_sidecars_named; do
    _sidecars_ask_node "$_sidecars_file"
  done
  set +f
  if [ -z "$_sidecars_program" ]; then
    _sidecars_node_old=yes # none has been found
  fi
}

# _sidecars_name_nodes COMMAND sets _sidecars_starts_node where the command shows a
# program that is node, or runs one, and _sidecars_named to the paths of nodes in it.
_sidecars_name_nodes() {
  local IFS=" ;&|()\"'
" 2>/dev/null || return 0
  set -f
  for _sidecars_file in $1; do
    case ${_sidecars_file##*/} in
      node | nodejs)
        _sidecars_starts_node=yes
        _sidecars_expand_path "$_sidecars_file"
        _sidecars_named="$_sidecars_named
$_sidecars_path"
        ;;
      nodemon | ts-node | tsx | npm | npx | yarn | yarnpkg | pnpm | pnpx) _sidecars_starts_node=yes ;;
    esac
  done
  set +f
}

# _sidecars_ask_node FILE asks a program for its version, which it tells without starting
# its engine. A program that answers in another way is taken for an old one. The program on PATH,
# which comes first, is asked but once.
_sidecars_ask_node() {
  case $1 in
    */*) ;;
    *) return 0 ;; # a name, which PATH has
  esac
  if [ ! -f "$1" ] || [ ! -x "$1" ]; then
    return 0
  fi
  if [ -n "$_sidecars_program" ] && [ "$1" -ef "$_sidecars_path" ]; then
    return 0
  fi
  _sidecars_program=$1
  _sidecars_value=$(
    \command unset NODE_OPTIONS 2>/dev/null || :
    \exec "$1" --version </dev/null 2>/dev/null
  ) || _sidecars_value=
  case $_sidecars_value in
    v[123456789].* | v1[01234567].* | v18.[0123456789].* | v18.1[012].* | v19.[01].*) _sidecars_node_old=yes ;;
    v18.* | v19.* | v2[01].*) ;;
    v[23456789][0123456789].*) _sidecars_node_new=yes ;;
    *) _sidecars_node_old=yes ;;
  esac
}

# _sidecars_find_node_size COMMAND sets _sidecars_node_said to the sizes that reach a
# node: not those that npm and its kin take for an option of their own, or of the
# script that they run. Their --node-options reach it.
_sidecars_find_node_size() {
  _sidecars_node_said=
  _sidecars_program=other
  local IFS=" \"'
" 2>/dev/null || return 0
  set -f
  for _sidecars_file in ${_sidecars_said#"$1"} ';;' $1; do
    case $_sidecars_program$_sidecars_file in
      *--node-options* | *--node_options*) _sidecars_program=node ;;
    esac
    case $_sidecars_program$_sidecars_file in
      # Where a size of the old space reaches a node, it outdoes the variable.
      npm--* | unknown--max[-_]old*) continue ;;
      *--max[-_]*) _sidecars_node_said="$_sidecars_node_said $_sidecars_file" ;;
      *';;') _sidecars_program=unknown ;; # the command begins
      node*[';&|(']* | npm*[';&|(']*) _sidecars_program=unknown ;;
    esac
    _sidecars_file=${_sidecars_file##*[';&|(']}
    case ${_sidecars_file##*/} in
      npm | npx | yarn | yarnpkg | pnpm | pnpx | corepack | bun | bunx) _sidecars_program=npm ;;
      node | nodejs | nodemon | ts-node | tsx) _sidecars_program=node ;;
    esac
  done
  set +f
}

# A Go program takes what it can. Its limit is a soft one and wants some headroom,
# for what is not Go's.
_sidecars_limit_go() {
  case "$_sidecars_said ${GOMEMLIMIT+GOMEMLIMIT=}" in
    *GOMEMLIMIT[:+=]*) return 0 ;;
  esac
  _sidecars_export "GOMEMLIMIT=$_sidecars_go"
}

_sidecars_size_go() {
  _sidecars_go=$((_sidecars_mb * 9 * 1024 / 10))KiB
}

# .NET takes three quarters of the memory that it sees. The variable outdoes every
# other setting.
_sidecars_limit_dotnet() {
  case $_sidecars_said in
    *GC.HeapHardLimit* | *GCHeapHardLimit*) return 0 ;;
  esac
  if [ -n "${DOTNET_GCHeapHardLimit+set}${DOTNET_GCHeapHardLimitSOH+set}${DOTNET_GCHeapHardLimitLOH+set}${DOTNET_GCHeapHardLimitPOH+set}" ] ||
    [ -n "${DOTNET_GCHeapHardLimitPercent+set}${DOTNET_GCHeapHardLimitSOHPercent+set}${DOTNET_GCHeapHardLimitLOHPercent+set}${DOTNET_GCHeapHardLimitPOHPercent+set}" ] ||
    [ -n "${COMPlus_GCHeapHardLimit+set}${COMPlus_GCHeapHardLimitSOH+set}${COMPlus_GCHeapHardLimitLOH+set}${COMPlus_GCHeapHardLimitPOH+set}" ] ||
    [ -n "${COMPlus_GCHeapHardLimitPercent+set}${COMPlus_GCHeapHardLimitSOHPercent+set}${COMPlus_GCHeapHardLimitLOHPercent+set}${COMPlus_GCHeapHardLimitPOHPercent+set}" ]; then
    return 0
  fi
  _sidecars_export "DOTNET_GCHeapHardLimit=$_sidecars_dotnet"
}

# _sidecars_size_dotnet writes hexadecimal digits: three quarters of a MB are twelve
# times 0x10000.
_sidecars_size_dotnet() {
  _sidecars_value=0000
  _sidecars_rest=$((_sidecars_mb * 12))
  while [ "$_sidecars_rest" -gt 0 ]; do
    _sidecars_digit=$((_sidecars_rest % 16))
    _sidecars_rest=$((_sidecars_rest / 16))
    case $_sidecars_digit in
      10) _sidecars_digit=a ;;
      11) _sidecars_digit=b ;;
      12) _sidecars_digit=c ;;
      13) _sidecars_digit=d ;;
      14) _sidecars_digit=e ;;
      15) _sidecars_digit=f ;;
    esac
    _sidecars_value=$_sidecars_digit$_sidecars_value
  done
  _sidecars_dotnet=0x$_sidecars_value
}

_sidecars_runtime_limits "$@"

unset -f _sidecars_runtime_limits _sidecars_lift_all _sidecars_lift _sidecars_find_said _sidecars_read_said _sidecars_read_start \
  _sidecars_expand_path _sidecars_read_script _sidecars_find_container _sidecars_lower _sidecars_export _sidecars_limit_jvm _sidecars_size_jvm \
  _sidecars_find_java _sidecars_search_path _sidecars_read_release _sidecars_ram_percentage _sidecars_limit_node _sidecars_size_node \
  _sidecars_size_old _sidecars_find_node _sidecars_name_nodes _sidecars_ask_node _sidecars_find_node_size _sidecars_limit_go _sidecars_size_go _sidecars_limit_dotnet _sidecars_size_dotnet
unset _sidecars_limits _sidecars_mb _sidecars_scale _sidecars_noglob _sidecars_failglob _sidecars_home _sidecars_deps _sidecars_said \
  _sidecars_lines _sidecars_line _sidecars_file _sidecars_container_kb _sidecars_container_mb _sidecars_group _sidecars_rest \
  _sidecars_value _sidecars_options _sidecars_jvm_mb _sidecars_java _sidecars_program _sidecars_option _sidecars_heap_kb \
  _sidecars_share _sidecars_digits _sidecars_digit _sidecars_most _sidecars_old _sidecars_asks_version _sidecars_reads_opts \
  _sidecars_lines_left _sidecars_path _sidecars_directory _sidecars_named _sidecars_node _sidecars_node_22 _sidecars_semi _sidecars_node_old \
  _sidecars_node_new _sidecars_starts_node _sidecars_node_said _sidecars_go _sidecars_dotnet
