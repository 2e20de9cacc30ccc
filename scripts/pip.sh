#!/bin/sh
# Sourced by scripts that run a program of PyPI.

# need_pip CHECK: ends the script where there is no pip; in CI that is a failure.
need_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return
  echo "$1: NOT run, pip is not installed; CI does it" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
}

# pip_install TOOL: installs what tools/TOOL/requirements.txt pins into bin/TOOL, unless it is there.
pip_install() {
  if ! cmp -s "tools/$1/requirements.txt" "bin/$1/requirements.txt"; then
    rm -rf "bin/$1"
    PIP_ROOT_USER_ACTION=ignore python3 -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
      --target "bin/$1" -r "tools/$1/requirements.txt"
    cp "tools/$1/requirements.txt" "bin/$1/"
  fi
}
