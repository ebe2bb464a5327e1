#!/usr/bin/env bash
# Makes a memory cgroup below the caller's own, in version 1 or 2 of cgroups, and
# removes it.
#
#   memory-group.sh make MEGABYTES      prints the new group's directory, or says
#                                       on standard error why there cannot be one
#   memory-group.sh remove DIRECTORY    waits for the group's processes to end
set -euo pipefail

name=sidecar-buildpack

# mounted TYPE [OPTION] prints the root and the mount point of a file system.
mounted() {
  local type=$1 option=${2:-} line root point rest
  while read -r line; do
    read -r _ _ _ root point rest <<<"$line"
    rest=${rest#* - }
    if [[ ${rest%% *} == "$type" && ,${rest##* } == *",$option"* ]]; then
      echo "$root $point"
      return
    fi
  done </proc/self/mountinfo
  return 1
}

# own [CONTROLLER] prints the path of this process's group: version 1 names the
# controller, version 2 none.
own() {
  local controllers path
  while IFS=: read -r _ controllers path; do
    if [[ ,$controllers, == *",${1:-},"* ]]; then
      echo "$path"
      return
    fi
  done </proc/self/cgroup
  return 1
}

# below ROOT POINT PATH prints the directory of a group. A container may see of
# the mount no more than its own group, or a path that lies outside it.
below() {
  local root=${1%/} point=$2 path=${3%/}
  if [[ $path/ == "$root"/* && -d $point${path#"$root"} ]]; then
    echo "$point${path#"$root"}"
  else
    echo "$point"
  fi
}

# limit FILE VALUE sets a limit of the new group.
limit() {
  echo "$2" >"$group/$1" || give_up
}

give_up() {
  rmdir "$group"
  exit 1
}

make_v1() {
  local bytes=$1 root=$2 point=$3 parent
  parent=$(below "$root" "$point" "$(own memory)")
  group=$(mktemp -d "$parent/$name.XXXXXX") || exit 1
  limit memory.limit_in_bytes "$bytes"
  # The file is there where the kernel counts swap.
  if [[ -e $group/memory.memsw.limit_in_bytes ]]; then
    limit memory.memsw.limit_in_bytes "$bytes"
  fi
}

make_v2() {
  local bytes=$1 root=$2 point=$3 parent
  # A group that has processes cannot share its memory out; the first one can.
  for parent in "$(below "$root" "$point" "$(own)")" "$point"; do
    if share_out "$parent" && group=$(mktemp -d "$parent/$name.XXXXXX"); then
      limit memory.max "$bytes"
      if [[ -e $group/memory.swap.max ]]; then
        limit memory.swap.max 0
      fi
      return
    fi
  done
  exit 1
}

# share_out DIRECTORY lets the groups below one have memory limits.
share_out() {
  if ! grep -qw memory "$1/cgroup.controllers"; then
    echo "$1 has no memory to share out" >&2
    return 1
  fi
  grep -qw memory "$1/cgroup.subtree_control" || echo +memory >"$1/cgroup.subtree_control"
}

case ${1:-} in
  make)
    bytes=$(($2 << 20))
    if mount=$(mounted cgroup memory); then
      make_v1 "$bytes" "${mount% *}" "${mount#* }"
    elif mount=$(mounted cgroup2); then
      make_v2 "$bytes" "${mount% *}" "${mount#* }"
    else
      echo "no memory cgroups are mounted here" >&2
      exit 1
    fi
    echo "$group"
    ;;
  remove)
    # Processes that were killed are in the group until they are really gone.
    for ((tries = 0; tries < 100; tries++)); do
      if rmdir "$2" 2>/dev/null; then
        exit
      fi
      sleep 0.1
    done
    rmdir "$2"
    ;;
  *) echo "found '${1:-}'; expected make or remove" >&2; exit 2 ;;
esac
