#!/bin/sh
# Prints what changed in the contract for its consumers, in Markdown, since an earlier version: the git revision in
# CONTRACT_BASE, else the latest tag, else where this branch left main, and on main the commit before.
set -eu
cd "$(dirname "$0")/.."
. scripts/contract-base.sh

base=$(base_revision)
before=$([ -z "$base" ] || base_contract "$base")
if [ -z "$before" ]; then
  echo "There is no earlier contract to compare with; name a revision in CONTRACT_BASE." >&2
  exit 1
fi
oasdiff changelog --format markdown "$before" "$contract"
