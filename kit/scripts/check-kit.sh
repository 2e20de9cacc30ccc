#!/bin/sh
# Fails if kit/ differs from the starter's: local edits would conflict with updates.
#
#   kit/scripts/check-kit.sh          compare
#   kit/scripts/check-kit.sh --eject  stop sharing kit/ with the starter
set -eu
cd "$(dirname "$0")/../.."
record=.scaffold.json
[ -f $record ] || { echo "kit: not checked, this is the starter"; exit 0; }

if [ "${1:-}" = --eject ]; then
  sed 's/^\(  "kit": \)"[^"]*"/\1"ejected"/' $record >$record.new && mv $record.new $record
  echo "kit/ now belongs to this project. Updates still merge into it and may conflict with your changes."
  exit 0
fi
recorded=$(sed -n 's/^  "kit": "\(.*\)"$/\1/p' $record)
[ "$recorded" != ejected ] || { echo "kit: not checked, it belongs to this project"; exit 0; }
found=$(find kit -type f ! -name .DS_Store | LC_ALL=C sort | git hash-object --no-filters --stdin-paths | git hash-object --stdin)
[ "$found" != "$recorded" ] || { echo "kit: unchanged"; exit 0; }
cat >&2 <<'END'
kit/ has been changed. It is shared with the starter, so that `make update` can replace it. Either:
  - restore it: git log --oneline -- kit, then git checkout REVISION -- kit
  - make the change in the starter, and run make update FROM=...
  - or stop sharing it: make eject-kit
END
exit 1
