#!/bin/sh
# Compares the contract with that of an earlier version: the git revision in CONTRACT_BASE, else the
# latest tag, else the merge base with main, and on main the previous commit.
#
#   kit/scripts/contract.sh check      fail if it breaks clients of that version
#   kit/scripts/contract.sh changelog  print the changes in Markdown
#
# An intended break needs a line in CHANGELOG.md, added since that revision, with the method, the
# path and the text of the finding. The check prints these lines ready to paste.
set -eu
cd "$(dirname "$0")/../.."

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
    kit/scripts/tool.sh tools oasdiff "$@"
  fi
}

# base_revision prints the git revision to compare with, or nothing if there is none.
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

changelog() {
  if [ -z "$before" ]; then
    echo "There is no earlier contract to compare with; set CONTRACT_BASE to a revision." >&2
    exit 1
  fi
  oasdiff changelog --format markdown "$before" "$contract"
}

# has_base reports whether there is a contract to compare with; a CONTRACT_BASE without one is an
# error.
has_base() {
  [ -z "$before" ] || return 0
  if [ -z "$base" ]; then
    echo "contract: there is no earlier version yet, so nothing was compared"
  elif [ -n "${CONTRACT_BASE:-}" ]; then
    echo "contract: CONTRACT_BASE=$base has no contract" >&2
    exit 1
  else
    echo "contract: $base has no contract yet, so nothing was compared"
  fi
  return 1
}

# Converts findings to the text of allowed breaks.
words() { sed -n 's/^error .*, in \(API \)\{0,1\}\(.*\) \[[a-z0-9-]*\]\..*$/\2/p'; }

# Enums in responses are extensible (x-extensible-enum): an added value breaks no client, a removed
# one breaks clients that expect it.
severities='response-property-enum-value-added info
response-mediatype-enum-value-added info
response-property-enum-value-removed err
response-mediatype-enum-value-removed err'

breaking() {
  oasdiff breaking --fail-on ERR --severity-levels "$work/severities" --err-ignore "$work/allowed" "$@" \
    "$before" "$contract"
}

# Compares x-required-role, which oasdiff ignores. Every account has at least the role user; any
# other role excludes some.
stricter_roles() {
  oasdiff diff --format markdown "$before" "$contract" | awk -v quote="'" '
    /^[A-Z]+ \// { operation = $0 }
    /- Modified extension: x-required-role$/ {
      getline # - Modified value from X to Y
      gsub(quote, "`")
      if ($NF != "`user`") print operation " now needs the role " $NF
    }'
}

check() {
  has_base || return 0
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  git show "$base:CHANGELOG.md" >"$work/old" 2>/dev/null || true
  echo >>"$work/old" # grep -f needs a pattern
  grep -vxF -f "$work/old" CHANGELOG.md >"$work/allowed" 2>/dev/null || true
  echo "$severities" >"$work/severities"

  stricter_roles | while read -r change; do
    grep -qF "$change" "$work/allowed" || echo "$change"
  done >"$work/roles"
  if breaking >"$work/report" && [ ! -s "$work/roles" ]; then
    echo "contract: no unannounced breaking change since $base"
    return
  fi
  cat "$work/report" >&2
  echo "The contract breaks clients of $base. If this is intended, add these lines and the reason to CHANGELOG.md:" >&2
  { breaking --format singleline | words; cat "$work/roles"; } | sed 's/^/  - Breaking: /' >&2
  exit 1
}

base=$(base_revision)
before=$([ -z "$base" ] || base_contract "$base")
case ${1:-} in
check | changelog) "$1" ;;
*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
