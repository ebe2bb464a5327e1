#!/usr/bin/env bash
# Measures how much memory a small Node.js sidecar has resident at most, by what is
# reserved for it and by its container, with the limits of the profile script and without
# them. Prints a table in Markdown, the one in docs/memory.md. The program is
# integration/testdata/runtimes/node/busy.js; each container is a memory cgroup.
#
#   scripts/node-memory.sh [NODE...]   programs to measure; by default the one on PATH
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

programs=integration/testdata/runtimes
script=$PWD/supply/profile.d/sidecar-runtime-limits.sh
containers=(512 1024 2048 4096) # MB
reservations=(64 80 128 256)    # MB
requests=4000
work=$(mktemp -d)
group=
finish() {
  if [[ -n $group ]]; then
    "$programs/memory-group.sh" remove "$group"
  fi
  rm -rf "$work"
}
trap finish EXIT
mkdir "$work/app" "$work/deps"

# measure NODE CONTAINER RESERVED on|off prints the most resident memory in MB.
measure() {
  local node=$1 container=$2 reserved=$3 limits=$4 said
  local command="'$node' $programs/node/busy.js $requests $((reserved / 16))"
  group=$("$programs/memory-group.sh" make "$container")
  # shellcheck disable=SC2016 # it is expanded there
  said=$(HOME=$work/app DEPS_DIR=$work/deps MEMORY_LIMIT=${reserved}m SIDECARS_RUNTIME_LIMITS=$limits \
    bash -c 'echo $$ >"$0/cgroup.procs" && . "$3" && eval "exec $2"' "$group" app "$command" "$script")
  "$programs/memory-group.sh" remove "$group"
  group=
  said=${said#*resident }
  echo "${said%% *}"
}

columns=("${containers[@]/%/ MB}")
printf '| Node.js | reserved |'
printf ' %s |' "${columns[@]}"
printf '\n| --- | ---: |'
printf ' ---: |%.0s' "${containers[@]}"
printf '\n'
for node in "${@:-$(command -v node)}"; do
  for reserved in "${reservations[@]}"; do
    printf '| %s | %s MB |' "$("$node" --version)" "$reserved"
    for container in "${containers[@]}"; do
      printf ' %s → %s MB |' "$(measure "$node" "$container" "$reserved" off)" "$(measure "$node" "$container" "$reserved" on)"
    done
    printf '\n'
  done
done
