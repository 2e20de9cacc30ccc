#!/bin/sh
# Sourced by scripts that run programs from PyPI.

# need_pip CHECK: exits the script without pip; in CI with a failure.
need_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return
  echo "$1: NOT run, pip is not installed; CI runs it" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
}

# pip_install TOOL: installs the pinned tools/TOOL/requirements.txt into bin/TOOL, unless it is up to date.
pip_install() {
  if ! cmp -s "tools/$1/requirements.txt" "bin/$1/requirements.txt"; then
    rm -rf "bin/$1"
    PIP_ROOT_USER_ACTION=ignore python3 -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
      --target "bin/$1" -r "tools/$1/requirements.txt"
    cp "tools/$1/requirements.txt" "bin/$1/"
  fi
}
