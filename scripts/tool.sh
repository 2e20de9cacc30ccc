#!/bin/sh
# Runs a program at the version that a module of tools/ pins, so that tools never touch the dependencies of the programs.
# Neither a go.work file in a folder above nor a vendor folder applies to it.
#
#   scripts/tool.sh tools oapi-codegen -version
set -eu
export GOWORK=off
program=$(go -C "$(dirname "$0")/../$1" tool -n "$2")
shift 2
exec "$program" "$@"
