#!/bin/sh
# Starts the API and the reference app, which calls it from another origin. When one ends, or with Ctrl-C, both do.
set -eu
cd "$(dirname "$0")/.."

go build -buildvcs=false -o bin/ ./cmd/dev
export VITE_API_URL="http://127.0.0.1:${PORT:-8000}"
pids=
# shellcheck disable=SC2086 # a list
trap 'kill $pids 2>/dev/null || true; wait' EXIT
trap 'exit 130' HUP INT TERM

bin/dev &
pids=$!
(cd examples/web && exec node_modules/.bin/vite --clearScreen false) &
pids="$pids $!"
alive() { for pid in $pids; do kill -0 "$pid" 2>/dev/null || return 1; done; }
while alive; do sleep 1; done
