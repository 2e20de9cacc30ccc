#!/usr/bin/env bash
# Builds the Dockerfile and runs what is in the image, on a machine without a container engine and without a registry:
# buildah builds it, as root, on a base that is made of this machine's Go, shell and certificates; then the programs run
# inside the image's file system, read-only and as its user, on a private PostgreSQL.
#
#   scripts/check-image.sh          needs root, buildah, Go, curl and a PostgreSQL that `make run` would find
#
# It does not show what only an engine or a registry can: that the golang image exists under the name and digest in the
# Dockerfile, that the health check is called, that other platforms build.
set -euo pipefail

cd "$(dirname "$0")/.."
for tool in buildah go curl unshare chroot; do
  command -v "$tool" >/dev/null || { echo "check-image: $tool is missing" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "check-image: must be root, to mount the image" >&2; exit 1; }

say() { printf 'check-image: %s\n' "$*"; }
fail() { say "FAILED: $*" >&2; exit 1; }

# --- Inside `dev exec`, further down: the programs of the image, on a real database ---

# "${in_image[@]}" PROGRAM...: runs it in the image's file system with nothing else of this machine but the network. An
# array and not a function, so that $! is the program itself.
in_image=(unshare --mount --propagation private sh -euc '
  mount --bind "$IMAGE_ROOT" "$IMAGE_ROOT"
  mount -o remount,bind,ro "$IMAGE_ROOT"
  exec env -i HOST=127.0.0.1 PORT="$IMAGE_PORT" ENVIRONMENT=staging DATABASE_URL="$DATABASE_URL" \
    JWT_SECRET="$IMAGE_SECRET" SHUTDOWN_DELAY=0s \
    "$(command -v chroot)" --userspec="$IMAGE_USER" --groups= "$IMAGE_ROOT" "$@"' in_image)

run_programs() {
  local server base="http://127.0.0.1:$IMAGE_PORT"
  [ "$("${in_image[@]}" /server version)" = "$IMAGE_VERSION" ] || fail "the build argument VERSION is not in the binary"
  "${in_image[@]}" /migrate down --all --yes # what dev applied
  "${in_image[@]}" /server >"$IMAGE_WORK/early.log" 2>&1 && fail "the server ran on an empty database"
  grep -q migrate "$IMAGE_WORK/early.log" || fail "the server does not say that the schema is missing"
  "${in_image[@]}" /server healthcheck 2>/dev/null && fail "the health check passed without a server"

  "${in_image[@]}" /migrate up
  "${in_image[@]}" /server >"$IMAGE_WORK/server.log" 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 100); do
    curl --noproxy '*' -fs -o /dev/null "$base/health/ready" && break
    kill -0 "$server" || { cat "$IMAGE_WORK/server.log"; fail "the server ended"; }
    sleep 0.1
  done
  curl --noproxy '*' -fsS "$base/health/ready" >/dev/null || fail "the server did not become ready"
  "${in_image[@]}" /server healthcheck || fail "the health check does not see the server"
  "${in_image[@]}" /admin create image-check@example.com </dev/null >"$IMAGE_WORK/admin.log" || fail "admin create"
  [ "$(stat -c %u "/proc/$server")" = "${IMAGE_USER%%:*}" ] || fail "the server does not run as the image's user"
  [ "$(curl --noproxy '*' -s -o /dev/null -w '%{http_code}' "$base/api/v1/users/me")" = 401 ] || fail "no 401 without a token"

  kill -TERM "$server"
  wait "$server" || fail "SIGTERM did not end the server in good order"
  trap - EXIT
  say "version, migrate down and up, refusal of an empty database, serve, ready, healthcheck, admin, SIGTERM: all good"
}

if [ "${1:-}" = run-programs ]; then
  run_programs
  exit
fi

# --- Build ---

