#!/bin/sh
# Checks the shell scripts: syntax, executable bit, and shellcheck if it is installed.
set -eu
cd "$(dirname "$0")/.."

status=0
set -- scripts/*.sh .ci/run
# scaffold:begin kubernetes
set -- "$@" deploy/kubernetes/*.sh
# scaffold:end kubernetes
# scaffold:begin
set -- "$@" lab/*/*.sh
# scaffold:end
[ ! -d .claude/hooks ] || set -- "$@" .claude/hooks/*.sh
for script; do
  case $(head -n 1 "$script") in
  *bash) bash -n "$script" || status=1 ;;
  *) sh -n "$script" || status=1 ;;
  esac
  if [ ! -x "$script" ]; then
    echo "$script is not executable: chmod +x $script" >&2
    status=1
  fi
done
if command -v shellcheck >/dev/null; then
  shellcheck --severity=warning "$@" || status=1
else
  echo "shellcheck: NOT run, it is not installed"
fi
[ $status -eq 0 ] && echo "scripts: $# checked"
exit $status
