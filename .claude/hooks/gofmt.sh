#!/bin/sh
# Formats a Go file after an edit. The hook's input is JSON on standard input.
set -eu
file=$(sed -n 's/.*"file_path"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' | head -n 1)
case $file in
*/gen/* | gen/*) echo "gen/ is generated: change api/ or db/ and run 'make generate'" >&2; exit 2 ;;
*.go) [ ! -f "$file" ] || gofmt -w "$file" ;;
esac
