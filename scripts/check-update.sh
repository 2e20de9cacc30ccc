#!/bin/sh
# Tests `make update`: makes a copy of this commit, develops it as a team would, and updates it to later versions, which are
# commits in a clone of this repository. Uncommitted changes are not tested.
#
#   scripts/check-update.sh
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work" "/var/cache/plinth$work" "/dev/shm/updated-pgtest-$(id -u)" /var/cache/plinth/updated-pgtest' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work" # as root, the database server runs as another user
export GOWORK=off GIT_AUTHOR_NAME=Team GIT_AUTHOR_EMAIL=team@example.com GIT_COMMITTER_NAME=Team GIT_COMMITTER_EMAIL=team@example.com
unset DATABASE_URL

fail() { echo "check-update: $*" >&2; exit 1; }
step() { echo "check-update: $*"; }
commit() { git add --all && git commit --quiet --message "$1"; }
has() { grep -qF -- "$2" "$1" || fail "$1 lacks: $2"; }
update() { make --no-print-directory update "FROM=$work/starter" "$@" >"$work/log" 2>&1; }
migrate() { make --no-print-directory migrate "ARGS=$1" >"$work/log" 2>&1; }
on_main() { git switch --quiet main && [ -z "$(git status --porcelain)" ] && [ "$(git rev-parse HEAD)" = "$1" ]; }

# replace FILE TEXT NEW: replaces a text that occurs in one line.
replace() {
  awk -v text="$2" -v new="$3" 'BEGIN { FS = RS = "\034" } { at = index($0, text) } !at { exit 1 }
    { printf "%s%s%s", substr($0, 1, at - 1), new, substr($0, at + length(text)) }' "$1" >"$work/replaced" ||
    fail "$1 lacks: $2"
  cat "$work/replaced" >"$1"
}

# builds TESTED-PACKAGES: completes an update, as it says, and tests the result.
builds() {
  make --no-print-directory generate >"$work/log" 2>&1 || { cat "$work/log"; fail "make generate after an update"; }
  [ -z "$(git status --porcelain)" ] || commit "Generate"
  go build -buildvcs=false ./... && go vet ./... || fail "the updated copy does not build"
  go mod tidy -diff || fail "go.mod is not tidy"
  make --no-print-directory check-kit >/dev/null || fail "check-kit"
  # shellcheck disable=SC2086 # a list
  go test -vet=off $1
}

git clone --quiet . "$work/starter"
cd "$work/starter"
git switch --quiet --force-create main

step "a copy, and what its team does"
make --no-print-directory new "DIR=$work/updated" MODULE=github.com/acme/updated WITHOUT=web,typescript,kubernetes >"$work/log" 2>&1 ||
  { cat "$work/log"; fail "make new"; }
