#!/bin/sh
# Tests the documentation pages in headless Chromium: they must render the contract, violate no
# Content-Security-Policy, log nothing to the console and send no requests to other hosts. Saves
# screenshots in bin/docs.
set -eu
cd "$(dirname "$0")/.."

mkdir -p bin/docs
go test -count=1 -tags=browser -run='^TestDocsInABrowser$' ./internal/apitest -screenshots "$PWD/bin/docs"
echo "docs: screenshots are in bin/docs"
