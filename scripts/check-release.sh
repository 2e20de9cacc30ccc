#!/usr/bin/env bash
# Tests releases: builds are reproducible in any folder and by any user, the SBOMs are complete, and
# the notes of a version are found, or missed if there are none.
#
# The two builds share the build cache except for what depends on the folder, which takes seconds.
# The release workflow compares its programs with those of the image, which compiles everything.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; } # macOS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { printf 'check-release: %s\n' "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }
version=v0.0.0-check

# --- The notes ---

cat >"$work/CHANGELOG.md" <<'END'
## [Unreleased]

## [1.10.0] - 2026-11-25

### Added

- Something.

## [1.2.0] - 2026-01-01

## [1.1.0]

- A section without a date.

[1.10.0]: https://example.com/compare
END
[[ $(scripts/release-notes.sh v1.10.0 "$work/CHANGELOG.md") == $'### Added\n\n- Something.' ]] || fail "the notes of v1.10.0"
for none in v1.2.0 v1.1.0 v1.1 v1.10.01 1.10.0 v2.0.0 Unreleased ''; do
  ! scripts/release-notes.sh "$none" "$work/CHANGELOG.md" >/dev/null 2>&1 || fail "there are notes for \"$none\""
done

# --- The programs ---

caches=(GOCACHE="$(go env GOCACHE)" GOMODCACHE="$(go env GOMODCACHE)")

# build FOLDER: copies the sources into a folder and builds them there, with another HOME.
build() {
  mkdir -p "$1"
  git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
    tar -cf - --null -T - | tar -xf - -C "$1"
  env "${caches[@]}" HOME="$1" make --no-print-directory -C "$1" build VERSION=$version >"$work/log" 2>&1 ||
    { cat "$work/log"; fail "the build in $1"; }
}
build "$work/here"
build "$work/another/place with a space"
for program in server migrate admin; do
  cmp "$work/here/bin/$program" "$work/another/place with a space/bin/$program" || fail "two builds of $program differ"
  ! grep -aqF "$work" "$work/here/bin/$program" || fail "$program contains the builder's path"
done
[[ $("$work/here/bin/server" version) == "$version" ]] || fail "the server does not print its version"

# normal: prints the build command of the Makefile or the Dockerfile without its intended
# differences.
normal() {
  tr -s '\\\n ' ' ' | grep -o 'CGO_ENABLED=0.*go build -trimpath.*\./cmd/admin' |
    sed 's/GO[A-Z]*=\$TARGET[A-Z]* //g; s|-o [^ ]*|-o OUT|; s/"//g'
}
in_make=$(make --no-print-directory -n build VERSION='$$VERSION' | normal)
in_docker=$(normal <Dockerfile)
[[ -n $in_make && $in_make == "$in_docker" ]] || fail "make build and the Dockerfile differ:"$'\n'"  $in_make"$'\n'"  $in_docker"
grep -qF " golang:$(cat .go-version)-alpine@sha256:" Dockerfile || fail "the Dockerfile's Go version is not that of .go-version"

# --- The files of a release ---

platform=$(go env GOOS)/$(go env GOARCH)
scripts/release-files.sh $version "$platform" >"$work/log" 2>&1 || { cat "$work/log"; fail "scripts/release-files.sh"; }
(cd bin/release && sha256sum --quiet -c SHA256SUMS) || fail "the checksums"
name=plinth_$version
tar -xOf "bin/release/${name}_${platform/\//_}.tar.gz" "${name}_${platform/\//_}/server" | cmp - "$work/here/bin/server" ||
  fail "the released server differs from the build"
for program in server migrate admin; do
  sbom=bin/release/${name}_$program.cdx.json
  while read -r module module_version; do
    grep -qF "\"purl\": \"pkg:golang/$module@$module_version?" "$sbom" || fail "$sbom lacks $module $module_version"
  done < <(go version -m "$work/here/bin/$program" | awk '$1 == "dep" { print $2, $3 }')
done
say "builds are reproducible; notes, checksums and SBOMs are correct"
