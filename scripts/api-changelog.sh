#!/bin/sh
# Prints what changed in api/openapi.yaml for its consumers, in Markdown, since an earlier version: the git revision in
# CONTRACT_BASE, else the latest tag, else where this branch left main, and on main the commit before.
set -eu
cd "$(dirname "$0")/.."
contract=api/openapi.yaml
. scripts/contract-base.sh

base=$(base_revision)
if [ -z "$base" ] || ! git cat-file -e "$base:$contract" 2>/dev/null; then
  echo "There is no earlier contract to compare with; name a revision in CONTRACT_BASE." >&2
  exit 1
fi
oasdiff changelog --format markdown "$base:$contract" "$contract"
