#!/usr/bin/env bash
# Checks the form of the code: gofmt, go vet, staticcheck, shellcheck and plain-english.sh,
# and that all of it compiles for macOS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

unformatted=$(git ls-files '*.go' | xargs gofmt -l)
if [[ -n $unformatted ]]; then
  printf 'not formatted by gofmt:\n%s\n' "$unformatted" >&2
  exit 1
fi
scripts/plain-english.sh
go vet ./...
GOOS=darwin go build ./... # the command line tool runs there, too
GOOS=darwin go vet ./...
# Programs of scripts that are in no package.
for program in scripts/identifiers.go scripts/normalize.go scripts/moduleproxy.go scripts/archive.go scripts/bench/install.go 'scripts/bench/config/*.go' scripts/bench/gitserver.go scripts/bench/springserver.go \
  'scripts/bench/supervise.go scripts/bench/processor.go' 'scripts/bench/chain.go scripts/bench/processor.go'; do
  # shellcheck disable=SC2086 # several files
  go vet $program
done
go tool staticcheck ./...
go mod verify
go mod tidy -diff
(cd scripts/release && go vet ./... && go mod verify && go mod tidy -diff)
git ls-files '*.sh' 'bin/*' '.ci/*' | xargs shellcheck
git ls-files 'integration/testdata/buildpacks/*/bin/*' 'internal/standin/buildpack/bin/*' | xargs shellcheck
