#!/bin/sh
# Tests the service behind PgBouncer in transaction mode: see internal/app/pgbouncer_test.go. Needs
# pgbouncer.
set -eu
cd "$(dirname "$0")/.."

PATH=$PATH:/usr/sbin # Debian installs it there
command -v pgbouncer >/dev/null || { echo "check-pooler: pgbouncer is not installed" >&2; exit 1; }
pgbouncer --version | head -n 1
go test -count=1 -tags=pgbouncer -run='PgBouncer' ./internal/app
