package apispec_test

import (
	"strings"
	"testing"

	"example.com/plinth/kit/internal/things"
)

// TestNewRejectsGaps checks that each operation must say who may call it and how often.
func TestNewRejectsGaps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, operation, err string }{
		{"a public operation", things.Public, ""},
		{"an operation for users", things.ForUser, ""},
		{"an operation for admins", strings.Replace(things.ForUser, "user", "admin", 1), ""},
		{"no security at the operation", "x-rate-class: read", "says nothing about security"},
		{"a role without security", "x-rate-class: read\nx-required-role: user", "says nothing about security"},
		{"no role", "x-rate-class: read\nsecurity: [{bearerAuth: []}]", "needs x-required-role"},
		{"an unknown role", strings.Replace(things.ForUser, "user", "root", 1), "needs x-required-role"},
		{"an empty role", strings.Replace(things.ForUser, "user", `""`, 1), "needs x-required-role"},
		{"a role that is no text", strings.Replace(things.ForUser, "user", "[user, admin]", 1), "needs x-required-role"},
		{"a role in capitals", strings.Replace(things.ForUser, "user", "Admin", 1), "needs x-required-role"},
		{"a public operation with a role", things.Public + "x-required-role: user", "is public and has x-required-role"},
		{"another way to authenticate", "x-rate-class: read\nsecurity: [{apiKey: []}]\nx-required-role: user", "other than bearerAuth"},
		{"a second way to authenticate", "x-rate-class: read\nsecurity: [{bearerAuth: []}, {apiKey: []}]\nx-required-role: user", "other than bearerAuth"},
		{"two at once", "x-rate-class: read\nsecurity: [{bearerAuth: [], apiKey: []}]\nx-required-role: user", "other than bearerAuth"},
		{"optional authentication", "x-rate-class: read\nsecurity: [{bearerAuth: []}, {}]\nx-required-role: user", "other than bearerAuth"},
		{"an undefined scheme", "x-rate-class: read\nsecurity: [{oauth: []}]\nx-required-role: user", "oauth"},
		{"no rate class", "security: []", "needs x-rate-class"},
		{"an unknown rate class", "x-rate-class: many\nsecurity: []", "needs x-rate-class"},
		{"a deprecation with dates", things.Public + "deprecated: true\nx-deprecated-since: 2030-01-01\nx-sunset: 2030-12-31", ""},
		{"a deprecation without dates", things.Public + "deprecated: true", "x-deprecated-since"},
		{"a deprecation without an end", things.Public + "deprecated: true\nx-deprecated-since: 2030-01-01", "x-sunset"},
		{"an end without a deprecation", things.Public + "x-sunset: 2030-12-31", "is not deprecated"},
		{"an end before the beginning", things.Public + "deprecated: true\nx-deprecated-since: 2030-12-31\nx-sunset: 2030-01-01", "before it is deprecated"},
		{"an invalid date", things.Public + "deprecated: true\nx-deprecated-since: soon\nx-sunset: 2030-12-31", "x-deprecated-since"},
		{"a time", things.Public + "x-timeout: 60s", ""},
		{"no timeout", things.Public + "x-timeout: none", ""},
		{"a timeout without a unit", things.Public + "x-timeout: 60", "must be a duration such as 60s, or none"},
		{"a negative timeout", things.Public + "x-timeout: -1s", "must be a duration"},
		{"no valid contract", things.Public + "parameters: [{name: thing, in: path, required: true, schema: {type: string}}]", "validating the contract"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := things.Read(things.Contract(test.operation))
			things.WantError(t, err, test.err)
		})
	}
}

// TestNewRejectsPaths checks paths that routers would match differently.
func TestNewRejectsPaths(t *testing.T) {
	t.Parallel()
	for path, err := range map[string]string{
		"/things/{id}":             "",
		"/{id}":                    "",
		"/.well-known/{thing-id}/": "",
		"/things/{id}:cancel":      "no : or *",
		"/things/{id}.json":        "whole segments",
		"/things/no-{id}":          "whole segments",
		"/things:all/{id}":         "no : or *",
		"/things/*/{id}":           "no : or *",
		`/things\:all/{id}`:        "no : or *",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			id := path[strings.Index(path, "{")+1 : strings.Index(path, "}")]
			text := strings.NewReplacer("/things/{id}:", "'"+path+"':", "name: id,", "name: "+id+",").Replace(things.Contract(things.Public))
			_, got := things.Read(text)
			things.WantError(t, got, err)
		})
	}
}

func TestNewReportsAllGaps(t *testing.T) {
	t.Parallel()
	text := things.Contract("x-rate-class: read") + `    delete:
      operationId: deleteThing
      security: [{bearerAuth: []}]
      responses: {"204": {description: It is gone.}}
`
	_, err := things.Read(text)
	things.WantError(t, err, "GET /things/{id}: says nothing about security")
	things.WantError(t, err, "DELETE /things/{id}: needs x-required-role")
}

func TestNewRejectsUncheckedFormatsOfResponses(t *testing.T) {
	t.Parallel()
	_, err := things.Read(strings.Replace(things.Contract(things.Public), "{description: A thing.}",
		"{description: A thing., content: {application/json: {schema: {type: string, format: ulid}}}}", 1))
	things.WantError(t, err, `the format "ulid" is not checked`)
}
