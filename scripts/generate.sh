#!/bin/sh
# Regenerates gen/ and the generated documents, in a copy of the checkout first: gen/ changes as a whole or not at all, and
# files that are no longer generated are removed.
#
#   scripts/generate.sh          replace them
#   scripts/generate.sh api      only what comes from contracts and settings; or db, what comes from db/
#   scripts/generate.sh --check  change nothing; fail if they are stale, or gen/ has other files
set -eu
cd "$(dirname "$0")/.."
export GOWORK=off # one in a folder above is not for the copy
documents=".env.example README.md docs/settings.md" # generated below a head, or between markers

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

stale=
diff -r -q -x .DS_Store gen "$copy/gen" >/dev/null || stale=gen
for document in $documents; do
  cmp -s "$document" "$copy/$document" || stale="$stale $document"
done

if [ -z "$stale" ]; then
  echo "gen/ and the generated documents are fresh"
elif [ "${1:-}" = --check ]; then
  for path in $stale; do
    # Without the embedded contract, which is compressed.
    diff -r -u -x .DS_Store "$path" "$copy/$path" | grep -v '^[-+ ]	"' | cut -c 1-160 | head -n 60 >&2 || true
  done
  echo "not what the sources generate: $stale. Run 'make generate' and commit the result." >&2
  exit 1
else
  for path in $stale; do
    rm -rf "$path"
    cp -R "$copy/$path" "$path"
    echo "regenerated $path"
  done
fi
