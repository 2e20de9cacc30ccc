#!/bin/sh
# Drives the reference app and the documentation pages in a real browser, against a real API on another origin. Needs
# Node.js and a Chromium; as root on Debian and its kin it installs the browser. Pictures go to e2e/screenshots.
#
#   scripts/e2e.sh [argument of Playwright ...]
set -eu
cd "$(dirname "$0")/.."

find_chromium() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return
  done
  return 1
}

if [ -z "${CHROMIUM:-}" ]; then
  if ! CHROMIUM=$(find_chromium) && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null
  fi
  CHROMIUM=$(find_chromium) || { echo "there is no Chromium in PATH: install one, or name it in CHROMIUM" >&2; exit 1; }
fi
export CHROMIUM

make --silent clients/typescript/node_modules examples/web/node_modules e2e/node_modules
(cd examples/web && node_modules/.bin/tsc)
cd e2e
node_modules/.bin/tsc
exec node_modules/.bin/playwright test "$@"
