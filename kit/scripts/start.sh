#!/bin/sh
# Migrates the database, then runs the server: for hosts without containers, such as a systemd unit
# or a Procfile. If several replicas start at once, run `migrate up` as a separate job before.
#
#   make build && kit/scripts/start.sh
#
# BIN_DIR is the folder of the programs, by default bin of the project; settings come from the
# environment.
set -eu

bin_dir=${BIN_DIR:-$(dirname -- "$0")/../../bin}
for program in migrate server; do
  if [ ! -x "$bin_dir/$program" ]; then
    echo "start.sh: $bin_dir/$program is missing: run 'make build', or set BIN_DIR" >&2
    exit 1
  fi
done

"$bin_dir/migrate" up
# exec, so that SIGTERM reaches the server instead of the shell.
exec "$bin_dir/server" "$@"
