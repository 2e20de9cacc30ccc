#!/bin/sh
# Sourced by scripts that compare contracts.

# The contract in plain OpenAPI, generated from api/openapi.yaml.
contract=gen/apicontract/openapi.yaml

# base_contract prints the contract of a revision as REVISION:FILE, or nothing if it has none. In
# old revisions api/openapi.yaml is plain OpenAPI.
base_contract() {
  for file in "$contract" api/openapi.yaml; do
    if git cat-file -e "$1:$file" 2>/dev/null; then
      echo "$1:$file"
      return
    fi
  done
}

# oasdiff runs the program in OASDIFF, else the pinned one.
oasdiff() {
  if [ -n "${OASDIFF:-}" ]; then
    "$OASDIFF" "$@"
  else
    scripts/tool.sh tools oasdiff "$@"
  fi
}

# base_revision prints the git revision to compare with: CONTRACT_BASE, else the latest tag, else
# the merge base with main, and on main the previous commit; nothing if there is none.
base_revision() {
  if [ -n "${CONTRACT_BASE:-}" ]; then
    echo "$CONTRACT_BASE"
    return
  fi
  git describe --tags --abbrev=0 2>/dev/null && return
  head=$(git rev-parse --verify --quiet HEAD 2>/dev/null) || return 0
  for main in main origin/main; do
    fork=$(git merge-base "$main" HEAD 2>/dev/null) || continue
    if [ "$fork" = "$head" ]; then fork=$(git rev-parse --verify --quiet HEAD~1) || return 0; fi
    git rev-parse --short "$fork"
    return
  done
}
