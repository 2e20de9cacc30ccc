#!/bin/sh
# Prints the coverage of each hand-written package from coverage profiles, and fails if the total is
# below 80 %.
#
#   kit/scripts/check-coverage.sh bin/coverage.out ...
set -eu
minimum=80

# A line of a profile is "file:from,to statements count", one per test binary that includes the
# block.
awk -v minimum="$minimum" '
  FNR > 1 && $1 !~ /\/gen\// {
    statements[$1] = $2
    if ($3 > 0) covered[$1] = 1
  }
  END {
    for (block in statements) {
      package = block
      sub(/\/[^\/]*$/, "", package)
      all[package] += statements[block]
      total += statements[block]
      if (block in covered) { hit[package] += statements[block]; totalHit += statements[block] }
    }
    if (total == 0) { print "coverage: the profile is empty"; exit 1 }
    for (package in all) printf "  %5.1f %%  %s\n", 100 * hit[package] / all[package], package | "sort -k 3"
    close("sort -k 3")
    share = 100 * totalHit / total
    printf "coverage of hand-written code: %.1f %% (at least %d %%)\n", share, minimum
    exit share < minimum
  }' "$@"
