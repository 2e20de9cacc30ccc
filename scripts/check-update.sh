#!/bin/sh
# Tests `make update`: makes a copy of an earlier version, develops it as a team would, and updates it to this commit and to later
# ones, which are made in a clone of this repository. Uncommitted changes are not tested.
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

# resolve EDIT ...: resolves all conflicts in favor of the starter, and makes those edits of the team again that were in conflict.
# Others must have merged. An edit is a shell function that is called after its file: see below.
resolve() {
  for file in $(git diff --name-only --diff-filter=U); do
    case " $team_files " in *" $file "*) ;; *) cat "$work/log"; fail "$file is in conflict, which the team has not edited" ;; esac
    git checkout --quiet --theirs -- "$file"
    edit "$file"
    step "  resolved: $file"
  done
  git add --all
  git cherry-pick --continue >/dev/null 2>&1 || fail "git cherry-pick --continue"
}

# edit FILE: what the team has changed in a file of the starter.
team_files="README.md Makefile api/openapi.yaml internal/app/app.go internal/app/services.go internal/domain/store.go internal/httpapi/server.go"
edit() {
  case $1 in
  README.md) replace "$1" '## License' '## Notes

Users have notes.

## License' ;;
  Makefile) replace "$1" '.DEFAULT_GOAL' 'NOTES ?= 10
.DEFAULT_GOAL' ;;
  api/openapi.yaml)
    replace "$1" 'description: Public keys with' 'description: The public keys with'
    replace "$1" '  /api/v1/users/me/deletion:' "$(cat "$notes/paths.yaml")

  /api/v1/users/me/deletion:" ;;
  internal/app/app.go) replace "$1" 'package app' '// Notes are stored in PostgreSQL.
package app' ;;
  internal/app/services.go) replace "$1" 'domain.NewKeyService(keys, time.Now),' 'domain.NewKeyService(keys, time.Now),
		Notes: domain.NewNoteService(store),' ;;
  internal/domain/store.go)
    replace "$1" '*KeyService' '*KeyService
	Notes *NoteService'
    replace "$1" '	SessionStore' '	SessionStore
	NoteStore' ;;
  internal/httpapi/server.go) replace "$1" '// Dependencies are required.' '// Dependencies are required, for notes too.' ;;
  esac
}

notes=$PWD/tools/scaffold/testdata/notes
# The first version whose copies have all commands of today.
origin=18270997728f6f9dd2143de9f26d0ee4162ac386
git clone --quiet . "$work/starter"
git -C "$work/starter" worktree add --quiet --detach "$work/origin" $origin || fail "the history lacks $origin: fetch all of it"
cd "$work/starter"
git switch --quiet --force-create main

step "a copy of an earlier version, and what its team does"
make --no-print-directory -C "$work/origin" new "DIR=$work/updated" MODULE=github.com/acme/updated WITHOUT=web,typescript,kubernetes \
  >"$work/log" 2>&1 || { cat "$work/log"; fail "make new"; }
cd "$work/updated"
git branch --move main
migrate up || { cat "$work/log"; fail "migrate up"; }
cp -R "$notes/db" "$notes/internal" .
for file in $team_files; do edit "$file"; done
make --no-print-directory generate >"$work/log" 2>&1 || { cat "$work/log"; fail "make generate"; }
commit "Add notes"
migrate up || { cat "$work/log"; fail "migrate up"; }
has "$work/log" 20980101000000

step "an update of that copy to this version"
update || resolve
for edit in "README.md=Users have notes." "Makefile=NOTES ?= 10" "internal/app/app.go=// Notes" "api/openapi.yaml=The public keys" \
  "api/openapi.yaml=operationId: countNotes" "internal/app/services.go=NewNoteService" "internal/httpapi/server.go=for notes too"; do
  has "${edit%%=*}" "${edit#*=}"
done
! grep -rl '^<<<<<<< ' --exclude-dir=.git --exclude-dir=.data . || fail "conflicts are left"
diff -r "$work/starter/kit" kit >/dev/null || fail "kit/ is not that of this version"
[ -e db/queries/audit_events.sql ] && [ ! -e clients/typescript ] || fail "the slices are others"
gofmt -w internal
builds "./internal/httpapi ./internal/pgstore ./api"
migrate up || migrate "up --allow-out-of-order" || { cat "$work/log"; fail "migrate up"; }
has "$work/log" "the newest"
git switch --quiet main && git merge --quiet --ff-only "scaffold/$(git -C "$work/starter" rev-parse --short=12 HEAD)"

step "conflicts, an abort, and the same update again"
team=$(git rev-parse HEAD)
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

step "a kit that the team has taken over"
git switch --quiet main && git merge --quiet --ff-only "scaffold/$(git -C "$work/starter" rev-parse --short=12 HEAD)"
make --no-print-directory eject-kit >/dev/null
echo "// Ours." >>kit/paging/paging.go
commit "Take over the kit"
cd "$work/starter"
echo "// Theirs." >>kit/paging/cursor.go
commit "Later kit"
cd "$work/updated"
update || { cat "$work/log"; fail "the update of a kit that the team has changed"; }
has kit/paging/paging.go "// Ours."
has kit/paging/cursor.go "// Theirs."
make --no-print-directory check-kit | grep "belongs to this project" >/dev/null || fail "check-kit of a kit that was taken over"

step "input that is refused"
for input in "FROM=$work" "FROM=$work/none" "FROM=$work/starter@none" "FROM=$work/updated" "ADD=nothing" "DROP=nothing"; do
  before=$(git rev-parse HEAD)
  ! update "$input" || fail "make update $input succeeded"
  [ "$(git rev-parse HEAD)" = "$before" ] && [ -z "$(git status --porcelain)" ] || fail "make update $input changed something"
done
echo "check-update: copies take later versions, with conflicts where both sides have changed a line"
