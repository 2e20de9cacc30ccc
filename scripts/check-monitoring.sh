#!/bin/sh
# Has promtool, which comes with Prometheus, check the rules and the configuration in deploy/prometheus, and play the
# alerts through. That every query asks for a metric that there is, the tests of internal/app check.
set -eu
cd "$(dirname "$0")/../deploy/prometheus"

if ! command -v promtool >/dev/null; then
  echo "promtool: not run, it is not installed"
  exit 0
fi
promtool check config prometheus.yaml
promtool test rules rules_test.yaml
