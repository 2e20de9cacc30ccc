#!/usr/bin/env bash
# Generates Python and Java clients of the published contract with openapi-generator and the flags
# of docs/clients.md, compiles them, and tests them against an API that is newer:
# lab/generators/newer.py.
#
# Needs pip, a JDK and Maven; installs other tools into bin/.
set -euo pipefail
cd "$(dirname "$0")/../.."
. kit/scripts/pip.sh
export GOWORK=off # a go.work in a parent folder does not include this module
need_pip check-generators
if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
  echo "check-generators: NOT run, a JDK or Maven is not installed; CI runs it" >&2
  [[ -z ${CI:-} ]] || exit 1
  exit 0
fi
fail() { echo "check-generators: $*" >&2; exit 1; }

# The flags that generated clients need.
flags=--additional-properties=disallowAdditionalPropertiesIfNotPresent=false
grep -qF -- "$flags" docs/clients.md || fail "docs/clients.md does not mention $flags"

work=$(mktemp -d)
api=
finish() {
  [[ -z $api ]] || kill "$api" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# maven ARGS: runs Maven, and prints its output if it fails.
maven() { mvn -q -B "$@" >"$work/maven" 2>&1 || { cat "$work/maven" >&2; fail "mvn $*"; }; }

pip_install lab/generators
jar=$(sed 's/.* //' lab/generators/openapi-generator.sha256)
version=${jar#openapi-generator-cli-}
[[ -f bin/generators/$jar ]] || maven dependency:copy -DoutputDirectory="$PWD/bin/generators" \
  -Dartifact="org.openapitools:openapi-generator-cli:${version%.jar}"
(cd bin/generators && sha256sum --quiet -c ../../lab/generators/openapi-generator.sha256) || fail "$jar does not match its pinned checksum"

go run ./api/cmd/published >"$work/openapi.json"
generate() { # LANGUAGE MORE...
  java -jar "bin/generators/$jar" generate -i "$work/openapi.json" -g "$1" -o "$work/$1" "${@:2}" \
    --global-property=apiTests=false,modelTests=false,apiDocs=false,modelDocs=false >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; fail "openapi-generator -g $1"; }
}

: >"$work/url" # so that the loop below can read it at once
python3 lab/generators/newer.py "$work/openapi.json" >"$work/url" &
api=$!
for _ in $(seq 100); do
  url=$(cat "$work/url")
  [[ -z $url ]] || break
  sleep 0.1
done
export NO_PROXY='*' no_proxy='*'

generate python --package-name=generated "$flags"
python3 -m compileall -q "$work/python/generated"
PYTHONPATH="$work/python:$PWD/bin/generators" python3 lab/generators/client.py "$url" || fail "the Python client"
echo "generators: the Python client compiles and accepts newer responses"

generate java "$flags"
cp lab/generators/Client.java "$work/java/src/main/java/"
maven -f "$work/java/pom.xml" compile dependency:build-classpath -Dmdep.outputFile="$work/classpath"
java -cp "$work/java/target/classes:$(cat "$work/classpath")" Client "$url" || fail "the Java client"
echo "generators: the Java client compiles and accepts newer responses"
