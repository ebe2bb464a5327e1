#!/usr/bin/env bash
# Measures the resident memory of config-server with a git repository of 200 MB: the most of it
# while everything is fetched by https, and idle, with a poll each second. Prints the rows of the
# table in docs/config-server.md. It needs git, curl and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x
git init --quiet --initial-branch=main "$work/repositories/large"
python3 - "$work/repositories/large" <<'PYTHON'
import os, random, sys
os.chdir(sys.argv[1])
random.seed(1)
for folder in range(200):
    os.mkdir(f'team-{folder}')
    for file in range(50):
        with open(f'team-{folder}/app-{file}.yml', 'w') as written:
            written.writelines(f'key{n}: {random.random()}\n' for n in range(60))
for file in range(8):
    with open(f'binary-{file}', 'wb') as written:
        written.write(os.urandom(24 << 20))
with open('application.yml', 'w') as written:
    written.writelines(f'a.b{n}: {n}\n' for n in range(1000))
PYTHON
git -C "$work/repositories/large" add .
git -C "$work/repositories/large" commit --quiet --message=large

go build -trimpath -ldflags='-s -w' -o "$work/config-server" ./cmd/config-server
go build -o "$work/gitserver" scripts/bench/gitserver.go
mkdir "$work/certificates" "$work/temporary"
"$work/gitserver" "$work/repositories" "$work/certificates/server.crt" >"$work/url" &
started+=("$!")
until [[ -s $work/url ]]; do sleep 0.1; done

resident() { awk -v key="$2:" '$1 == key { printf "%d", ($2 + 1023) / 1024 }' "/proc/$1/status"; } # PID FIELD, in MB

# measure NAME ADDRESS
measure() {
  local port pid
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  env CONFIG_SERVER_PORT="$port" CONFIG_SERVER_GIT_URI="$2" CONFIG_SERVER_INTERVAL=1 CONFIG_SERVER_KEEP=off \
    CF_SYSTEM_CERT_PATH="$work/certificates" TMPDIR="$work/temporary" GOMEMLIMIT=28MiB "$work/config-server" >"$work/log" 2>&1 &
  pid=$!
  started+=("$pid")
  for _ in $(seq 600); do
    if curl -sf -o /dev/null "http://127.0.0.1:$port/health"; then
      break
    fi
    sleep 0.1
  done
  curl -sf "http://127.0.0.1:$port/config" | grep --quiet b999 || { cat "$work/log" >&2; return 1; }
  sleep 20
  echo "| $1 | $(resident "$pid" VmHWM) MB | $(resident "$pid" VmRSS) MB |"
  kill "$pid"
}

measure 'by https' "$(<"$work/url")/large/.git"
measure 'on this machine' "$work/repositories/large"
