#!/bin/sh
# Tests the example app and the documentation pages in a browser, against an API on another origin.
# Needs Node.js and Chromium; as root on Debian it installs Chromium. Screenshots are saved in
# e2e/screenshots. With LIGHTHOUSE=1 it measures the app instead.
#
#   scripts/e2e.sh [PLAYWRIGHT ARGUMENTS...]
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
  CHROMIUM=$(find_chromium) || { echo "Chromium is not in PATH: install it, or set CHROMIUM" >&2; exit 1; }
fi
export CHROMIUM

make --silent clients/typescript/dist
PATH=$PWD/node_modules/.bin:$PATH
tsc -p examples/web
cd e2e
tsc
exec playwright test "$@"
