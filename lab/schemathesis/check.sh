#!/usr/bin/env bash
# Fuzzes the service with schemathesis, which generates requests from the published contract, for
# SECONDS_EACH (60) each as anonymous, as a user and as an administrator.
# lab/schemathesis/schemathesis.toml lists the exceptions.
#
#   SEED=2 SECONDS_EACH=600 lab/schemathesis/check.sh
#
# Needs pip, to install schemathesis into bin/.
set -euo pipefail
cd "$(dirname "$0")/../.."
. kit/scripts/pip.sh
export GOWORK=off # a go.work in a parent folder does not include this module
need_pip check-schemathesis
pip_install lab/schemathesis

fail() { echo "check-schemathesis: $*" >&2; exit 1; }

seconds=${SECONDS_EACH:-60} seed=${SEED:-1}
work=$(mktemp -d)
chmod 755 "$work" # if run by root, the database server runs as another user
server=
finish() {
  [[ -z $server ]] || { kill -TERM "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# Disable limits and expensive hashing, which are not tested here.
export HOST=127.0.0.1 PORT=0 DATABASE_URL='' ENVIRONMENT=development JWT_SECRET RATE_LIMIT_ENABLED=false
export LOGIN_FAILURES_PER_ADDRESS=1000000 LOGIN_FAILURES_PER_ACCOUNT=100 LOGIN_FAILURES_PER_ACCOUNT_TOTAL=100
export PASSWORD_HASH_MEMORY_KIB=64 PASSWORD_HASH_ITERATIONS=1
JWT_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export PASSWORD=$JWT_SECRET

go build -buildvcs=false -o "$work/bin/" ./cmd/dev ./cmd/admin
mkdir "$work/data"
(cd "$work/data" && exec "$work/bin/dev") >"$work/out" 2>"$work/log" &
server=$!
for _ in $(seq 600); do
  url=$(sed -n 's/^ *API *\(http:[^ ]*\).*/\1/p' "$work/out")
  [[ -z $url ]] || break
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; fail "the server exited"; }
  sleep 0.1
done

# register creates user@example.com and prints its identifier.
register() {
  local token
  token=$(curl -fsS --noproxy '*' "$url/api/v1/auth/register" -H 'Content-Type: application/json' \
    -d "{\"email\":\"user@example.com\",\"password\":\"$PASSWORD\"}" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
  curl -fsS --noproxy '*' "$url/api/v1/users/me" -H "Authorization: Bearer $token" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p'
}
export USER_ID
USER_ID=$(register)
(cd "$work/data" && "$work/bin/dev" exec "$work/bin/admin" create admin@example.com <<<"$PASSWORD") >"$work/log.admin" 2>&1 ||
  { cat "$work/log.admin" >&2; fail "admin create"; }

# fuzz IDENTITY: fails if a check fails, or if not all operations were tested in three times the
# time.
fuzz() {
  local limit cases
  cp lab/schemathesis/schemathesis.toml "$work/config.toml"
  if [[ $1 != anonymous ]]; then
    cat >>"$work/config.toml" <<END
[auth.dynamic.openapi.bearerAuth]
path = "/api/v1/auth/login"
payload = { email = "$1@example.com", password = "\${PASSWORD}" }
extract_selector = "/access_token"
END
  fi
  for limit in "$seconds" $((3 * seconds)); do
    (cd "$work" && PYTHONPATH="$OLDPWD/bin/schemathesis" NO_PROXY='*' python3 -m schemathesis.cli --no-color \
      --config-file config.toml run "$url/api/openapi.json" --url "$url" --seed "$seed" --max-time "$limit") \
      >"$work/report" 2>&1 || { cat "$work/report" >&2; fail "the service violates its contract, as $1"; }
    cases=$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$work/report")
    if is_complete; then
      echo "schemathesis: ${cases:-0} requests, no failures, as $1"
      return
    fi
  done
  cat "$work/report" >&2
  fail "only ${cases:-0} requests, and not all operations, as $1"
}

# is_complete reports whether all operations were tested.
is_complete() {
  local tested
  tested=$(sed -n 's/^ *Tested: *//p' "$work/report")
  [[ -n $tested ]] && grep -q "Selected: $tested/$tested$" "$work/report"
}

for identity in anonymous user admin; do fuzz $identity; done
! grep -E 'level=ERROR|"level":"ERROR"' "$work/log" || fail "the server logged errors"
