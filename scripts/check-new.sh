#!/bin/sh
# Tests `make new`: makes copies under other names and without slices, searches them for remains of
# the starter, builds and tests them, starts them and makes an authenticated call.
#
#   scripts/check-new.sh            a full copy, and one without slices
#   scripts/check-new.sh COPY ...   full, small, keyword (as a name), or a slice: one without it; also lints them
#   scripts/check-new.sh --all      all of these
set -eu
cd "$(dirname "$0")/.."
source=$PWD
started=$(date +%s)

work=$(mktemp -d)
pid=
slugs=
cleanup() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  # Files that copies cache between runs: see kit/testdb/slots.go and kit/devdb/cache.go.
  for slug in $slugs; do rm -rf "/dev/shm/$slug-pgtest-$(id -u)" "/var/cache/plinth/$slug-pgtest"; done
  rm -rf "$work" "/var/cache/plinth$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work" # as root, the database server runs as another user
GOCACHE=$(go env GOCACHE)
XDG_CACHE_HOME=$work/cache
export GOCACHE XDG_CACHE_HOME

fail() { echo "check-new: $*" >&2; exit 1; }
new() { make --no-print-directory new "$@" >"$work/new.log" 2>&1; }

# copy FOLDER MODULE TITLE [SLICES]: makes a copy without the slices, enters it and checks its
# files.
copy() {
  cd "$source"
  new "DIR=$work/$1" "MODULE=$2" "WITHOUT=${4:-}" || { cat "$work/new.log"; fail "make new MODULE=$2 WITHOUT=${4:-}"; }
  cd "$work/$1"
  title=$3 slug=$(echo "$3" | tr '[:upper:]' '[:lower:]')
  slugs="$slugs $slug"
  # kit/ is identical in all copies and keeps the starter's module path; the record and the first
  # decision name the starter.
  leftovers=$({ grep -rilE --exclude-dir=kit --exclude-dir=.git --exclude=.scaffold.json --exclude=update.sh --exclude=0001-started-from-plinth.md \
    '(^|[^m]/|[^/])plinth|plinth($|[^/])|plinth/([^k]|k[^i])|tools/scaffold|make new|check-new|scaffold:(begin|end|only)' . ;
    find . \( -path ./kit -o -path ./.git \) -prune -o -iname '*plinth*' ! -name 0001-started-from-plinth.md -print; } || true)
  [ -z "$leftovers" ] || fail "in the copy without \"${4:-}\", these mention the starter: $leftovers"
  leftovers=$(grep -rlE --exclude-dir=kit --exclude-dir=.git \
    '(^|[^a-z])lab/|make (faults|bench|bench-scale|timing)\b|(faults|performance)\.md|adr/00[0-9][02-9]|adr/00[1-9]1' . || true)
  [ -z "$leftovers" ] || fail "in the copy without \"${4:-}\", these mention missing parts: $leftovers"
  for private in .env .data bin; do
    [ ! -e $private ] || fail "$private was copied"
  done
  [ -z "$(git status --porcelain)" ] || fail "the first commit is incomplete"
  diff -r "$source/kit" kit || fail "kit/ was changed"
  make --no-print-directory check-kit >/dev/null || fail "check-kit"
  grep -q "^module $2\$" go.mod || fail "the module path"
  grep -q "title: $title API" api/openapi.yaml || fail "the contract's title"
  unformatted=$(gofmt -l .)
  [ -z "$unformatted" ] || fail "not formatted: $unformatted"
  kit/scripts/generate.sh --check
  go build -buildvcs=false ./... && go vet ./... || fail "the copy without \"${4:-}\" does not build"
}

