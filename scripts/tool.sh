#!/bin/sh
# Runs a program at the version that a module of tools/ pins, so that tools never touch the dependencies of the programs.
# Neither a go.work in a folder above nor a vendor folder is for it.
#
#   scripts/tool.sh tools oapi-codegen -version
set -eu
program=$(GOWORK=off go -C "$(dirname "$0")/../$1" tool -n "$2")
shift 2
exec "$program" "$@"
