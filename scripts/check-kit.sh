#!/bin/sh
# Fails if kit/ is not what the starter has: edits of it would conflict with each update.
#
#   scripts/check-kit.sh          compare
#   scripts/check-kit.sh --eject  take kit/ over for good
set -eu
cd "$(dirname "$0")/.."
record=.scaffold.json
[ -f $record ] || { echo "kit: this is the starter itself"; exit 0; }

if [ "${1:-}" = --eject ]; then
  sed 's/^\(  "kit": \)"[^"]*"/\1"ejected"/' $record >$record.new && mv $record.new $record
  echo "kit/ belongs to this project from now on. Updates still merge into it, with conflicts where you have changed it."
  exit 0
fi
recorded=$(sed -n 's/^  "kit": "\(.*\)"$/\1/p' $record)
[ "$recorded" != ejected ] || { echo "kit: it belongs to this project"; exit 0; }
found=$(find kit -type f ! -name .DS_Store | LC_ALL=C sort | git hash-object --no-filters --stdin-paths | git hash-object --stdin)
[ "$found" != "$recorded" ] || { echo "kit: it is as the starter has it"; exit 0; }
cat >&2 <<'END'
kit/ has been changed. It is shared with the starter, so that `make update` can replace it:
  - restore it: git log --oneline -- kit, then git checkout REVISION -- kit
  - make the change in the starter, and run make update FROM=...
  - or take it over for good: make eject-kit
END
exit 1
