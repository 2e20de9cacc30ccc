#!/bin/sh
# Fails if the contract breaks clients of an earlier version: the git revision in CONTRACT_BASE,
# else the latest tag, else the merge base with main, and on main the previous commit.
#
# An intended break needs a line in CHANGELOG.md, added since that revision, with the method, the
# path and the text of the finding. The script prints these lines ready to paste.
set -eu
cd "$(dirname "$0")/.."

. scripts/contract-base.sh

base=$(base_revision)
if [ -z "$base" ]; then
  echo "contract: there is no earlier version yet, so nothing was compared"
  exit 0
fi
before=$(base_contract "$base")
if [ -z "$before" ]; then
  if [ -n "${CONTRACT_BASE:-}" ]; then
    echo "contract: CONTRACT_BASE=$base has no contract" >&2
    exit 1
  fi
  echo "contract: $base has no contract yet, so nothing was compared"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git show "$base:CHANGELOG.md" >"$work/old" 2>/dev/null || true
echo >>"$work/old" # grep -f needs a pattern
grep -vxF -f "$work/old" CHANGELOG.md >"$work/allowed" 2>/dev/null || true

# Converts findings to the text of allowed breaks.
words() { sed -n 's/^error .*, in \(API \)\{0,1\}\(.*\) \[[a-z0-9-]*\]\..*$/\2/p'; }

# Enums in responses are extensible (x-extensible-enum): an added value breaks no client, a removed
# one breaks clients that expect it.
cat >"$work/severities" <<'END'
response-property-enum-value-added info
response-mediatype-enum-value-added info
response-property-enum-value-removed err
response-mediatype-enum-value-removed err
END
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
stricter_roles | while read -r change; do
  grep -qF "$change" "$work/allowed" || echo "$change"
done >"$work/roles"

if breaking >"$work/report" && [ ! -s "$work/roles" ]; then
  echo "contract: no unannounced breaking change since $base"
  exit 0
fi
cat "$work/report" >&2
echo "The contract breaks clients of $base. If this is intended, add these lines and the reason to CHANGELOG.md:" >&2
{ breaking --format singleline | words; cat "$work/roles"; } | sed 's/^/  - Breaking: /' >&2
exit 1