work=$(mktemp -d)
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=${STORAGE_DRIVER:-vfs} TMPDIR=$work
buildah() { command buildah --root "$work/storage" --runroot "$work/run" "$@"; }
cleanup() {
  buildah rm --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT

# The base has the name in the Dockerfile, so that nothing has to be fetched; only the real image has the digest.
sed 's/@sha256:[0-9a-f]*//' Dockerfile >"$work/Dockerfile"
base=$(sed -n 's/^FROM .*\(golang:[^ ]*\) AS build$/\1/p' "$work/Dockerfile")
say "making $base of this machine's Go"
container=$(buildah from scratch)
rootfs=$(buildah mount "$container")
mkdir -p "$rootfs"/{bin,etc/ssl/certs,go,root,tmp,usr/local}
cp -r "$(go env GOROOT)" "$rootfs/usr/local/go"
cp -L /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/"
cp -L /bin/sh "$rootfs/bin/"
ldd /bin/sh | grep -o '/[^ ]*' | xargs -I{} cp -L --parents {} "$rootfs"
buildah config --env PATH=/usr/local/go/bin:/bin --env GOPATH=/go --env GOTOOLCHAIN=local "$container"
buildah umount "$container" >/dev/null
buildah commit --quiet --rm "$container" "$base" >/dev/null

version=v0.0.0-image-check
say "building the Dockerfile, modules from this machine's cache"
go mod download
buildah bud --pull-never --layers=false --format docker --network none \
  --volume "$(go env GOMODCACHE)/cache/download:/modules:ro" \
  --build-arg GOPROXY=file:///modules --build-arg VERSION=$version --file "$work/Dockerfile" --tag image-check . >"$work/build.log" 2>&1 ||
  { cat "$work/build.log"; fail "the build"; }

# --- Look at the image ---

container=$(buildah from --pull-never localhost/image-check)
rootfs=$(buildah mount "$container")
inspect() { buildah inspect --type image --format "$1" localhost/image-check; }
user=$(inspect '{{.Docker.Config.User}}')
[[ $user =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]] || fail "the user is \"$user\", not a number other than root's"
[[ $(inspect '{{.Docker.Config.Healthcheck.Test}}') == '[CMD /server healthcheck]' ]] || fail "the health check"
[[ $(inspect '{{.Docker.Config.Env}}') == *HOST=0.0.0.0* ]] || fail "HOST is not set"
[[ $(inspect '{{.Docker.Config.Cmd}}') == '[/server]' ]] || fail "the command"
[[ $(inspect '{{.Docker.Config.ExposedPorts}}') == *8000/tcp* ]] || fail "the port"
files=$(cd "$rootfs" && find . -type f | LC_ALL=C sort | tr '\n' ' ')
[ "$files" = './admin ./etc/ssl/certs/ca-certificates.crt ./migrate ./server ' ] || fail "the image holds $files"
[ -z "$(find "$rootfs" -type f \( -perm /0022 -o ! -user 0 \))" ] || fail "a file is writable or not root's"
make --no-print-directory build VERSION=$version OUT="$work/make" >/dev/null
for program in server migrate admin; do
  cmp "$rootfs/$program" "$work/make/$program" || fail "$program is not what make build makes"
  ldd "$rootfs/$program" >/dev/null 2>&1 && fail "$program is not static"
  go version -m "$rootfs/$program" | grep -- '-trimpath=true' >/dev/null || fail "$program holds paths of the builder"
done
say "the image holds: $files($(du -sh "$rootfs" | cut -f1)), user $user"

# --- Run it ---

go build -buildvcs=false -o "$work/dev" ./cmd/dev
mkdir "$work/data"
chmod 711 "$work" # the database server's user passes through
export IMAGE_ROOT=$rootfs IMAGE_USER=$user IMAGE_VERSION=$version IMAGE_WORK=$work
export IMAGE_PORT=$((20000 + RANDOM % 10000)) IMAGE_SECRET
IMAGE_SECRET=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
script=$PWD/scripts/check-image.sh
(cd "$work/data" && env -u DATABASE_URL "$work/dev" exec "$script" run-programs)
