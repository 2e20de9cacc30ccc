#!/bin/sh
# Prints the section of a version in CHANGELOG.md, and fails if it is missing or empty.
#
#   scripts/release-notes.sh v1.2.3 [CHANGELOG.md]
set -eu

version=${1:-}
file=${2:-$(dirname -- "$0")/../CHANGELOG.md}
fail() { echo "release-notes: $*" >&2; exit 1; }

printf '%s\n' "$version" | grep -Eqx 'v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?' ||
  fail "\"$version\" is not a version like v1.2.3"

# A section begins with "## [1.2.3] - 2026-11-25", and ends before the next one or the links at the
# end.
notes=$(awk -v heading="## [${version#v}]" '
  index($0, heading) == 1 && $0 ~ /\] - [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { inside = 1; next }
  /^## / || /^\[[^]]*\]: / { inside = 0 }
  inside' "$file" | sed -e '/./,$!d')
[ -n "$notes" ] || fail "CHANGELOG.md has no section \"## [${version#v}] - YYYY-MM-DD\", or it is empty: move the entries of Unreleased there"
printf '%s\n' "$notes"
