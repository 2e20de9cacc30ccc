#!/bin/sh
# Generates clients/typescript/src/gen from the contract and dist from src. Both are committed, so
# that installing the package needs no build. Needs Node.js.
#
#   scripts/generate-typescript.sh          replace both
#   scripts/generate-typescript.sh --check  change nothing; fail if either is stale
set -eu
cd "$(dirname "$0")/.."

package=$PWD/clients/typescript
make --silent tools/openapi-ts/node_modules clients/typescript/node_modules

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM
cp -R "$package/src" "$package"/package.json "$package"/tsconfig*.json "$copy"
rm -rf "$copy/src/gen"
ln -s "$package/node_modules" "$copy/node_modules"
OUTPUT=$copy/src/gen npm --prefix tools/openapi-ts --loglevel=error run generate >"$copy/log" || { cat "$copy/log" >&2; exit 1; }
"$package/node_modules/.bin/tsc" -p "$copy/tsconfig.build.json"

stale=
for folder in src/gen dist; do
  diff -r -q "$package/$folder" "$copy/$folder" >/dev/null || stale="$stale $folder"
done
if [ -z "$stale" ]; then
  echo "clients/typescript is up to date"
elif [ "${1:-}" = --check ]; then
  for folder in $stale; do
    diff -r -u "$package/$folder" "$copy/$folder" | cut -c 1-160 | head -n 30 >&2 || true
  done
  echo "clients/typescript:$stale out of date: run 'make generate' and commit the result." >&2
  exit 1
else
  for folder in $stale; do
    rm -rf "${package:?}/$folder"
    cp -R "$copy/$folder" "$package/$folder"
  done
  echo "clients/typescript:$stale regenerated"
fi
