#!/usr/bin/env bash
# Installs the Go that manifest.yml pins below toolchain, for a staging container
# that has none. Prints the path of its program go.
#
#   scripts/install-go.sh DIRECTORY [CACHE]
#
# It comes from the URI in manifest.yml, unless a mapping or a mirror names another
# place: docs/dependencies.md. The file that was fetched is kept in the directory
# CACHE, and is verified before every use.
set -euo pipefail

directory=$1
cache=${2:-}
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)

say() { echo "-----> $*" >&2; }

pinned() { sed -n '/^toolchain:/,/^[^ ]/ s/^  '"$1"': *//p' "$root/manifest.yml"; }
version=$(pinned version) uri=$(pinned uri) sha256=$(pinned sha256)

if [[ $(uname -sm) != 'Linux x86_64' ]]; then
  say "Go for $(uname -sm) cannot be installed from here."
  exit 1
fi
for program in curl gzip sha256sum tar; do
  if ! command -v "$program" >/dev/null; then
    say "Go cannot be installed without $program."
    exit 1
  fi
done

# Left by one that was killed.
if [[ -n $cache ]]; then
  rm -f "$cache"/toolchain/.new-* 2>/dev/null || true
fi

verified() { [[ -f $1 ]] && echo "$sha256  $1" | sha256sum --check --status; }

# mapped prints what a service of the type dependency-mapping has for the checksum,
# in whichever form the platform hands services to staging.
mapped() {
  local services=${VCAP_SERVICES:-} file
  if [[ -r ${VCAP_SERVICES_FILE_PATH:-} ]]; then
    services=$(<"$VCAP_SERVICES_FILE_PATH")
  fi
  # There may be no program that reads JSON. No other key looks like the checksum.
  if [[ $services =~ \"(sha256[:_])?$sha256\"[[:space:]]*:[[:space:]]*\"([^\"]+)\" ]]; then
    printf '%b' "${BASH_REMATCH[2]//\\\//\/}" # \u0026 and \/ are escapes of JSON
    return
  fi
  for file in "${SERVICE_BINDING_ROOT:-/nonexistent}"/*/{,sha256_}"$sha256"; do
    if [[ -r $file ]]; then
      printf '%s' "$(<"$file")"
      return
    fi
  done
}

# mirrored prints the URI on the mirror that the environment names: a URL, behind
# which the path goes, and perhaps what of the path to skip.
mirrored() {
  local mirror=${BP_DEPENDENCY_MIRROR_GO_DEV:-${BP_DEPENDENCY_MIRROR:-}} host=${uri#*://} url='' skip='' arguments argument
  if [[ -z $mirror ]]; then
    return
  fi
  IFS=, read -ra arguments <<<"$mirror"
  for argument in "${arguments[@]}"; do
    case $argument in
      skip-path=*) skip=${argument#*=} ;;
      mirror=*) url=${argument#*=} ;;
      *) url=$argument ;;
    esac
  done
  if [[ $url != https://* && $url != file://* ]]; then
    say "Go cannot be installed from the mirror that BP_DEPENDENCY_MIRROR or BP_DEPENDENCY_MIRROR_GO_DEV names: expected an https or file URL."
    return 1
  fi
  argument=/${host#*/}
  printf '%s' "${url/"{originalHost}"/${host%%/*}}${argument/"$skip"/}"
}

# trusted prints a file with the system's authorities and the operator's, if there are any:
# those of *.crt in CF_SYSTEM_CERT_PATH. curl takes a file in place of the system's.
trusted() {
  local bundle=$directory/authorities.pem system file
  for file in "${CF_SYSTEM_CERT_PATH:-/nonexistent}"/*.crt; do
    if [[ -f $file && -r $file ]]; then
      cat "$file" && echo
    fi
  done >"$bundle"
  if [[ ! -s $bundle ]]; then
    return
  fi
  for system in "${CURL_CA_BUNDLE:-${SSL_CERT_FILE:-}}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
    if [[ -f $system ]]; then
      cat "$system" >>"$bundle"
      break
    fi
  done
  printf '%s' "$bundle"
}

# redacted prints a URI without what may be secret in it.
redacted() { sed -E 's|//[^/]*@|//|; s|[?#].*||' <<<"$1"; }

SECONDS=0
archive=$directory/go.tar.gz
if [[ -n $cache ]] && verified "$cache/toolchain/go-$version.tar.gz"; then
  say "Installing Go $version from the cache"
  archive=$cache/toolchain/go-$version.tar.gz
else
  located=$(mapped)
  located=${located:-$(mirrored)}
  uri=${located:-$uri}
  say "Installing Go $version from $(redacted "$uri")"
  authorities=$(trusted)
  curl ${authorities:+--cacert "$authorities"} --fail --silent --show-error --location --retry 4 --retry-connrefused --connect-timeout 10 \
    --speed-limit 1000 --speed-time 30 --output "$archive" "$uri"
  if ! verified "$archive"; then
    say "Go is not installed: found a file with the SHA-256 $(sha256sum "$archive" | cut -d' ' -f1); expected $sha256."
    exit 1
  fi
  # Without a cache it is fetched again the next time, and no more.
  if [[ -n $cache ]] && mkdir -p "$cache/toolchain" 2>/dev/null && kept=$(mktemp "$cache/toolchain/.new-XXXXXX" 2>/dev/null); then
    rm -f "$cache"/toolchain/go-*
    if ! { cp "$archive" "$kept" && mv "$kept" "$cache/toolchain/go-$version.tar.gz"; } 2>/dev/null; then
      rm -f "$kept"
    fi
  fi
fi

# Go's own tests take time to unpack, and nothing needs them.
tar -xzf "$archive" -C "$directory" --no-same-owner --exclude=go/test
say "Installed Go $version in $SECONDS s"
echo "$directory/go/bin/go"
