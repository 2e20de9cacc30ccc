#!/bin/sh
# Checks that this machine can develop the project, and prints fixes. Fails if `make run` or `make
# test` would.
set -u
cd "$(dirname "$0")/../.." || exit 1

failed=0
good() { printf '  ok       %s\n' "$1"; }
note() { printf '  note     %s\n           %s\n' "$1" "$2"; }
fail() { printf '  PROBLEM  %s\n           %s\n' "$1" "$2"; failed=1; }
has() { command -v "$1" >/dev/null 2>&1; }

# older A B: reports whether version A is older than version B.
older() {
  [ "$1" != "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$1" ]
}

check_go() {
  wanted=$(sed -n 's/^go //p' go.mod)
  if ! has go; then
    fail "Go $wanted is not installed, or not in PATH" "https://go.dev/doc/install"
    return
  fi
  found=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')
  if ! older "$found" "$wanted"; then
    good "Go $found"
  elif older "$found" 1.21 || [ "$(cd / && go env GOTOOLCHAIN)" = local ]; then
    fail "Go $found is older than $wanted" "https://go.dev/doc/install"
  else
    note "Go $found is older than $wanted" "It downloads the newer version on first use."
  fi
}

check_tool() {
  if has "$1"; then good "$1"; else fail "$1 is not installed" "$2"; fi
}

# The same folders as usualFolders in kit/devdb/binaries.go.
find_postgres() {
  for folder in "${POSTGRES_BIN:-}" "$(dirname "$(command -v postgres || echo /none)")" \
    "$(pg_config --bindir 2>/dev/null || echo /none)" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
    /usr/lib/postgresql*/bin /usr/libexec/postgresql* /opt/homebrew/opt/postgresql*/bin \
    /usr/local/opt/postgresql*/bin /home/linuxbrew/.linuxbrew/opt/postgresql*/bin \
    /Applications/Postgres.app/Contents/Versions/*/bin /Library/PostgreSQL/*/bin /opt/local/lib/postgresql*/bin \
    /usr/local/pgsql/bin; do
    if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then
      echo "$folder"
      return
    fi
  done
}

check_postgres() {
  if [ -n "${DATABASE_URL:-}" ]; then
    good "PostgreSQL: DATABASE_URL is set, so no server is started"
    return
  fi
  if [ -n "${POSTGRES_BIN:-}" ] && [ ! -x "$POSTGRES_BIN/postgres" ]; then
    fail "POSTGRES_BIN=$POSTGRES_BIN does not contain postgres" "Set it to the folder of initdb and postgres, or unset it to search."
    return
  fi
  folder=$(find_postgres)
  if [ -n "$folder" ]; then
    good "PostgreSQL in $folder"
  else
    note "PostgreSQL is not installed" "It is downloaded on first use; or install version 15 or newer."
  fi
}

# No portable command checks a port; most machines have one of these.
port_answers() {
  if has bash; then
    bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null
  elif has nc; then
    nc -z 127.0.0.1 "$1" 2>/dev/null
  else
    return 1
  fi
}

check_port() {
  port=${PORT:-}
  if [ -z "$port" ] && [ -f .env ]; then port=$(sed -n "s/^PORT=['\"]*\([0-9]*\).*/\1/p" .env | tail -n 1); fi
  port=${port:-8000}
  if port_answers "$port"; then
    fail "port $port is in use" "Stop the program that listens there (lsof -i :$port), or choose another port: PORT=8001 make run"
  else
    good "port $port is free"
  fi
}

# check_folder FOLDER WHAT FIX: checks that FOLDER, or its closest existing parent, is writable.
check_folder() {
  parent=$1
  while [ ! -e "$parent" ]; do parent=$(dirname "$parent"); done
  if [ -d "$parent" ] && [ -w "$parent" ] && [ -x "$parent" ]; then
    good "$2 is writable: $1"
  else
    fail "$2 is not writable: $1 ($(id -un 2>/dev/null || id -u) cannot write to $parent)" "$3"
  fi
}

