#!/usr/bin/env bash
# Lints the migrations for steps that hold locks for long or that break the previous release. The
# rules are those of squawk, see kit/scripts/squawk, and two more:
#
#   bulk-change              a statement that changes, deletes or locks many rows. To suppress it:
#                              -- bulk-change: the table has one row for each plan that we sell
#   ignored-without-reason   a suppression without a reason. Give one:
#                              -- squawk-ignore ban-drop-column -- contract: nothing has read it since v1.4.0
#
# It first tests the linter on kit/scripts/squawk/catalogue.sql. Needs pip, to install squawk into bin/.
set -euo pipefail
cd "$(dirname "$0")/../.."
. kit/scripts/pip.sh

squawk=bin/squawk/bin/squawk
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# lint FILE: prints the problems of a migration, one per line.
lint() {
  local mode=--assume-in-transaction
  [[ $(head -n 1 "$1") != "-- migrate: no transaction" ]] || mode=--no-assume-in-transaction
  { "$squawk" --config kit/scripts/squawk/squawk.toml $mode --reporter gcc "$1" 2>"$work/errors" || true; } |
    awk -F : -v OFS=: '{ $2++; print }' # squawk counts lines from 0
  if [[ -s $work/errors ]]; then
    cat "$work/errors" >&2
    exit 1
  fi
  own_rules "$1"
}

# own_rules FILE: checks the two rules above on the first word of each statement.
own_rules() {
  # The dots require at least 15 characters; not every awk supports {15}.
  awk -v file="$1" '
    function say(rule, text) { printf "%s:%d:0: warning: %s %s\n", file, NR, rule, text }
    BEGIN { fresh = 1 }
    /squawk-(ignore|disable)/ && !/^ *-- squawk-ignore [a-z, -]*[a-z] -- .............../ {
      say("ignored-without-reason", "Want: -- squawk-ignore RULE -- and the reason why it is safe.")
    }
    /^ *-- bulk-change:/ {
      if ($0 ~ /: .............../) { excused = 1 } else { say("ignored-without-reason", "Want: -- bulk-change: and the reason why it is safe.") }
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
          say("bulk-change", toupper(words[1]) " may lock or lose many rows: run it in batches, outside of migrations.")
        }
        fresh = excused = 0
      }
      if (quotes % 2) quoted = !quoted
    }' "$1"
}

# check_catalogue fails unless the linter reports exactly the expected rules for each case.
check_catalogue() {
  local cases=0 failed=0 expected found file
  awk -v work="$work" '/^-- ## / { n++; file = sprintf("%s/%03d", work, n); print > (file ".case"); next }
    n { print > (file ".sql") }' kit/scripts/squawk/catalogue.sql
  for file in "$work"/*.case; do
    expected=$(sed 's/^-- ## //; s/ |.*//; s/^good$//' "$file" | tr ' ' '\n' | sed '/^$/d' | sort -u)
    found=$(lint "${file%.case}.sql" | sed -n 's/.*: \(warning\|error\): \([a-z-]*\).*/\2/p' | sort -u)
    if [[ $expected != "$found" ]]; then
      echo "kit/scripts/squawk/catalogue.sql: $(cat "$file")" >&2
      echo "  the linter reports: ${found//$'\n'/ }" >&2
      failed=1
    fi
    cases=$((cases + 1))
  done
  ((cases > 0 && !failed)) || { echo "check-migrations: the linter does not work as expected" >&2; exit 1; }
  echo "the linter passes $cases cases of its catalogue"
}

need_pip check-migrations
pip_install kit/scripts/squawk
check_catalogue
found=$(for file in db/migrations/*.up.sql; do lint "$file"; done)
if [[ -n $found ]]; then
  printf '%s\n' "$found"
  echo "check-migrations: see https://squawkhq.com/docs/rules and \"Migrations\" in docs/operations.md" >&2
  exit 1
fi
echo "migrations: $(find db/migrations -name '*.up.sql' | wc -l) checked"
