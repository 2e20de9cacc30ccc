#!/bin/sh
# Uses notes with curl: use.sh URL
api=$1/api/v1

call() { curl -sS --fail-with-body --noproxy '*' -H 'Content-Type: application/json' "$@"; }
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
account() { call "$api/auth/register" -d "{\"email\":\"$1@example.com\",\"password\":\"correct horse battery staple\"}" | member access_token; }
status() { curl -sS --noproxy '*' -o /dev/null -w '%{http_code}' "$@"; }
expect() { [ "$2" = "$3" ] || { echo "$1: got $2, want $3" >&2; exit 1; }; }

owner=$(account curl-owner)
other=$(account curl-other)
id=$(call "$api/notes" -H "Authorization: Bearer $owner" -d '{"title":"With curl","tags":["a"]}' | member id)
expect title "$(call "$api/notes/$id" -H "Authorization: Bearer $owner" | member title)" "With curl"
expect change "$(call -X PATCH "$api/notes/$id" -H "Authorization: Bearer $owner" -H 'If-Match: "1"' -d '{"title":"Changed"}' | member title)" Changed
expect "a second change of the version" \
  "$(status -X PATCH "$api/notes/$id" -H "Authorization: Bearer $owner" -H 'If-Match: "1"' -H 'Content-Type: application/json' -d '{"title":"x"}')" 412
expect "another account" "$(status "$api/notes/$id" -H "Authorization: Bearer $other")" 404
expect "no account" "$(status "$api/notes")" 401
expect "a list" "$(call "$api/notes?sort=title&pinned=false" -H "Authorization: Bearer $owner" | member title)" Changed
expect deletion "$(status -X DELETE "$api/notes/$id" -H "Authorization: Bearer $owner")" 204
