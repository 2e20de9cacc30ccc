#!/bin/sh
# Checks the configuration and rules in deploy/prometheus and runs the tests of the alerts, with
# promtool of Prometheus. The tests of internal/app check that queried metrics exist.
set -eu
cd "$(dirname "$0")/../deploy/prometheus"

if ! command -v promtool >/dev/null; then
  echo "promtool: NOT run, it is not installed"
  exit 0
fi
promtool check config prometheus.yaml
promtool test rules rules_test.yaml
