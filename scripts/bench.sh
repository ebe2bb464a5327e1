#!/usr/bin/env bash
# Measures what the buildpack costs an app: everything that is compared runs side
# by side, in turns, in one run. Prints a Markdown table for each section, and ends
# with 1 if a bar is missed.
#
#   scripts/bench.sh           60 rounds of what takes milliseconds
#   scripts/bench.sh ROUNDS    40 or more
#   scripts/bench.sh ROUNDS SECTION...    only these sections, such as configuring
#
# Measurements that take seconds have five rounds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rounds=${1:-60}
if [[ ! $rounds =~ ^[0-9]{1,5}$ ]] || ((10#$rounds < 40)); then
  echo "found '$rounds'; expected a number of rounds, 40 or more" >&2
  exit 2
fi
rounds=$((10#$rounds))
all=(supervising rendering runtime_limits app_start supplying configuring installing)
sections=("${@:2}")
for section in "${sections[@]}"; do
  if [[ " ${all[*]} " != *" $section "* ]]; then
    echo "found the section '$section'; expected one of: ${all[*]}" >&2
    exit 2
  fi
done

# wanted SECTION tells whether to run a section: without arguments, all are.
wanted() { [[ ${#sections[@]} == 0 || " ${sections[*]} " == *" $1 "* ]]; }

export LC_ALL=C # the clock's decimal sign
# In memory where there is room, unless TMPDIR says otherwise: a disk takes its time
# from all that are compared, and now more and now less of it.
memory=/dev/shm
if [[ -z ${TMPDIR:-} && -w $memory ]] && (($(df --output=avail "$memory" | tail -1) > 2 << 20)); then
  export TMPDIR=$memory
fi
work=$(mktemp -d)
server=
trap 'if [[ -n $server ]]; then kill "$server"; fi; rm -rf "$work"' EXIT
missed=0

# machine says what was measured on, and when.
machine() {
  echo "$(nproc) cores, $(uname -srm), $(date -u '+%Y-%m-%d %H:%M UTC')"
}

# percentile N FILE is the Nth percentile of the numbers in FILE.
percentile() {
  sort -n "$2" | awk -v n="$1" '{ value[NR] = $1 } END { at = int(NR * n / 100 + 0.999999); print value[at < 1 ? 1 : at] }'
}

# ms MICROSECONDS... prints each in milliseconds.
ms() {
  awk 'BEGIN { for (i = 1; i < ARGC; i++) printf "%s%.2f", (i > 1 ? " " : ""), ARGV[i] / 1000; print "" }' "$@"
}

# microseconds COMMAND... runs it and prints how long it took.
microseconds() {
  local began=$EPOCHREALTIME ended
  "$@" >/dev/null || return 1
  ended=$EPOCHREALTIME
  echo $((${ended/./} - ${began/./}))
}

# compare NAME BAR WITHOUT WITH runs two commands, each a line of plain words, in
# turns, and prints a row of the table. The bar is on the median of what the second
# takes longer than the first, in ms, round by round.
compare() {
  local name=$1 bar=$2 without with row round a b difference verdict=held
  read -ra without <<<"$3"
  read -ra with <<<"$4"
  rm -f "$work"/{without,with,difference}.us
  for ((round = -3; round < rounds; round++)); do
    if ((round % 2)); then
      a=$(microseconds "${without[@]}")
      b=$(microseconds "${with[@]}")
    else
      b=$(microseconds "${with[@]}")
      a=$(microseconds "${without[@]}")
    fi
    if ((round >= 0)); then # those before are for the caches
      echo "$a" >>"$work/without.us"
      echo "$b" >>"$work/with.us"
      echo "$((b - a))" >>"$work/difference.us"
    fi
  done
  difference=$(percentile 50 "$work/difference.us")
  if ((difference >= bar * 1000)); then
    verdict=missed
    missed=1
  fi
  read -ra row <<<"$(ms "$(percentile 50 "$work/without.us")" "$(percentile 90 "$work/without.us")" \
    "$(percentile 50 "$work/with.us")" "$(percentile 90 "$work/with.us")" "$difference")"
  echo "| $name | ${row[0]} | ${row[1]} | ${row[2]} | ${row[3]} | ${row[4]} | under $bar: $verdict |"
}

# droplet NAME makes a droplet whose processes do nothing, with the script that the
# platform's own last buildpacks put first.
droplet() {
  local directory=$work/$1
  mkdir -p "$directory"/{app,profile.d,tmp,deps/0/bin,deps/1/bin}
  cat >"$directory/profile.d/000_multi-supply.sh" <<'SCRIPT'
export PATH=$DEPS_DIR/1/bin:$DEPS_DIR/0/bin$([[ ! -z "${PATH:-}" ]] && echo ":$PATH")
SCRIPT
}

# jvm NAME HOME gives a droplet a JVM in HOME, and a link to it on PATH.
jvm() {
  local droplet=$work/$1 home=$2
  mkdir -p "$home/bin"
  printf '%s\n' 'IMPLEMENTOR="Eclipse Adoptium"' 'JAVA_RUNTIME_VERSION="17.0.15+6"' 'JAVA_VERSION="17.0.15"' 'OS_ARCH="x86_64"' >"$home/release"
  printf '#!/bin/sh\n' >"$home/bin/java"
  chmod +x "$home/bin/java"
  ln -s "$home/bin/java" "$droplet/deps/1/bin/java"
}

# start NAME starts a process of a droplet as the platform does.
# shellcheck disable=SC2317 # it is compare that calls it
start() {
  (cd "$work/$1" && exec env -i PATH="$work/tools" LANG=C.UTF-8 MEMORY_LIMIT=768m PORT=8080 "$work/launcher" app true '')
}

# Every process of an app with sidecars sources the script that tells the language
# runtimes their share of the memory.
runtime_limits() {
  local name
  echo
  echo "## Starting a process with sidecar-runtime-limits.sh"
  echo
  CGO_ENABLED=0 go build -buildvcs=false -o "$work/launcher" code.cloudfoundry.org/buildpackapplifecycle/launcher
  mkdir "$work/tools" # all that the script and the launcher need, and no JVM of this machine
  for name in bash env ls readlink true; do
    ln -s "$(type -P "$name")" "$work/tools/$name"
  done
  for name in '' -jvm -far-jvm -large; do
    droplet "plain$name"
    droplet "limits$name"
    cp supply/profile.d/sidecar-runtime-limits.sh "$work/limits$name/profile.d/0_sidecar-runtime-limits.sh"
  done
  for name in plain limits; do
    jvm "$name-jvm" "$work/$name-jvm/deps/1/jre" # where the Java buildpack has it
    jvm "$name-far-jvm" "$work/jvm"              # where the script does not look
    (cd "$work/$name-large/app" && touch file-{1..5000}.js)
  done
  local applied
  # shellcheck disable=SC2016 # the process expands it
  applied=$(cd "$work/limits" && env -i PATH="$work/tools" MEMORY_LIMIT=768m "$work/launcher" app 'echo "$GOMEMLIMIT"' '')
  if [[ $applied != *707788KiB* ]]; then
    echo "the script was not sourced" >&2
    exit 1
  fi

  echo "| ms | without, median | p90 | with, median | p90 | difference | bar |"
  echo "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
  compare "no JVM on PATH" 10 "start plain" "start limits"
  compare "the Java buildpack's JVM on PATH" 10 "start plain-jvm" "start limits-jvm"
  compare "another JVM on PATH" 10 "start plain-far-jvm" "start limits-far-jvm"
  compare "an app with 5000 files in its root" 10 "start plain-large" "start limits-large"
}

# The cost of the profile scripts of an app with sidecars at the start of a process, in
# this version and in the last one that had all of it in shell.
app_start() {
  local baseline=c20bbaa name
  echo
  echo "## Starting a process of an app whose sidecars ask something of it"
  echo
  mkdir "$work/baseline"
  if ! git archive "$baseline" 2>/dev/null | command tar x -C "$work/baseline"; then
    echo "the commit $baseline is missing; fetch the whole history" >&2
    exit 1
  fi
  release "$work/baseline" shell
  release . program
  for name in shell program; do
    supplied "$name" nothing '{name: a, command: ./a}'
    supplied "$name" app-env '{name: a, command: ./a, app-env: {A: b, C: d}}'
    supplied "$name" all '{name: a, command: ./a, app-env: {A: b}, hold-app: true, stop-after-app: true}'
    supplied "$name" proxy '{name: a, command: ./a, proxy: true}'
    mkdir "$work/$name-all/deps/0/run"
    echo '{"name":"a","phase":"ready"}' >"$work/$name-all/deps/0/run/0.json"
    if compgen -G "$work/$name-nothing/profile.d/0_*" >/dev/null; then
      echo "there is a script where nothing is asked: missed"
      missed=1
    fi
  done
  echo "| ms | shell, median | p90 | this, median | p90 | difference | bar | ratio |"
  echo "| --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |"
  compare_starts "the app, with app-env" app-env true
  compare_starts "the app, with app-env, hold-app (ready) and stop-after-app" all true
  compare_starts "the app behind a proxy" proxy true
  compare_starts "a sidecar without a supervisor" app-env ./a
}

# release REPOSITORY NAME builds what is measured of a buildpack.
release() {
  mkdir -p "$work/$2-buildpack/bin"
  (cd "$1" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/$2-buildpack/bin/" ./cmd/supply ./cmd/supervise ./cmd/sidecar-env)
  cp "$1/buildpack.toml" "$1/VERSION" "$work/$2-buildpack"
  printf 'language: sidecar\ndependencies: []\n' >"$work/$2-buildpack/manifest.yml"
}

# supplied BUILDPACK NAME SIDECAR makes a droplet with a sidecar, without the script of the
# runtime limits, which is the same in both.
supplied() {
  local directory=$work/$1-$2 script
  droplet "$1-$2"
  rm -r "$directory/deps/1"
  mkdir "$directory/cache"
  echo "- $3" >"$directory/app/sidecars.yml"
  printf '#!/bin/sh\n' >"$directory/app/a"
  chmod +x "$directory/app/a"
  CF_STACK=cflinuxfs4 "$work/$1-buildpack/bin/supply" "$directory/app" "$directory/cache" "$directory/deps" 0 >/dev/null
  for script in sidecars.sh sidecar-ports.sh; do
    if [[ -e $directory/deps/0/profile.d/$script ]]; then
      cp "$directory/deps/0/profile.d/$script" "$directory/profile.d/0_$script"
    fi
  done
}

# compare_starts NAME DROPLET COMMAND compares the starts of a process with this command.
compare_starts() {
  compare "$1" 2 "start_process shell-$2 $3" "start_process program-$2 $3" >"$work/row"
  echo "$(<"$work/row") $(awk -v a="$(percentile 50 "$work/with.us")" -v b="$(percentile 50 "$work/without.us")" 'BEGIN { printf "%.2f", a / b }') |"
}

# shellcheck disable=SC2317 # it is compare that calls it
start_process() {
  (cd "$work/$1" && exec env -i PATH="$work/tools:/usr/bin:/bin" LANG=C.UTF-8 MEMORY_LIMIT=768m PORT=8080 VCAP_APPLICATION='{"name":"a","process_type":"web"}' \
    "$work/launcher" app "$2" '')
}

# race CONTESTANT... runs each in five rounds, in turns. A contestant is a function;
# what it prints is kept, and clear_CONTESTANT is run before it.
race() {
  local round contestant
  for round in {1..5}; do
    for contestant in "$@"; do
      "clear_$contestant"
      microseconds_of "$contestant" >>"$work/$contestant.us"
    done
  done
}

# microseconds_of CONTESTANT is microseconds that keeps what it prints.
microseconds_of() {
  local began=$EPOCHREALTIME ended
  "$1" >>"$work/$1.printed"
  ended=$EPOCHREALTIME
  echo $((${ended/./} - ${began/./}))
}

# held CONTESTANT OTHER BAR prints a cell: how many times the other's median a
# contestant takes, and whether that is at most the bar.
held() {
  local ratio
  ratio=$(awk -v a="$(percentile 50 "$work/$1.us")" -v b="$(percentile 50 "$work/$2.us")" 'BEGIN { printf "%.2f", a / b }')
  if awk -v r="$ratio" -v bar="$3" 'BEGIN { exit !(r <= bar) }'; then
    echo "$ratio (at most $3: held)"
  else
    echo "$ratio (at most $3: missed)"
  fi
}

# discard PATH... puts away what a contestant has left. To remove it would cost the
# next one time: for minutes, ext4 looks for an inode that was not just removed.
discarded=0
# shellcheck disable=SC2317 # it is the contestants that call it
discard() {
  local path
  for path in "$@"; do
    if [[ $(df --output=fstype "$work" | tail -1) == tmpfs ]]; then
      rm -rf "$path"
    elif [[ -e $path ]]; then
      mkdir -p "$work/discarded"
      mv "$path" "$work/discarded/$((discarded++))"
    fi
  done
}

# shellcheck disable=SC2317 # it is race that calls them
contestants() {
  local uri=$1/agent.tar.gz sum=$2 archive=$work/served/agent.tar.gz
  eval "clear_ours_cold() { discard '$work/ours-cache' '$work/out'; }
    clear_ours_warm() { discard '$work/out'; }
    clear_theirs_cold() { discard '$work/theirs-cache' '$work/out'; }
    clear_theirs_warm() { discard '$work/out'; }
    clear_tar() { discard '$work/out'; mkdir '$work/out'; }
    ours_cold() { '$work/install' ours '$uri' '$sum' '$work/ours-cache' '$work/out'; }
    ours_warm() { ours_cold; }
    theirs_cold() { '$work/install' libbuildpack '$uri' '$sum' '$work/theirs-cache' '$work/out'; }
    theirs_warm() { theirs_cold; }
    tar() { sha256sum '$archive' && command tar xzf '$archive' -C '$work/out'; }"
}

# An archive as large as that of a large agent, from a server on loopback, each time
# by a process of its own.
installing() {
  local sum url
  echo
  echo "## Installing 325 MB in 2,000 files"
  echo
  go build -o "$work/install" scripts/bench/install.go
  mkdir "$work/served"
  sum=$("$work/install" make "$work/served/agent.tar.gz")
  "$work/install" serve "$work/served" >"$work/url" &
  server=$!
  until [[ -s $work/url ]]; do sleep 0.05; done
  url=$(<"$work/url")
  contestants "$url" "$sum"
  race theirs_cold ours_cold tar theirs_warm ours_warm
  installed | tee "$work/installed.md"
  if grep -q missed "$work/installed.md"; then
    missed=1
  fi
}

# installed prints what the race came to.
installed() {
  local kind name
  echo "From a .tar.gz of $(($(stat -c %s "$work/served/agent.tar.gz") >> 20)) MB."
  echo
  echo "| | median, s | peak memory, MB | times libbuildpack's Installer | times sha256sum && tar xzf |"
  echo "| --- | ---: | ---: | --- | --- |"
  for kind in cold warm; do
    result "libbuildpack's Installer, $kind" "theirs_$kind" | sed 's/$/ | |/'
    echo "$(result "this, $kind" "ours_$kind") $(held "ours_$kind" "theirs_$kind" "$([[ $kind == cold ]] && echo 0.48 || echo 0.50)") |" \
      "$([[ $kind == cold ]] && held ours_cold tar 0.65) |"
  done
  echo "| sha256sum && tar xzf, of a local file | $(seconds tar) | | | |"
  for name in ours_cold ours_warm; do
    if (($(peak "$name") > 64)); then
      echo
      echo "More than 64 MB of memory: missed"
    fi
  done
}

seconds() { awk -v us="$(percentile 50 "$work/$1.us")" 'BEGIN { printf "%.2f", us / 1000000 }'; }

# peak CONTESTANT is the most memory that any of its processes had, in MB.
peak() { sort -n "$work/$1.printed" | tail -1 | awk '{ printf "%d", ($1 + 1023) / 1024 }'; }

result() { echo "| $1 | $(seconds "$2") | $(peak "$2") |"; }

# An app with one small dependency, which is in the cache, and an app that contains all
# of its sidecars.
supplying() {
  local name
  echo
  echo "## Supplying one small dependency that is in the cache"
  echo
  mkdir -p "$work/buildpack/bin" "$work/small"
  CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/buildpack/bin/" ./cmd/supply
  cp buildpack.toml VERSION "$work/buildpack"
  cp "$(type -P env)" "$work/small/agent"
  command tar czf "$work/small.tar.gz" -C "$work/small" agent
  cat >"$work/buildpack/manifest.yml" <<YAML
language: sidecar
default_versions: []
dependencies:
- {name: agent, version: 1.0.0, uri: 'file:///not-there', sha256: $(sha256sum "$work/small.tar.gz" | cut -d' ' -f1), cf_stacks: [cflinuxfs4]}
YAML
  for name in app-alone app-dependency; do
    mkdir -p "$work/$name" "$work/$name.cache/archives" "$work/$name.deps/0"
  done
  echo '- {name: a, command: run, memory: 1M}' >"$work/app-alone/sidecars.yml"
  echo '- {name: a, dependency: agent, executable: agent, memory: 1M}' >"$work/app-dependency/sidecars.yml"
  cp "$work/small.tar.gz" "$work/app-dependency.cache/archives/sha256-$(sha256sum "$work/small.tar.gz" | cut -d' ' -f1)"
  echo "| ms | without, median | p90 | with, median | p90 | difference | bar |"
  echo "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
  compare "bin/supply" 60 "supply app-alone" "supply app-dependency"
}

# shellcheck disable=SC2317 # it is compare that calls it
supply() {
  CF_STACK=cflinuxfs4 "$work/buildpack/bin/supply" "$work/$1" "$work/$1.cache" "$work/$1.deps" 0
}

# A command below supervise, and below what others use for it.
supervising() {
  local name
  echo
  echo "## Supervising a command"
  echo
  for name in tini dumb-init runsv cc; do
    if ! type -P "$name" >/dev/null; then
      echo "$name is missing; on Debian, apt-get install tini dumb-init runit gcc libc6-dev" >&2
      exit 1
    fi
  done
  mkdir -p "$work/supervising/bin"
  CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/supervising/bin/" ./cmd/supervise
  cc -O2 -static -o "$work/supervising/child" scripts/bench/child.c
  go build -o "$work/supervise" scripts/bench/supervise.go scripts/bench/processor.go
  if ! "$work/supervise" "$work/supervising" "$((rounds * 4))"; then
    missed=1
  fi
  go build -o "$work/chain" scripts/bench/chain.go scripts/bench/processor.go
  if ! "$work/chain" "$work/supervising"; then
    missed=1
  fi
  go build -o "$work/watch" scripts/bench/watch.go
  if ! "$work/watch" "$work/supervising"; then
    missed=1
  fi
}

# A sidecar with a variable and a file of a bound service, and one with a variable that is
# text. Both run a command that does nothing, without any other work for the supervisor.
rendering() {
  local name services
  echo
  echo "## Rendering a variable and a file of a bound service"
  echo
  services='{"user-provided":[{"name":"apm","label":"user-provided","credentials":{"api_key":"k","endpoint":{"region":"eu"}}}]}'
  for name in text rendered; do
    mkdir -p "$work/sidecar-$name"/{app,bin,run}
    CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/sidecar-$name/bin/" ./cmd/supervise ./cmd/sidecar-render
  done
  printf '%s\n' 'version "1"' 'name "agent"' 'env "API_KEY=k"' >"$work/sidecar-text/supervise.conf"
  printf '%s\n' 'version "1"' 'name "agent"' 'render "true"' >"$work/sidecar-rendered/supervise.conf"
  cat >"$work/sidecar-rendered/render.json" <<'JSON'
{"sidecars": [{"name": "agent", "binding": {"any": "apm"}, "env": [{"name": "API_KEY", "binding": "api_key"}],
  "files": [{"path": "agent.yaml", "template": "key: {{ binding \"api_key\" | yaml }}\nregion: {{ binding \"endpoint.region\" | json }}\n"}]}]}
JSON
  if [[ $(supervised rendered "$services" printenv API_KEY) != k || ! -s $work/sidecar-rendered/run/files/0/agent.yaml ]]; then
    echo "nothing was rendered" >&2
    exit 1
  fi
  echo "| ms | without, median | p90 | with, median | p90 | difference | bar |"
  echo "| --- | ---: | ---: | ---: | ---: | ---: | --- |"
  compare "start of a sidecar" 15 "supervised text $services true" "supervised rendered $services true"
}

# supervised NAME SERVICES COMMAND... runs a command below a supervisor, which becomes it.
# shellcheck disable=SC2317 # it is compare that calls it
supervised() {
  local name=$1 services=$2
  shift 2
  env -i PATH=/usr/bin:/bin HOME="$work/sidecar-$name/app" VCAP_SERVICES="$services" "$work/sidecar-$name/bin/supervise" agent -- "$@"
}

# The time that config-server takes to answer, compared with bare handlers of net/http that write the same bytes.
configuring() {
  echo
  echo "## Answering /config"
  echo
  CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags='-s -w' -o "$work/config-server" ./cmd/config-server
  go build -o "$work/config" scripts/bench/config/*.go
  if ! "$work/config" "$work/config-server" 0.5; then
    missed=1
  fi
}

echo "# Benchmarks"
echo
echo "$(machine), $(df --output=fstype "$work" | tail -1), $rounds rounds"
if wanted supervising; then supervising; fi
if wanted rendering; then rendering; fi
if wanted runtime_limits; then runtime_limits; fi
if wanted app_start; then app_start; fi
if wanted supplying; then supplying; fi
if wanted configuring; then configuring; fi
if wanted installing; then installing; fi
exit "$missed"
