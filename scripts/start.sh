#!/bin/sh
# Migrates the database, then becomes the server: for hosts without containers, such as a systemd unit or a Procfile.
# Where several replicas start at once, run `migrate up` as a job of its own before them.
#
#   make build && scripts/start.sh
#
# The programs are taken from BIN_DIR, ./bin of the project by default; settings come from the environment.
set -eu

bin_dir=${BIN_DIR:-$(dirname -- "$0")/../bin}
for program in migrate server; do
  if [ ! -x "$bin_dir/$program" ]; then
    echo "start.sh: $bin_dir/$program is missing: run 'make build', or set BIN_DIR" >&2
    exit 1
  fi
done

"$bin_dir/migrate" up
# exec, so that SIGTERM reaches the server and not a shell that waits for it.
exec "$bin_dir/server" "$@"