cd "$work/updated"
git branch --move main
migrate up || { cat "$work/log"; fail "migrate up"; }
cat >db/migrations/20980101000000_create_notes.up.sql <<'SQL'
-- Notes belong to users.
CREATE TABLE notes (
    id text COLLATE "C" PRIMARY KEY,
    user_id text COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX notes_user_id_idx ON notes (user_id);
SQL
echo 'DROP TABLE notes;' >db/migrations/20980101000000_create_notes.down.sql
cat >db/queries/notes.sql <<'SQL'
-- name: CountNotes :one
SELECT count(*) FROM notes
WHERE user_id = @user_id;
SQL
replace README.md '## License' '## Notes

Users have notes.

## License'
replace api/openapi.yaml 'description: Public keys with' 'description: The public keys with'
replace internal/httpapi/server.go '// Dependencies are required.' '// Dependencies are required, for notes too.'
replace internal/app/app.go 'package app' '// Notes are stored in PostgreSQL.
package app'
replace Makefile '.DEFAULT_GOAL' 'NOTES ?= 10
.DEFAULT_GOAL'
kit/scripts/generate.sh >/dev/null
go build -buildvcs=false ./...
commit "Add notes"
team=$(git rev-parse HEAD)
migrate up || { cat "$work/log"; fail "migrate up"; }

step "conflicts, an abort, and the same update again"
cd "$work/starter"
cat >db/migrations/20970101000000_later.up.sql <<'SQL'
-- Later versions store more.
CREATE TABLE later (id text COLLATE "C" PRIMARY KEY);
SQL
echo 'DROP TABLE later;' >db/migrations/20970101000000_later.down.sql
replace README.md '## Quick start' 'Later.

## Quick start'
replace api/openapi.yaml 'description: Register, log in, renew tokens.' 'description: Register, log in and renew tokens.'
replace internal/httpapi/server.go '// Dependencies are required.' '// Dependencies are all required.'
replace internal/app/app.go 'func Run(' '// Later.
func Run('
replace Makefile 'clean: ##' 'later:
	@echo later
clean: ##'
replace CHANGELOG.md '## [Unreleased]' '## [Unreleased]

- Breaking: later'
echo '// Package later is of the kit.
package later' >kit/later.go && mkdir kit/later && mv kit/later.go kit/later/
kit/scripts/generate.sh >/dev/null
commit "Later"
first=$(git rev-parse HEAD)
cd "$work/updated"
! update || fail "the conflict in server.go was not told"
has "$work/log" internal/httpapi/server.go
has "$work/log" "Breaking: later"
has "$work/log" 20970101000000_later.up.sql
has internal/httpapi/server.go '<<<<<<<'
[ "$(git diff --name-only --diff-filter=U)" = internal/httpapi/server.go ] || fail "other files are in conflict: $(git status --short)"
git cherry-pick --abort
on_main "$team" || fail "the abort did not restore the project"
! update || fail "the second time there was no conflict"
git checkout --quiet --ours internal/httpapi/server.go
git add --all
git cherry-pick --continue >/dev/null 2>&1
for edit in "README.md=Users have notes." "README.md=Later." "Makefile=NOTES ?= 10" "Makefile=later:" "internal/app/app.go=// Notes" \
  "internal/app/app.go=// Later." "api/openapi.yaml=Register, log in and renew" "api/openapi.yaml=The public keys" \
  "internal/httpapi/server.go=for notes too"; do
  has "${edit%%=*}" "${edit#*=}"
done
[ -f kit/later/later.go ] || fail "the kit was not updated"
builds "./internal/httpapi ./internal/pgstore"
! migrate up || fail "a migration that is older than an applied one was not told"
has "$work/log" allow-out-of-order
migrate "up --allow-out-of-order" || { cat "$work/log"; fail "migrate up --allow-out-of-order"; }
has "$work/log" 20970101000000
git switch --quiet main && git merge --quiet --ff-only "scaffold/$(echo "$first" | cut -c1-12)"

step "without a change, and a part dropped"
merged=$(git rev-parse HEAD)
update || { cat "$work/log"; fail "the update that changes nothing"; }
has "$work/log" already
on_main "$merged" || fail "an update without changes changed something"
cd "$work/starter"
replace README.md 'Later.' 'Later still.'
commit "Later still"
cd "$work/updated"
update DROP=audit || { cat "$work/log"; fail "make update DROP=audit"; }
[ ! -e internal/domain/audit_events.go ] || fail "audit was not dropped"
has README.md "Later still."
builds "./internal/httpapi ./internal/pgstore ./internal/domain ./internal/config ./cmd/admin"
migrate up || { cat "$work/log"; fail "migrate up on a database that has the audit log"; }

step "input that is refused"
for input in "FROM=$work" "FROM=$work/none" "FROM=$work/starter@none" "FROM=$work/updated" "ADD=nothing" "DROP=nothing"; do
  before=$(git rev-parse HEAD)
  ! update "$input" || fail "make update $input succeeded"
  [ "$(git rev-parse HEAD)" = "$before" ] && [ -z "$(git status --porcelain)" ] || fail "make update $input changed something"
done
echo "check-update: copies take later versions, with conflicts where both sides have changed a line"
