#!/usr/bin/env bash
# Refuses words that this project has replaced with plainer ones. scripts/glossary.tsv
# lists them, with what to write instead: old, a tab, new. A word is found as it is
# written there, case included, and only as a whole: "Asked" is not in "AskedFor".
# CHANGELOG.md may tell of old words. Words that are only refused as names in Go files are in
# scripts/identifiers.tsv.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

glossary=scripts/glossary.tsv
found=0
number=0
while IFS= read -r line || [[ -n $line ]]; do
  number=$((number + 1))
  if [[ -z $line || $line == '#'* ]]; then
    continue
  fi
  old=${line%%$'\t'*} new=${line#*$'\t'}
  if [[ $line != ?*$'\t'?* || $new == *$'\t'* ]]; then
    echo "$glossary:$number: found '$line'; expected a word, a tab, and what to write instead" >&2
    exit 2
  fi
  status=0
  hits=$(git grep -n --untracked -I -w -F -e "$old" -- '*.go' '*.md' '*.sh' 'bin/*' '.ci/*' ':!CHANGELOG.md') || status=$?
  if ((status > 1)); then # 1 is nothing found
    exit 2
  fi
  while IFS=: read -r file at _; do
    if [[ -n $file ]]; then
      echo "$file:$at: found \"$old\"; write $new" >&2
      found=1
    fi
  done <<<"$hits"
done <"$glossary"
go run scripts/identifiers.go || found=1
exit "$found"
