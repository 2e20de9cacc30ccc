#!/usr/bin/env bash
# Looks for steps in the migrations that lock others out for long, or that the release before does not survive. The rules
# are squawk's, see tools/squawk, and two of ours:
#
#   bulk-change              a statement that changes, deletes or locks many rows. If it does not:
#                              -- bulk-change: the table has one row for each plan that we sell
#   ignored-without-reason   a rule is broken on purpose, without a word on why that does no harm. Say it like this:
#                              -- squawk-ignore ban-drop-column -- contract: nothing has read it since v1.4.0
#
# First it looks at tools/squawk/catalogue.sql, of which the answers are known. Needs pip, to install squawk into bin/.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/pip.sh

squawk=bin/squawk/bin/squawk
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# lint FILE: prints the problems of a migration, one a line.
lint() {
  local mode=--assume-in-transaction
  [[ $(head -n 1 "$1") != "-- migrate: no transaction" ]] || mode=--no-assume-in-transaction
  { "$squawk" --config tools/squawk/squawk.toml $mode --reporter gcc "$1" 2>"$work/errors" || true; } |
    awk -F : -v OFS=: '{ $2++; print }' # it counts from 0
  if [[ -s $work/errors ]]; then
    cat "$work/errors" >&2
    exit 1
  fi
  own_rules "$1"
}

# own_rules FILE: splits it into statements, well enough to see how each begins.
own_rules() {
  # The dots are the shortest reason: not every awk can count.
  awk -v file="$1" '
    function say(rule, text) { printf "%s:%d:0: warning: %s %s\n", file, NR, rule, text }
    BEGIN { fresh = 1 }
    /squawk-(ignore|disable)/ && !/^ *-- squawk-ignore [a-z, -]*[a-z] -- .............../ {
      say("ignored-without-reason", "Want: -- squawk-ignore RULE -- and why it does no harm.")
    }
    /^ *-- bulk-change:/ {
      if ($0 ~ /: .............../) { excused = 1 } else { say("ignored-without-reason", "Want: -- bulk-change: and why it is none.") }
    }
    {
      line = $0
      sub(/--.*/, "", line)
      quotes = gsub(/\$[A-Za-z_]*\$/, "&", line)
      count = quoted ? 0 : split(line, parts, ";")
      for (i = 1; i <= count; i++) {
        if (i > 1) fresh = 1
        if (!fresh || parts[i] !~ /[^ \t]/) continue
        split(parts[i], words, " ")
        if (toupper(words[1]) ~ /^(UPDATE|DELETE|MERGE|TRUNCATE|LOCK|CLUSTER|VACUUM)$/ && !excused) {
          say("bulk-change", toupper(words[1]) " may lock or lose many rows at once: do it in batches, outside of migrations.")
        }
        fresh = excused = 0
      }
      if (quotes % 2) quoted = !quoted
    }' "$1"
}

# check_catalogue fails if a rule is silent where it should speak, or the other way round.
check_catalogue() {
  local cases=0 failed=0 expected found file
  awk -v work="$work" '/^-- ## / { n++; file = sprintf("%s/%03d", work, n); print > (file ".case"); next }
    n { print > (file ".sql") }' tools/squawk/catalogue.sql
  for file in "$work"/*.case; do
    expected=$(sed 's/^-- ## //; s/ |.*//; s/^good$//' "$file" | tr ' ' '\n' | sed '/^$/d' | sort -u)
    found=$(lint "${file%.case}.sql" | sed -n 's/.*: \(warning\|error\): \([a-z-]*\).*/\2/p' | sort -u)
    if [[ $expected != "$found" ]]; then
      echo "tools/squawk/catalogue.sql: $(cat "$file")" >&2
      echo "  the linter says: ${found//$'\n'/ }" >&2
      failed=1
    fi
    cases=$((cases + 1))
  done
  ((cases > 0 && !failed)) || { echo "check-migrations: the linter is not as expected" >&2; exit 1; }
  echo "the linter knows $cases migrations of its catalogue"
}

need_pip check-migrations
pip_install squawk
check_catalogue
found=$(for file in db/migrations/*.up.sql; do lint "$file"; done)
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  echo "check-migrations: see https://squawkhq.com/docs/rules and \"Migrations\" in docs/operations.md" >&2
  exit 1
fi
echo "migrations: $(find db/migrations -name '*.up.sql' | wc -l) checked"
