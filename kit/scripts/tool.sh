#!/bin/sh
# Runs a tool at the version that a module in tools/ pins, so that tools do not affect the
# dependencies of the programs. It ignores go.work files in parent folders and vendor folders.
#
#   kit/scripts/tool.sh tools oapi-codegen -version
set -eu
export GOWORK=off
program=$(go -C "$(dirname "$0")/../../$1" tool -n "$2")
shift 2
exec "$program" "$@"
