#!/bin/sh
# Opens the documentation pages in headless Chromium: they must draw the contract, violate no Content-Security-Policy, write
# nothing to the console and ask no other host. Leaves pictures of them in bin/docs.
set -eu
cd "$(dirname "$0")/.."

mkdir -p bin/docs
go test -count=1 -tags=browser -run='^TestDocsInABrowser$' ./internal/httpapi -screenshots "$PWD/bin/docs"
echo "docs: pictures are in bin/docs"
