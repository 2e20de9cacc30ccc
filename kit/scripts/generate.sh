#!/bin/sh
# Regenerates the folders of generated code and the generated documents, in a copy of the checkout
# first: a failed run changes nothing, and files that are no longer generated are removed.
#
#   kit/scripts/generate.sh          replace them
#   kit/scripts/generate.sh api      only from contracts and settings
#   kit/scripts/generate.sh db       only from db/
#   kit/scripts/generate.sh --check  change nothing; fail if they are stale or a folder has other files
set -eu
cd "$(dirname "$0")/../.."
export GOWORK=off # a go.work in a parent folder does not include the copy
documents=".env.example README.md docs/settings.md" # generated below a heading or between markers

keep=yes folders=gen
case ${1:-} in
api) from="./api/... ./internal/..." ;;
db) from=./db/... ;;
*) from=./... keep= ;;
esac
# A project created from the starter does not regenerate kit/, and has no lab/.
[ -n "$keep" ] || [ -e .scaffold.json ] || folders="gen kit/internal/gen lab/types/gen"

# shellcheck disable=SC2086 # a list
foreign=$(find $folders -type f ! -name .DS_Store -exec grep -EL '^(//|#) Code generated .* DO NOT EDIT\.$' {} +)
if [ -n "$foreign" ]; then
  echo "$folders must contain only generated files. These lack the line 'Code generated ... DO NOT EDIT.':" >&2
  echo "$foreign" | sed 's/^/  /' >&2
  exit 1
fi

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM
# Excludes files that other programs may be writing.
tar -cf - --exclude=./.git --exclude=./.data --exclude=./bin --exclude=./e2e --exclude=./vendor --exclude=node_modules . |
  tar -xf - -C "$copy"
for folder in $folders; do
  [ -n "$keep" ] || rm -rf "${copy:?}/$folder"
  mkdir -p "$copy/$folder"
done
[ "$folders" = gen ] || go generate -C "$copy/kit" ./...
# shellcheck disable=SC2086 # a list
go generate -C "$copy" $from

stale=
for path in $folders $documents; do
  diff -r -q -x .DS_Store "$path" "$copy/$path" >/dev/null || stale="$stale $path"
done

if [ -z "$stale" ]; then
  echo "all generated files are up to date"
elif [ "${1:-}" = --check ]; then
  for path in $stale; do
    # Hides the embedded contract, which is compressed.
    diff -r -u -x .DS_Store "$path" "$copy/$path" | grep -v '^[-+ ]	"' | cut -c 1-160 | head -n 60 >&2 || true
  done
  echo "out of date:$stale. Run 'make generate' and commit the result." >&2
  exit 1
else
  for path in $stale; do
    rm -rf "$path"
    cp -R "$copy/$path" "$path"
    echo "regenerated $path"
  done
fi
