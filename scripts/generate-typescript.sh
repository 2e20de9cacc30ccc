#!/bin/sh
# Generates clients/typescript/src/gen from the contract. Needs Node.js.
#
#   scripts/generate-typescript.sh          replace it
#   scripts/generate-typescript.sh --check  change nothing; fail if it is stale
set -eu
cd "$(dirname "$0")/.."

gen=clients/typescript/src/gen
make --silent node_modules

copy=$(mktemp -d "$(dirname $gen)/.gen.XXXXXX") # beside the original, because it imports hand-written modules
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' HUP INT TERM
log=$(OUTPUT=$PWD/$copy npm --workspace=tools/openapi-ts --loglevel=error run generate) || { echo "$log" >&2; exit 1; }

if diff -r -q $gen "$copy" >/dev/null; then
  echo "$gen is up to date"
elif [ "${1:-}" = --check ]; then
  diff -r -u $gen "$copy" | cut -c 1-160 | head -n 30 >&2 || true
  echo "$gen is out of date: run 'make generate' and commit the result." >&2
  exit 1
else
  rm -rf $gen
  cp -R "$copy" $gen
  echo "regenerated $gen"
fi
