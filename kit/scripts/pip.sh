#!/bin/sh
# Sourced by scripts that run programs from PyPI.

# need_pip CHECK: exits the script without pip; in CI with a failure.
need_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return
  echo "$1: NOT run, pip is not installed; CI runs it" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
}

# pip_install FOLDER: installs the pinned FOLDER/requirements.txt into the folder of that name in
# bin, unless it is up to date.
pip_install() {
  programs=bin/$(basename "$1")
  if ! cmp -s "$1/requirements.txt" "$programs/requirements.txt"; then
    rm -rf "$programs"
    PIP_ROOT_USER_ACTION=ignore python3 -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
      --target "$programs" -r "$1/requirements.txt"
    cp "$1/requirements.txt" "$programs/"
  fi
}
