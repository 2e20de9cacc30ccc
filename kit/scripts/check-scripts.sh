#!/bin/sh
# Checks the shell scripts: syntax, executable bit, and shellcheck if it is installed.
set -eu
cd "$(dirname "$0")/../.."

status=0
# shellcheck disable=SC2046 # no script has a blank in its path
set -- .ci/run $(find . \( -name node_modules -o -name vendor -o -path ./bin -o -path ./.data -o -path ./.git \) -prune -o -name '*.sh' -print | sort)
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
