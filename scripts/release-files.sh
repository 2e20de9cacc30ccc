#!/usr/bin/env bash
# Builds the files of a release in bin/release: an archive of the programs per platform, an SBOM
# (CycloneDX) per program, and the checksums. Builds are reproducible for the same commit and Go
# version.
#
#   scripts/release-files.sh v1.2.3 [linux/amd64 linux/arm64]
set -euo pipefail
cd "$(dirname "$0")/.."
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; } # macOS

version=${1:?a version, like v1.2.3}
shift
(($#)) || set -- linux/amd64 linux/arm64
name=plinth_$version
out=bin/release
rm -rf "$out"
mkdir -p "$out"

for platform; do
  folder=$out/${name}_${platform/\//_}
  GOOS=${platform%/*} GOARCH=${platform#*/} make --no-print-directory build VERSION="$version" OUT="$folder"
  cp LICENSE "$folder/"
  tar -C "$out" -czf "$folder.tar.gz" "$(basename "$folder")"
done

# The modules are read from the program of the first platform; platforms differ in few of them.
for program in server migrate admin; do
  scripts/tool.sh tools cyclonedx-gomod bin -json -std -version "$version" \
    -output "$out/${name}_$program.cdx.json" "$out/${name}_${1/\//_}/$program"
done

(cd "$out" && sha256sum -- *.tar.gz *.cdx.json >SHA256SUMS)
cat "$out/SHA256SUMS"
