#!/usr/bin/env bash
# Prints and builds the parts of a release.
#
#   kit/scripts/release.sh notes v1.2.3 [CHANGELOG.md]
#   kit/scripts/release.sh files NAME v1.2.3 [linux/amd64 linux/arm64]
#   kit/scripts/release.sh check NAME
#
# notes   prints the section of a version in CHANGELOG.md, and fails if it is missing or empty.
# files   builds the files of a release in bin/release: an archive of the programs per platform, an
#         SBOM (CycloneDX) per program, and the checksums.
# check   tests both: builds are reproducible in any folder and by any user, the SBOMs are complete,
#         and the notes of a version are found, or missed if there are none.
#
# Builds are reproducible for the same commit and Go version. NAME is the first part of the names of
# the files.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; } # macOS
programs=(server worker migrate admin)
out=bin/release

fail() { echo "release: $*" >&2; exit 1; }

# --- The notes ---

# notes VERSION [CHANGELOG.md]
notes() {
  local version=$1 file=${2:-CHANGELOG.md} found
  printf '%s\n' "$version" | grep -Eqx 'v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?' ||
    fail "\"$version\" is not a version like v1.2.3"
  # A section begins with "## [1.2.3] - 2026-11-25", and ends before the next one or the links at
  # the end.
  found=$(awk -v heading="## [${version#v}]" '
    index($0, heading) == 1 && $0 ~ /\] - [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { inside = 1; next }
    /^## / || /^\[[^]]*\]: / { inside = 0 }
    inside' "$file" | sed -e '/./,$!d')
  [[ -n $found ]] ||
    fail "CHANGELOG.md has no section \"## [${version#v}] - YYYY-MM-DD\", or it is empty: move the entries of Unreleased there"
  printf '%s\n' "$found"
}

# --- The files ---

# files NAME VERSION [PLATFORM...]
files() {
  local name=$1_$2 version=$2 platform folder program
  shift 2
  (($#)) || set -- linux/amd64 linux/arm64
  rm -rf "$out"
  mkdir -p "$out"
  for platform; do
    folder=$out/${name}_${platform/\//_}
    GOOS=${platform%/*} GOARCH=${platform#*/} make --no-print-directory build VERSION="$version" OUT="$folder"
    cp LICENSE "$folder/"
    tar -C "$out" -czf "$folder.tar.gz" "$(basename "$folder")"
  done
  # The modules are read from the program of the first platform; platforms differ in few of them.
  for program in "${programs[@]}"; do
    kit/scripts/tool.sh tools cyclonedx-gomod bin -json -std -version "$version" \
      -output "$out/${name}_$program.cdx.json" "$out/${name}_${1/\//_}/$program"
  done
  (cd "$out" && sha256sum -- *.tar.gz *.cdx.json >SHA256SUMS)
  cat "$out/SHA256SUMS"
}

# --- The check ---

check_notes() {
  local none
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
  [[ $(notes v1.10.0 "$work/CHANGELOG.md") == $'### Added\n\n- Something.' ]] || fail "the notes of v1.10.0"
  for none in v1.2.0 v1.1.0 v1.1 v1.10.01 1.10.0 v2.0.0 Unreleased ''; do
    ! (notes "$none" "$work/CHANGELOG.md") >/dev/null 2>&1 || fail "there are notes for \"$none\""
  done
}

# build FOLDER: copies the sources into a folder and builds them there, with another HOME.
build() {
  mkdir -p "$1"
  git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh |
    tar -cf - --null -T - | tar -xf - -C "$1"
  env GOCACHE="$(go env GOCACHE)" GOMODCACHE="$(go env GOMODCACHE)" GOFLAGS="$(go env GOFLAGS)" HOME="$1" \
    make --no-print-directory -C "$1" build VERSION="$version" >"$work/log" 2>&1 || { cat "$work/log"; fail "the build in $1"; }
}

# The two builds share the build cache except for what depends on the folder, which takes seconds.
# The release workflow compares its programs with those of the image, which compiles everything.
check_builds() {
  local program
  build "$work/here"
  build "$work/another/place with a space"
  for program in "${programs[@]}"; do
    cmp "$work/here/bin/$program" "$work/another/place with a space/bin/$program" || fail "two builds of $program differ"
    ! grep -aqF "$work" "$work/here/bin/$program" || fail "$program contains the builder's path"
  done
  [[ $("$work/here/bin/server" version) == "$version" ]] || fail "the server does not print its version"
}

# normal: prints the build command of the Makefile or the Dockerfile without its intended
# differences.
normal() {
  tr -s '\\\n ' ' ' | grep -o 'CGO_ENABLED=0.*go build -trimpath.*\./cmd/admin' |
    sed 's/GO[A-Z]*=\$TARGET[A-Z]* //g; s|-o [^ ]*|-o OUT|; s/"//g'
}

check_image() {
  local in_make in_docker
  in_make=$(make --no-print-directory -n build VERSION='$$VERSION' | normal)
  in_docker=$(normal <Dockerfile)
  [[ -n $in_make && $in_make == "$in_docker" ]] || fail "make build and the Dockerfile differ:"$'\n'"  $in_make"$'\n'"  $in_docker"
  grep -qF " golang:$(cat .go-version)-alpine@sha256:" Dockerfile || fail "the Dockerfile's Go version is not that of .go-version"
}

# modules PROGRAM: prints the modules of a program and their versions, without those that are folders
# of this repository, such as kit.
modules() {
  go version -m "$1" | awk '
    $1 == "=>" && $2 ~ /^\./ { module = "" }
    module { print module }
    { module = $1 == "dep" ? $2 " " $3 : "" }
    END { if (module) print module }'
}

# check_files NAME: compares the files with the build of check_builds.
check_files() {
  local name=$1_$version platform program module module_version sbom
  platform=$(go env GOOS)/$(go env GOARCH)
  kit/scripts/release.sh files "$1" "$version" "$platform" >"$work/log" 2>&1 || { cat "$work/log"; fail "the files of a release"; }
  (cd "$out" && sha256sum --quiet -c SHA256SUMS) || fail "the checksums"
  tar -xOf "$out/${name}_${platform/\//_}.tar.gz" "${name}_${platform/\//_}/server" | cmp - "$work/here/bin/server" ||
    fail "the released server differs from the build"
  for program in "${programs[@]}"; do
    sbom=$out/${name}_$program.cdx.json
    while read -r module module_version; do
      grep -qF "\"purl\": \"pkg:golang/$module@$module_version?" "$sbom" || fail "$sbom lacks $module $module_version"
    done < <(modules "$work/here/bin/$program")
  done
}

# check NAME
check() {
  version=v0.0.0-check
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  check_notes
  check_builds
  check_image
  check_files "$1"
  echo "release: builds are reproducible; notes, checksums and SBOMs are correct"
}

case $#,${1:-} in
[2-9],notes | [2-9],check | [3-9],files) "$@" ;;
*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
