#!/bin/sh
# Runs every fuzz target for FUZZTIME (30s), one after the other: Go fuzzes one at a time. What it finds is written to
# testdata/fuzz beside the test, and is from then on part of the test. Go would spend up to a minute on making each input
# that covers something new smaller; a hundred tries are enough. After that, thousands of requests that are derived
# from the contract, from another seed each day.
set -eu
cd "$(dirname "$0")/.."

grep -r --include='*_test.go' '^func Fuzz' internal cmd kit | sed 's/:func / /; s/(.*//' | while read -r file target; do
  echo "--- $target ($file)"
  (cd "$(dirname "$file")" && go test -run='^$' -fuzz="^$target\$" -fuzztime="${FUZZTIME:-30s}" -fuzzminimizetime=100x . </dev/null)
done

seed=$(date +%Y%m%d)
echo "--- TestContractProperties (seed $seed)"
go test -count=1 -run='^TestContractProperties$' ./internal/httpapi -property.seed="$seed" -property.requests=3000
