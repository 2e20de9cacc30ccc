#!/bin/sh
# Runs every fuzz target for FUZZTIME (30s), one at a time, because Go fuzzes only one per run. Go
# writes failing inputs to testdata/fuzz beside the test, which replays them from then on.
# Minimizing an input may take a minute by default; 100 tries suffice. Then sends thousands of
# requests generated from the contract, with a new seed each day.
set -eu
cd "$(dirname "$0")/../.."

grep -r --include='*_test.go' '^func Fuzz' internal cmd kit | sed 's/:func / /; s/(.*//' | while read -r file target; do
  echo "--- $target ($file)"
  (cd "$(dirname "$file")" && go test -run='^$' -fuzz="^$target\$" -fuzztime="${FUZZTIME:-30s}" -fuzzminimizetime=100x . </dev/null)
done

seed=$(date +%Y%m%d)
echo "--- TestContractProperties (seed $seed)"
go test -count=1 -run='^TestContractProperties$' ./internal/httpapi -property.seed="$seed" -property.requests=3000
