#!/bin/sh
# Migrates the database, then rolls out a release. Needs kubectl.
#
#   deploy/kubernetes/roll-out.sh [FOLDER]     FOLDER is the overlay, deploy/kubernetes/overlays/production by default
#
# Safe to rerun. If the migration fails, nothing is rolled out.
set -eu

overlay=${1:-$(dirname -- "$0")/overlays/production}
manifests=$(kubectl kustomize "$overlay")
namespace=$(printf '%s\n' "$manifests" | sed -n '/^kind: Namespace$/,/^---$/s/^  name: //p')
migrate=app.kubernetes.io/component=migrate

apply() { printf '%s\n' "$manifests" | kubectl apply "$@" -f -; }
in_namespace() { kubectl --namespace "$namespace" "$@"; }

for secret in plinth plinth-migrate; do
  in_namespace get secret $secret >/dev/null || { echo "roll-out: create the Secret $secret first: docs/deploy.md" >&2; exit 1; }
done

# Jobs are immutable, so delete the previous one.
in_namespace delete job --selector $migrate --ignore-not-found --wait
apply --selector "$migrate"
echo "roll-out: migrating"
until in_namespace wait job --selector $migrate --for=condition=complete --timeout=5s >/dev/null 2>&1; do
  if in_namespace wait job --selector $migrate --for=condition=failed --timeout=1s >/dev/null 2>&1; then
    in_namespace logs --selector $migrate --tail=-1 --prefix >&2 || true
    echo "roll-out: the migration failed; nothing was rolled out" >&2
    exit 1
  fi
done
in_namespace logs --selector $migrate --tail=-1

apply
in_namespace rollout status deployment/plinth --timeout=10m
