#!/bin/sh
# Starts the API and the example app, which calls it from another origin, and creates demo users.
# A change of the API, its contract or the app needs no restart. Both stop on Ctrl-C or when one
# exits.
#
#   PORT=8001 WEB_PORT=5174 scripts/web.sh
#   VITE_TOKEN_STORAGE=cookie scripts/web.sh    refresh tokens in cookies
set -eu
cd "$(dirname "$0")/.."

port=$(bin/dev config | sed -n 's/^PORT=\([0-9]*\).*/\1/p') # from the environment or .env
[ -n "$port" ] || { bin/dev config; exit 1; }
web_port=${WEB_PORT:-5173}
export VITE_API_URL="http://localhost:$port" # the site of the app, as cookies need
[ "${VITE_TOKEN_STORAGE:-}" != cookie ] || export TOKEN_COOKIES_ENABLED=true
# In development the API allows an app on port 5173 by default.
[ -z "${WEB_PORT:-}" ] || export CORS_ORIGINS="http://localhost:$WEB_PORT"

is_up() { node -e "fetch('$1').then(() => process.exit(0), () => process.exit(1))"; }
for used in "$VITE_API_URL" "http://localhost:$web_port"; do
  ! is_up "$used" || { echo "web: another program uses $used: set PORT or WEB_PORT, or stop it" >&2; exit 1; }
done

pids=
# shellcheck disable=SC2086 # a list
trap 'kill $pids 2>/dev/null || true; wait' EXIT
trap 'exit 0' HUP INT TERM

make --silent dev &
pids=$!
(cd examples/web && exec ../../node_modules/.bin/vite --clearScreen false --logLevel warn --port "$web_port") &
pids="$pids $!"
alive() { for pid in $pids; do kill -0 "$pid" 2>/dev/null || return 1; done; }

until is_up "$VITE_API_URL/health" && is_up "http://localhost:$web_port"; do
  alive || { echo "web: one of the programs could not start; its reason is above" >&2; exit 1; }
  sleep 1
done
users=$(bin/dev exec sh -c 'bin/migrate up >/dev/null && exec bin/admin seed' | sed 's/: .*//')
# The password of cmd/admin, from the examples in the contract.
cat <<END

  App        http://localhost:$web_port
  API        $VITE_API_URL/api/docs
  Sign in    $(echo "$users" | paste -sd ' ' -)
  Password   correct horse battery staple (unless it was changed)

END
while alive; do sleep 1; done
echo "web: one of the programs exited, stopping the other" >&2
exit 1
