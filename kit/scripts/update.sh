#!/bin/sh
# Merges a later version of the starter into this project, on a new branch.
#
#   kit/scripts/update.sh PATH-OR-URL[@REVISION] [SLICES TO ADD] [SLICES TO DROP]
set -eu
cd "$(dirname "$0")/../.."
from=${1:-} add=${2:-} drop=${3:-}
fail() { echo "update: $*" >&2; exit 1; }

[ -f .scaffold.json ] || fail "there is no .scaffold.json: this project was not created from the starter"
[ -n "$from" ] || from=$(sed -n 's/^ *"source": "\(.*\)",$/\1/p' .scaffold.json)
[ -n "$from" ] || { echo "usage: make update FROM=PATH-OR-URL[@REVISION] [ADD=SLICES] [DROP=SLICES]" >&2; exit 2; }
command -v git >/dev/null || fail "git is not installed"

# The text after the last @ is a revision, unless it is part of an address such as
# git@example.com:acme/starter.git.
revision=HEAD
case ${from##*@} in
"$from" | *:* | */*) ;;
*) revision=${from##*@} from=${from%@*} ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
git clone --quiet --no-checkout "$from" "$work/starter" || fail "$from cannot be cloned"
cd "$work/starter"
commit=$(git rev-parse --verify --quiet "$revision^{commit}" || git rev-parse --verify --quiet "origin/$revision^{commit}") ||
  fail "$from has no revision $revision"
git checkout --quiet --detach "$commit"
[ -d tools/scaffold/internal/update ] || fail "$from at $revision is not the starter, or does not support updates yet"
GOWORK=off go run -C tools/scaffold . update -project "$OLDPWD" -source "$work/starter" -commit "$commit" -add "$add" -drop "$drop"
