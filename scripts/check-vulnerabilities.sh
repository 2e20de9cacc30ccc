#!/bin/sh
# Fails when the programs call code with a known vulnerability. The list of those is online: where it cannot be reached,
# that is said, and nothing fails. GOVULNDB names a mirror.
set -eu
cd "$(dirname "$0")/.."

if output=$(go tool -modfile=tools/go.mod govulncheck -db "${GOVULNDB:-https://vuln.go.dev}" ./... 2>&1); then
  echo "$output"
  exit 0
fi
case $output in
*"fetching vulnerabilities"*)
  echo "govulncheck: not run, no vulnerability database reachable"
  ;;
*)
  echo "$output" >&2
  exit 1
  ;;
esac
