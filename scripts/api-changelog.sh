#!/bin/sh
# Prints the changes of the contract in Markdown since an earlier version: the git revision in
# CONTRACT_BASE, else the latest tag, else the merge base with main, and on main the previous
# commit.
set -eu
cd "$(dirname "$0")/.."
. scripts/contract-base.sh

base=$(base_revision)
before=$([ -z "$base" ] || base_contract "$base")
if [ -z "$before" ]; then
  echo "There is no earlier contract to compare with; set CONTRACT_BASE to a revision." >&2
  exit 1
fi
oasdiff changelog --format markdown "$before" "$contract"
