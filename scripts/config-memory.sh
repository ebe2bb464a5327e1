#!/usr/bin/env bash
# config-memory.sh [MB]: measures the resident memory of config-server, with that many MB reserved, or as many as in
# buildpack.toml. It has a git source, and a Spring source whose answers are as large as they may be, or larger. The
# Spring server answers something else at each poll, once a second, and /config is requested each time, so everything
# is read, kept and written as JSON again and again. Prints a table like that of docs/config-server.md, and exits with
# 1 if config-server uses more than is reserved. It needs git, curl and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

reserved=${1:-32} # MB
idle=24     # MB
polls=8

work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
missed=0

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
# repository KEYS
repository() {
  git init --quiet --initial-branch=main "$work/git-$1"
  python3 -c 'import sys; [print(f"git-key{n}: {{name: value {n}}}") for n in range(int(sys.argv[1]))]' "$1" >"$work/git-$1/application.yml"
  git -C "$work/git-$1" add .
  git -C "$work/git-$1" commit --quiet --message=x
}
repository 5
repository 10000

go build -trimpath -ldflags='-s -w' -o "$work/config-server" ./cmd/config-server
go build -o "$work/springserver" scripts/bench/springserver.go

# resident PID FIELD prints KB.
resident() { awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"; }

cat >"$work/clients.py" <<'PYTHON'
import re, socket, sys, time
port, number = int(sys.argv[1]), int(sys.argv[2])
def ask(text):
    connection = socket.create_connection(('127.0.0.1', port))
    connection.sendall(f'GET {text} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
    return connection
waiting = [ask('/events') for _ in range(number)]
print('waiting', flush=True)
time.sleep(600)
PYTHON

# measure NAME GIT-KEYS CLIENTS KIND NUMBER
measure() {
  local url port pid spring clients='' verdict=held peak last poll
  rm -rf "$work/run"
  mkdir "$work/run"
  "$work/springserver" "$4" "$5" >"$work/run/url" &
  spring=$!
  started+=("$spring")
  until [[ -s $work/run/url ]]; do sleep 0.1; done
  url=$(<"$work/run/url")
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  env CONFIG_SERVER_PORT="$port" CONFIG_SERVER_SPRING_URI="$url" CONFIG_SERVER_GIT_URI="$work/git-$2" CONFIG_SERVER_INTERVAL=1 \
    CONFIG_SERVER_KEEP="$work/run/keep" TMPDIR="$work/run" GOMEMLIMIT="$((reserved * 9 / 10))MiB" "$work/config-server" >"$work/run/log" 2>&1 &
  pid=$!
  started+=("$pid")
  sleep 1
  if (($3 > 0)); then
    python3 "$work/clients.py" "$port" "$3" >"$work/run/clients" &
    clients=$!
    started+=("$clients")
    until [[ -s $work/run/clients ]]; do sleep 0.1; done
  fi
  for ((poll = 0; poll < polls; poll++)); do
    sleep 1
    curl -s -o /dev/null "http://127.0.0.1:$port/config"
  done
  kill -STOP "$spring" # from here on, nothing changes
  sleep 5
  peak=$(resident "$pid" VmHWM)
  last=$(resident "$pid" VmRSS)
  if ((peak > reserved * 1024 || $3 == 0 && last > idle * 1024)); then # with clients, it is not idle
    verdict=missed
    missed=1
  fi
  echo "| $1 | $(awk -v kb="$peak" 'BEGIN { printf "%.1f", kb / 1024 }') MB | $(awk -v kb="$last" 'BEGIN { printf "%.1f", kb / 1024 }') MB | $verdict |"
  kill -KILL "$spring"
  kill "$pid" ${clients:+"$clients"}
  wait "$pid" "$spring" 2>/dev/null || true
}

echo "| the Spring server answers with | at most | idle | at most $reserved and $idle MB |"
echo "| --- | ---: | ---: | --- |"
measure '5 keys' 5 0 keys 5
measure '10,000 keys' 5 0 keys 10000
measure '5 keys, git with 10,000' 10000 0 keys 5
measure '10,000 keys, while 1,000 clients wait' 5 1000 keys 10000
measure '1.9 MB in values of 1 KB' 5 0 bytes 1900000
measure 'one value of 1.9 MB' 5 0 long 1900000
measure '50 MB' 5 0 long 52428800
measure 'a value that does not end' 5 0 endless 0
measure 'JSON that is nested a million deep' 5 0 deep 1000000
measure 'a key of 4 KB for 490 values' 5 0 flat 490
measure 'a key of 4 KB for 100,000 values' 5 0 flat 100000
exit "$missed"