# check_space FOLDER WHAT MB: checks the free space at FOLDER or its closest existing parent.
check_space() {
  parent=$1
  while [ ! -e "$parent" ]; do parent=$(dirname "$parent"); done
  free=$(df -Pk "$parent" 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "${free:-$3}" -ge "$3" ]; then
    good "$2 has enough space: ${free:-?} MB free"
  else
    fail "$2 has $free MB free in $parent, needs about $3 MB" "Free some space on that disk."
  fi
}

echo "Required"
case $(uname -s) in
Linux | Darwin) good "$(uname -s) $(uname -m)" ;;
*) note "no database can be started on $(uname -s)" "Set DATABASE_URL and TEST_DATABASE_URL, or use WSL 2." ;;
esac
check_go
check_tool git "Install it with your system's package manager."
check_tool make "Install it with your system's package manager; on macOS: xcode-select --install"
check_postgres
check_port
ours="Change its owner with chown -R, or use your own clone."
check_folder "$PWD/.data" "the folder of the development database" "$ours"
check_folder "$PWD/bin" "the folder of built programs" "$ours"
check_space "$PWD/.data" "the folder of the development database" 300
if has go; then
  check_folder "$(go env GOCACHE)" "Go's build cache" "Change its owner, or use another folder: export GOCACHE=..."
  check_space "$(go env GOCACHE)" "Go's build cache" 3000
  check_folder "$(go env GOMODCACHE)" "Go's module cache" "Change its owner, or use another folder: export GOMODCACHE=..."
fi

echo "Optional"
if has cc || has gcc || has clang; then
  good "a C compiler, for the race detector in make verify"
else
  note "no C compiler" "make verify needs one for the race detector; make run and make test do not."
fi
if python3 -m pip --version >/dev/null 2>&1; then
  good "pip, for the linter of migrations in make verify"
else
  note "no pip" "make verify skips what needs it, such as the linter of migrations; CI runs it."
fi
if [ ! -d lab ]; then
  :
elif has javac && has mvn; then
  good "a JDK and Maven, for generated clients in make verify"
else
  note "no JDK or no Maven" "make verify skips generated clients; CI checks them."
fi
if [ ! -f package.json ]; then
  :
elif has npm; then
  good "Node.js, for make mock, and for clients and apps in TypeScript"
else
  note "no Node.js" "clients and apps in TypeScript need it; make verify skips them, CI checks them."
fi
if has chromium || has chromium-browser || has google-chrome || has google-chrome-stable ||
  [ -d "/Applications/Google Chrome.app" ]; then
  good "a Chromium, for tests in a browser"
else
  note "no Chromium" "Only tests in a browser need one."
fi
if has redis-server; then
  good "redis-server, for the tests of rate limits"
else
  note "no redis-server" "The tests of rate limits use only a fake; in CI they fail."
fi
if [ ! -d lab ]; then
  :
elif (PATH=$PATH:/usr/sbin; has pgbouncer); then
  good "PgBouncer, for make check-pooler"
else
  note "no PgBouncer" "Only make check-pooler needs it."
fi
if [ ! -d lab ]; then
  :
elif (PATH=$PATH:/usr/sbin; has nginx); then
  good "nginx, for make faults"
else
  note "no nginx" "Only make faults needs it."
fi
if [ ! -d deploy/prometheus ]; then
  :
elif has promtool; then
  good "promtool, for the alert rules in make verify"
else
  note "no promtool" "make verify skips the alert rules; CI checks them."
fi
if { has docker && docker info >/dev/null 2>&1; } || { has podman && podman info >/dev/null 2>&1; }; then
  good "a container engine, for make image"
elif has docker || has podman; then
  note "a container client, but no running engine" "Only make image needs one: start its service, or Docker Desktop."
else
  note "no container engine" "Only make image needs one: docker, or podman with DOCKER=podman."
fi
if has shellcheck; then
  good "shellcheck"
else
  note "no shellcheck" "make verify checks only the syntax of scripts."
fi

[ $failed -eq 0 ] && echo "All is well: make run"
exit $failed
