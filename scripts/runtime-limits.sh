#!/usr/bin/env bash
# Measures what the JVM, Node.js and Go believe they may use, as app and as
# sidecar of one container of 1 GB: pushed to the local platform, started by Cloud
# Foundry's own launcher. Prints a table in Markdown, the command that made the
# one in docs/memory.md. The programs are in integration/testdata/runtimes.
#
#   scripts/runtime-limits.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for program in go java javac node; do
  if ! command -v "$program" >/dev/null; then
    echo "$program is missing; this measures Go, the JVM and Node.js" >&2
    exit 1
  fi
done

container=1024 # MB
programs=integration/testdata/runtimes
work=$(mktemp -d)
group=
pid=
# shellcheck disable=SC2317 # it is the trap that calls it
finish() {
  if [[ -n $pid ]]; then
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  if [[ -n $group ]]; then
    "$programs/memory-group.sh" remove "$group"
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Not into .build, where a push may be running what another script has built.
echo "-----> Building" >&2
lifecycle=code.cloudfoundry.org/buildpackapplifecycle
mkdir "$work/app" "$work/lifecycle" "$work/platform"
export CGO_ENABLED=0
go build -buildvcs=false -o "$work/lifecycle/builder" "$lifecycle/builder"
go build -buildvcs=false -o "$work/platform/launcher" "$lifecycle/launcher"
go build -buildvcs=false -o "$work/platform/sidecar" ./cmd/sidecar
go build -buildvcs=false -o "$work/app/limits" "./$programs/go"
javac -d "$work/app" "$programs/java/Limits.java"
cp "$programs/node/limits.js" "$work/app"

# A container is a memory cgroup: what the launcher starts is put into one.
enter=:
if group=$("$programs/memory-group.sh" make "$container" 2>"$work/why"); then
  enter="echo \$\$ >'$group/cgroup.procs'"
fi
printf '#!/bin/sh\n%s && exec "%s/platform/launcher" "$@"\n' "$enter" "$work" >"$work/lifecycle/launcher"
chmod +x "$work/lifecycle/launcher"

declare -A start=([java]="exec java Limits" [node]="exec node limits.js" [go]="exec ./limits")
declare -A reserved=([java]=256 [node]=192 [go]=128) # MB
runtimes=(java node go)
variants=(without off on) # the reservation; off and on are the script's, with it
declare -A memory_limit took # what a process has said, by VARIANT.APP.PROCESS

# describe VARIANT APP writes what is pushed.
describe() {
  local variant=$1 app=$2 sidecar
  echo "web: ${start[$app]}" >"$work/app/Procfile"
  for sidecar in "${runtimes[@]}"; do
    printf -- '- name: %s\n  command: %s\n' "$sidecar" "${start[$sidecar]}"
    if [[ $variant != without ]]; then
      echo "  memory: ${reserved[$sidecar]}M"
    fi
  done >"$work/app/sidecars.yml"
  cat >"$work/manifest.yml" <<YAML
applications:
- name: limits
  memory: ${container}M
  health-check-type: process
  buildpacks: [sidecar_buildpack]
  env: {SIDECARS_RUNTIME_LIMITS: '${variant/without/on}'}
YAML
}

# said SOURCE prints what a process has said of its limit, if it has.
said() {
  sed -n "s|.* \[$1/0\] OUT \([a-z]* [^ ]*: limit .*, MEMORY_LIMIT [0-9]*m\)$|\1|p" "$work/log"
}

# measure VARIANT APP pushes an app of a runtime with a sidecar of each, and notes
# what all four say.
measure() {
  local variant=$1 app=$2 process source line tries
  echo "-----> Measuring the $app app, variant $variant" >&2
  describe "$variant" "$app"
  : >"$work/log" # it is read before the push has opened it
  "$work/platform/sidecar" push --lifecycle "$work/lifecycle" -f "$work/manifest.yml" -p "$work/app" >"$work/log" 2>&1 &
  pid=$!
  for process in app "${runtimes[@]}"; do
    source=APP/PROC/WEB/SIDECAR/${process^^}
    if [[ $process == app ]]; then
      source=APP/PROC/WEB
    fi
    line=
    for ((tries = 0; tries < 1200; tries++)); do
      line=$(said "$source")
      if [[ -n $line ]] || ! kill -0 "$pid" 2>/dev/null; then
        break
      fi
      sleep 0.1
    done
    if [[ -z $line ]]; then
      cat "$work/log" >&2
      echo "$source did not say what it believes; the log above says why" >&2
      exit 1
    fi
    memory_limit[$variant.$app.$process]=${line##*MEMORY_LIMIT }
    line=${line#*: limit }
    took[$variant.$app.$process]=${line%, MEMORY_LIMIT*}
  done
  kill -TERM "$pid"
  wait "$pid"
  pid=
}

# together VARIANT APP prints the sum of what app and sidecars believe.
together() {
  local sum=0 process size
  for process in app "${runtimes[@]}"; do
    size=${took[$1.$2.$process]}
    if [[ $size == none ]]; then
      echo "no limit"
      return
    fi
    sum=$((sum + ${size% MB}))
  done
  echo "$sum MB"
}

row() {
  local cells
  printf -v cells ' %s |' "$@"
  echo "|$cells"
}

for variant in "${variants[@]}"; do
  for app in "${runtimes[@]}"; do
    measure "$variant" "$app"
  done
done

if [[ -z $group ]]; then
  printf 'Measured without a container: the processes saw the whole machine, since there could be no memory cgroup (%s).\n\n' "$(tr '\n' ' ' <"$work/why" | sed 's/ *$//')"
fi
row "" "no reservation: MEMORY_LIMIT" "it takes" "reservation: MEMORY_LIMIT" "it takes, script off" "it takes"
row --- ---: ---: ---: ---: ---:
for app in "${runtimes[@]}"; do
  for process in app "${runtimes[@]}"; do
    name="its $process sidecar"
    if [[ $process == app ]]; then
      name="**$app app**"
    fi
    key=$app.$process
    row "$name" "${memory_limit[without.$key]}" "${took[without.$key]}" \
      "${memory_limit[on.$key]}" "${took[off.$key]}" "${took[on.$key]}"
  done
  row together "${container}m" "$(together without "$app")" "${container}m" "$(together off "$app")" "$(together on "$app")"
done
