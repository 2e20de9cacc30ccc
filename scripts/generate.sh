#!/bin/sh
# Writes gen/ anew, in a copy of the checkout first: gen/ changes as a whole or not at all, and what nothing generates
# any more goes away.
#
#   scripts/generate.sh          replace gen/
#   scripts/generate.sh api      only what comes from contracts; or db, what comes from db/
#   scripts/generate.sh --check  change nothing; fail if gen/ is stale or holds what was not generated
set -eu
cd "$(dirname "$0")/.."
export GOWORK=off # one in a folder above is not for the copy

case ${1:-} in
api) from="./api/... ./internal/..." kept= ;;
db) from=./db/... kept= ;;
*) from=./... kept=--exclude=./gen ;;
esac

foreign=$(find gen -type f ! -name .DS_Store -exec grep -EL '^(//|#) Code generated .* DO NOT EDIT\.$' {} +)
if [ -n "$foreign" ]; then
  echo "gen/ is for generated files only, and these lack the line 'Code generated ... DO NOT EDIT.':" >&2
  echo "$foreign" | sed 's/^/  /' >&2
  echo "Move them out of gen/." >&2
  exit 1
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM
# Without what other programs may be writing just now, and unless a part stays, without gen/.
# shellcheck disable=SC2086 # none, or one word
tar -cf - --exclude=./.git --exclude=./.data --exclude=./bin $kept --exclude=./e2e --exclude=./vendor --exclude=node_modules . |
  tar -xf - -C "$copy"
mkdir -p "$copy/gen"
# shellcheck disable=SC2086 # a list
(cd "$copy" && go generate $from)

if diff -r -q -x .DS_Store gen "$copy/gen" >/dev/null; then
  echo "gen/ is fresh"
elif [ "${1:-}" = --check ]; then
  # Without the embedded contract, which nobody can read.
  diff -r -u -x .DS_Store gen "$copy/gen" | grep -v '^[-+ ]	"' | cut -c 1-160 | head -n 60 >&2 || true
  echo "gen/ is not what its sources generate: run 'make generate' and commit the result." >&2
  exit 1
else
  rm -rf gen
  cp -R "$copy/gen" gen
  echo "gen/ was written anew"
fi
