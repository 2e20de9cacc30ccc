#!/bin/sh
# Starts the API and the example app, which calls it from another origin. Both stop on Ctrl-C or
# when one exits.
#
#   PORT=8001 WEB_PORT=5174 scripts/web.sh
set -eu
cd "$(dirname "$0")/.."

go build -buildvcs=false -o bin/ ./cmd/dev
port=$(bin/dev config | sed -n 's/^PORT=\([0-9]*\).*/\1/p') # from the environment or .env
[ -n "$port" ] || { bin/dev config; exit 1; }
export VITE_API_URL="http://127.0.0.1:$port"
# In development the API allows an app on port 5173 by default.
[ -z "${WEB_PORT:-}" ] || export CORS_ORIGINS="http://localhost:$WEB_PORT"
pids=
# shellcheck disable=SC2086 # a list
trap 'kill $pids 2>/dev/null || true; wait' EXIT
trap 'exit 0' HUP INT TERM

bin/dev &
pids=$!
(cd examples/web && exec ../../node_modules/.bin/vite --clearScreen false --port "${WEB_PORT:-5173}") &
pids="$pids $!"
alive() { for pid in $pids; do kill -0 "$pid" 2>/dev/null || return 1; done; }
while alive; do sleep 1; done
echo "web: one of the programs exited, stopping the other" >&2
exit 1
