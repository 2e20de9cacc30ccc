#!/bin/sh
# Proves that this project can become someone else's: makes a copy under another name with `make new`, looks for what
# stayed of ours, checks that its generated code is fresh, runs its tests, starts it and makes an authenticated call.
set -eu
cd "$(dirname "$0")/.."

# Hyphens, a digit and a version, so that the name differs from the path. Nobody's data is called like that.
module=github.com/acme/quick-zebra2/v3
title=QuickZebra2
slug=quickzebra2

work=$(mktemp -d)
pid=
cleanup() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  # What the copy keeps between runs: see kit/testdb/slots.go and kit/devdb/cache.go.
  rm -rf "$work" "/dev/shm/$slug-pgtest-$(id -u)" "/var/cache/plinth/$slug-pgtest" "/var/cache/plinth$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work" # as root, the database server runs as another user
GOCACHE=$(go env GOCACHE)
XDG_CACHE_HOME=$work/cache
export GOCACHE XDG_CACHE_HOME

fail() { echo "check-new: $*" >&2; exit 1; }
new() { make --no-print-directory new "DIR=$1" "MODULE=$2" >"$work/new.log" 2>&1; }

new "$work/copy" $module || { cat "$work/new.log"; fail "make new"; }
new "$work/copy" github.com/acme/other && fail "a folder that is not empty was written to"
new bin/copy github.com/acme/other && fail "the copy was made inside of its source"
new "$work/other" other && fail "a module path without a host was taken"

# --- What it left in the copy ---

source=$PWD
cd "$work/copy"
# kit/ is the same in all copies, and its module path has the name of the starter.
leftovers=$({ grep -rilE --exclude-dir=kit '(^|[^m]/|[^/])plinth|plinth($|[^/])|plinth/([^k]|k[^i])|tools/scaffold|make new|check-new|scaffold:(begin|end)' . &&
  find . -path ./kit -prune -o -iname '*plinth*' -print; } || true)
[ -z "$leftovers" ] || fail "these still speak of the starter: $leftovers"
leftovers=$(grep -rlE --exclude-dir=kit --exclude-dir=adr --exclude=security.md '(^|[^a-z])lab/|make (faults|bench|bench-scale|timing)\b|(faults|performance)\.md' . || true)
[ -z "$leftovers" ] || fail "these name what a copy lacks: $leftovers"
for private in .git .env .data bin; do
  [ ! -e $private ] || fail "$private came along"
done
for script in scripts/*.sh .ci/run; do
  [ -x "$script" ] || [ ! -x "$source/$script" ] || fail "$script lost its executable bit"
done
diff -r "$source/kit" kit || fail "kit/ was changed"
grep -q "^module $module\$" go.mod || fail "the module path"
grep -q "title: $title API" api/openapi.yaml || fail "the contract's title"
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || fail "not formatted: $unformatted"

# --- What it can do ---

scripts/generate.sh --check
! command -v npm >/dev/null || scripts/generate-typescript.sh --check
make --no-print-directory test

unset DATABASE_URL
go build -buildvcs=false -o bin/ ./cmd/dev ./cmd/server
HOST=127.0.0.1 PORT=0 bin/dev >"$work/dev.log" 2>&1 &
pid=$!
for _ in $(seq 120); do
  ! grep -q 'Stop with Ctrl-C' "$work/dev.log" || break
  kill -0 $pid 2>/dev/null || { cat "$work/dev.log"; fail "the copy did not start"; }
  sleep 0.5
done
grep -q "$title is running" "$work/dev.log" || { cat "$work/dev.log"; fail "the copy did not say that it is running"; }
port=$(sed -n 's|^ *API *http://127.0.0.1:\([0-9]*\).*|\1|p' "$work/dev.log")
PORT=$port bin/dev exec bin/server healthcheck || fail "the copy does not answer"
if command -v curl >/dev/null; then
  # The commands that it prints for trying it out.
  sed -n '/Try it:/,/Stop with/{//!p}' "$work/dev.log" >"$work/try.sh"
  sh -eu "$work/try.sh" | grep '"email":"ada-' >/dev/null || fail "the printed commands do not work: $(cat "$work/try.sh")"
  curl -fsS --noproxy '*' "http://127.0.0.1:$port/api/openapi.json" | grep "$title API" >/dev/null || fail "the contract that it serves"
fi
kill $pid
wait $pid || fail "the copy did not stop in good order"
pid=
echo "check-new: a copy under another name is free of ours, builds, passes its tests and serves"