# boot: starts the copy and runs the commands that it prints, including an authenticated call.
boot() {
  unset DATABASE_URL
  go build -buildvcs=false -o bin/ ./cmd/dev ./cmd/server
  HOST=127.0.0.1 PORT=0 bin/dev >"$work/dev.log" 2>&1 &
  pid=$!
  for _ in $(seq 240); do
    ! grep -q 'Stop with Ctrl-C' "$work/dev.log" || break
    kill -0 $pid 2>/dev/null || { cat "$work/dev.log"; fail "the copy did not start"; }
    sleep 0.5
  done
  grep -q "$title is running" "$work/dev.log" || { cat "$work/dev.log"; fail "the copy did not print that it is running"; }
  port=$(sed -n 's|^ *API *http://127.0.0.1:\([0-9]*\).*|\1|p' "$work/dev.log")
  PORT=$port bin/dev exec bin/server healthcheck || fail "the copy does not respond"
  if command -v curl >/dev/null; then
    sed -n '/Try it:/,/Stop with/{//!p}' "$work/dev.log" >"$work/try.sh"
    sh -eu "$work/try.sh" | grep '"email":"ada-' >/dev/null || fail "the printed commands do not work: $(cat "$work/try.sh")"
    curl -fsS --noproxy '*' "http://127.0.0.1:$port/api/openapi.json" | grep "$title API" >/dev/null || fail "the copy does not serve its contract"
  fi
  kill $pid
  wait $pid || fail "the copy did not shut down cleanly"
  pid=
}

# prove NAME: makes and tests a copy of a kind.
prove() {
  case $1 in
  full) # its name differs from the path by hyphens, a digit and a version
    copy full github.com/acme/quick-zebra2/v3 QuickZebra2
    for script in scripts/*.sh .ci/run; do
      [ -x "$script" ] || [ ! -x "$source/$script" ] || fail "$script lost its executable bit"
    done
    ! command -v npm >/dev/null || scripts/generate-typescript.sh --check
    ;;
  small) copy "small one" gitlab.example.org/Team_X/my-api.v2 MyApiV2 all ;;
  keyword) copy func github.com/acme/func FuncApp ;;
  *) copy "without-$1" "github.com/acme/no-$1" "No$(camel "$1")" "$1" ;;
  esac
  [ -z "$lint" ] || make --no-print-directory lint
  if [ "$1" = full ]; then make --no-print-directory test; else go test ./...; fi # all have the same kit/
  boot
  rm -rf "${work:?}/$(basename "$PWD")" "/dev/shm/$slug-pgtest-$(id -u)"
}

camel() { echo "$1" | awk -F- '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }'; }

# refused MESSAGE MAKE-ARGUMENTS ...: make new fails with a message and writes nothing.
refused() {
  message=$1
  shift
  cd "$source"
  ! new "$@" || fail "make new $* succeeded"
  grep -q "$message" "$work/new.log" || { cat "$work/new.log"; fail "make new $* does not say: $message"; }
  [ ! -e "$work/other" ] || fail "make new $* left a folder"
}

lint=
# shellcheck disable=SC2046 # a list
case ${1:-} in
"") set -- full small ;;
--all) lint=yes && set -- full small keyword $(sed -n 's/^		Name: "\([a-z-]*\)".*/\1/p' tools/scaffold/internal/slice/table.go) ;;
*) lint=yes ;;
esac
mkdir "$work/taken" && touch "$work/taken/file"
refused "is not empty" "DIR=$work/taken" MODULE=github.com/acme/other
refused "inside of this project" DIR=bin/copy MODULE=github.com/acme/other
refused "does not begin with a host" "DIR=$work/other" MODULE=other
refused "Go has taken this word" "DIR=$work/other" MODULE=github.com/acme/other NAME=func
refused "there is no slice" "DIR=$work/other" MODULE=github.com/acme/other WITHOUT=nothing
refused "not a directory" "DIR=$work/taken/file/other" MODULE=github.com/acme/other
refused "Usage: make new" MODULE=github.com/acme/other
for name in "$@"; do
  prove "$name"
  echo "check-new: $name (after $(($(date +%s) - started)) s)"
done
echo "check-new: copies build, pass their tests, serve requests and do not mention the starter"
