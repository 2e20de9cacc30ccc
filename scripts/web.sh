#!/bin/sh
# Starts the API and the reference app, which calls it from another origin. Ctrl-C ends both, and so does the end of one.
#
#   PORT=8001 WEB_PORT=5174 scripts/web.sh
set -eu
cd "$(dirname "$0")/.."

go build -buildvcs=false -o bin/ ./cmd/dev
port=$(bin/dev config | sed -n 's/^PORT=\([0-9]*\).*/\1/p') # of the environment or .env
[ -n "$port" ] || { bin/dev config; exit 1; }
export VITE_API_URL="http://127.0.0.1:$port"
# The API allows an app on 5173 as it is.
[ -z "${WEB_PORT:-}" ] || export CORS_ORIGINS="http://localhost:$WEB_PORT"
pids=
# shellcheck disable=SC2086 # a list
trap 'kill $pids 2>/dev/null || true; wait' EXIT
trap 'exit 0' HUP INT TERM

bin/dev &
pids=$!
(cd examples/web && exec node_modules/.bin/vite --clearScreen false --port "${WEB_PORT:-5173}") &
pids="$pids $!"
alive() { for pid in $pids; do kill -0 "$pid" 2>/dev/null || return 1; done; }
while alive; do sleep 1; done
echo "web: one of the two has ended, and so does the other" >&2
exit 1
