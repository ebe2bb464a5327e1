#!/usr/bin/env bash
# Pushes examples/go-app, with its config-server sidecar, to the local
# platform, and stays there with the app's log until Ctrl-C.
#
#   scripts/demo.sh          then ask http://127.0.0.1:8080/config
#   scripts/demo.sh --once   ask, show the answer, stop everything
#
# Where something listens on 8082 already, CONFIG_SERVER_PORT names another port for
# the config-server.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

once=false
case ${1:-} in
  '') ;;
  --once) once=true ;;
  *) echo "found '$1'; expected nothing or --once" >&2; exit 2 ;;
esac

scripts/build.sh
work=$(mktemp -d)
pid=
# shellcheck disable=SC2317 # it is the trap that calls it
finish() {
  if [[ -n $pid ]]; then
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Push the app as its developer would: the compiled program with its Procfile and
# sidecars.yml.
mkdir "$work/app"
cp examples/go-app/{Procfile,sidecars.yml} "$work/app"
sed "s/8082/${CONFIG_SERVER_PORT:-8082}/" examples/go-app/manifest.yml >"$work/manifest.yml"
CGO_ENABLED=0 go build -buildvcs=false -o "$work/app/go-app" ./examples/go-app

push=(.build/bin/sidecar push --lifecycle .build/lifecycle -f "$work/manifest.yml" -p "$work/app")
if ! $once; then
  echo "-----> Pushing go-app; once it is up, try: curl http://127.0.0.1:8080/config"
  "${push[@]}" &
  pid=$!
  wait "$pid" || status=$?
  pid=
  exit "${status:-0}"
fi

log=$work/log
touch "$log"
"${push[@]}" > >(tee "$log") 2>&1 &
pid=$!

# The port is in the line that says that the app is up.
port=
for ((tries = 0; tries < 3000; tries++)); do
  port=$(sed -n 's|.* is up at http://127.0.0.1:\([0-9]*\)$|\1|p' "$log")
  if [[ -n $port ]] || ! kill -0 "$pid" 2>/dev/null || grep -q 'has crashed' "$log"; then
    break
  fi
  sleep 0.1
done
if [[ -z $port ]]; then
  echo "-----> The app did not come up; the log above says why." >&2
  exit 1
fi

# Asked with what bash has itself: curl is not on every machine.
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /config HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
answer=$(tr -d '\r' <&3 | sed '1,/^$/d')
exec 3>&-

kill -TERM "$pid"
wait "$pid" || status=$?
pid=
echo
echo "-----> The answer of http://127.0.0.1:$port/config"
echo "$answer"
echo "-----> What the app and its sidecar logged"
lines=$(grep -E '\[APP/PROC/WEB(/SIDECAR/CONFIG-SERVER)?/0\] OUT .*(config|Received)' "$log")
echo "$lines"
[[ $answer == *'"Scope"'* && $lines == *'SIDECAR/CONFIG-SERVER/0] OUT Received a request for config.'* ]]
exit "${status:-0}"
