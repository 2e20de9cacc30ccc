package httpapi_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// contractOf is a contract of one operation, GET /things/{id}, that says this about it.
func contractOf(operation string) string {
	return `openapi: 3.0.3
info: {title: Things, version: 1.0.0}
components:
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
    apiKey: {type: apiKey, in: header, name: X-API-Key}
security: [{bearerAuth: []}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      responses: {"200": {description: A thing.}}
` + indent(operation)
}

func indent(lines string) string {
	return "      " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n      ") + "\n"
}

const (
	public  = "x-rate-class: read\nsecurity: []\n"
	forUser = "x-rate-class: read\nsecurity: [{bearerAuth: []}]\nx-required-role: user\n"
)

func query(parameters string) string { return public + "parameters: [" + parameters + "]" }

const limited = public + "x-max-bytes: 1024\n"

// bodies is an operation, public unless it has begun, that takes these media types.
func bodies(content string) string {
	return "requestBody: {required: true, content: {" + content + "}}"
}

func body(schema string) string {
	return public + "requestBody: {required: true, content: {application/json: {schema: " + schema + "}}}"
}

// TestContractGaps holds that the server does not start with a contract that leaves open who may call what, or that asks
// for something that would not be checked.
func TestContractGaps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, operation, complaint string }{
		{"a public operation", public, ""},
		{"an operation for users", forUser, ""},
		{"an operation for admins", strings.Replace(forUser, "user", "admin", 1), ""},

		{"no word on security, whatever the document says", "x-rate-class: read", "says nothing about security"},
		{"a role without security", "x-rate-class: read\nx-required-role: user", "says nothing about security"},
		{"no role", "x-rate-class: read\nsecurity: [{bearerAuth: []}]", "needs x-required-role"},
		{"an unknown role", strings.Replace(forUser, "user", "root", 1), "needs x-required-role"},
		{"an empty role", strings.Replace(forUser, "user", `""`, 1), "needs x-required-role"},
		{"a role that is no text", strings.Replace(forUser, "user", "[user, admin]", 1), "needs x-required-role"},
		{"a role in capitals", strings.Replace(forUser, "user", "Admin", 1), "needs x-required-role"},
		{"a public operation with a role", public + "x-required-role: user", "is public and has x-required-role"},
		{"another way to authenticate", "x-rate-class: read\nsecurity: [{apiKey: []}]\nx-required-role: user", "other than bearerAuth"},
		{"a second way to authenticate", "x-rate-class: read\nsecurity: [{bearerAuth: []}, {apiKey: []}]\nx-required-role: user", "other than bearerAuth"},
		{"two at once", "x-rate-class: read\nsecurity: [{bearerAuth: [], apiKey: []}]\nx-required-role: user", "other than bearerAuth"},
		{"authentication for those who like", "x-rate-class: read\nsecurity: [{bearerAuth: []}, {}]\nx-required-role: user", "other than bearerAuth"},
		{"a scheme that nobody defined", "x-rate-class: read\nsecurity: [{oauth: []}]\nx-required-role: user", "oauth"},

		{"no rate class", "security: []", "needs x-rate-class"},
		{"an unknown rate class", "x-rate-class: many\nsecurity: []", "needs x-rate-class"},

		{"a deprecation with dates", public + "deprecated: true\nx-deprecated-since: 2030-01-01\nx-sunset: 2030-12-31", ""},
		{"a deprecation without dates", public + "deprecated: true", "x-deprecated-since"},
		{"a deprecation without an end", public + "deprecated: true\nx-deprecated-since: 2030-01-01", "x-sunset"},
		{"an end without a deprecation", public + "x-sunset: 2030-12-31", "is not deprecated"},
		{"an end before the beginning", public + "deprecated: true\nx-deprecated-since: 2030-12-31\nx-sunset: 2030-01-01", "before it is deprecated"},
		{"a date that is none", public + "deprecated: true\nx-deprecated-since: soon\nx-sunset: 2030-12-31", "x-deprecated-since"},

		{"a parameter in a cookie", query("{name: x, in: cookie, schema: {type: string}}"), ""},
		{"a list in a cookie", query("{name: x, in: cookie, explode: false, schema: {type: array, items: {type: integer, format: int32}}}"), ""},
		{"members that are cookies", query("{name: x, in: cookie, schema: {type: object, properties: {y: {type: string}}}}"), "set explode: false"},
		{"a parameter in JSON", query("{name: x, in: query, content: {application/json: {schema: {type: object}}}}"), ""},
		{"a parameter in XML", query("{name: x, in: query, content: {application/xml: {schema: {type: object}}}}"), "can only be application/json"},
		{"JSON in a cookie", query("{name: x, in: cookie, content: {application/json: {schema: {type: object}}}}"), "the query, a header or the body"},
		{"free texts with commas between", query("{name: x, in: query, explode: false, schema: {type: array, items: {type: string}}}"), "explode: true"},
		{"free texts, one each", query("{name: x, in: query, schema: {type: array, items: {type: string}}}"), ""},
		{"words with commas between", query("{name: x, in: query, explode: false, schema: {type: array, items: {type: string, pattern: '^[a-z]+$'}}}"), ""},
		{"words somewhere in a text", query("{name: x, in: query, explode: false, schema: {type: array, items: {type: string, pattern: '[a-z]+'}}}"), "cannot be told from two"},
		{"identifiers with bars between", query("{name: x, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string, format: uuid}}}"), ""},
		{"null among numbers", query("{name: x, in: query, schema: {type: array, items: {type: integer, format: int32, nullable: true}}}"), "leave nullable out"},
		{"a list of objects", query("{name: x, in: query, schema: {type: array, items: {type: object}}}"), "use content: application/json"},
		{"one of several in a query", query("{name: x, in: query, schema: {oneOf: [{type: string}, {type: integer, format: int32}]}}"), "use content: application/json"},
		{"a deep object", query("{name: x, in: query, style: deepObject, explode: true, schema: {type: object, properties: {y: {type: array, items: {type: string}}}}}"), ""},
		{"a deep object that is not exploded", query("{name: x, in: query, style: deepObject, schema: {type: object}}"), "set explode: true"},
		{"a deep text", query("{name: x, in: query, style: deepObject, explode: true, schema: {type: string}}"), "deepObject is for objects"},
		{"a deep UUID", query("{name: x, in: query, style: deepObject, explode: true, schema: {type: object, properties: {y: {type: string, format: uuid}}}}"), "does not bind uuid"},
		{"a deep choice", query("{name: x, in: query, style: deepObject, explode: true, schema: {type: object, properties: {y: {oneOf: [{type: string}]}}}}"), "does not bind allOf, oneOf"},
		{"numbers of an object in one text", query("{name: x, in: query, explode: false, schema: {type: object, properties: {y: {type: integer, format: int32}}}}"), "binds only texts"},
		{"a map in a query", query("{name: x, in: query, schema: {type: object, additionalProperties: {type: string}}}"), "use style: deepObject"},
		{"members with the name of another parameter", query("{name: x, in: query, schema: {type: object, properties: {y: {type: string}}}}, {name: y, in: query, schema: {type: string}}"), `"y" is also a name of the parameter`},
		{"a date as a label", query("{name: id, in: path, required: true, style: label, schema: {type: string, format: date}}"), "leave style out"},
		{"decimals as labels", query("{name: id, in: path, required: true, style: label, explode: true, schema: {type: array, items: {type: number, format: double}}}"), "cannot be told from two"},
		{"a body that need not be", public + "requestBody: {content: {application/json: {schema: {type: object}}}}", ""},
		{"a body that is no JSON", public + bodies("text/plain: {schema: {type: string}}"), "not application/json, so it has no limit of its own: add x-max-bytes"},
		{"a text", limited + bodies("text/plain: {schema: {type: string}}"), ""},
		{"a text that is streamed", limited + bodies("text/plain: {schema: {type: string, format: binary}}"), "reads text/plain as a whole"},
		{"a limit that is none", public + "x-max-bytes: 1.5\n" + bodies("application/json: {schema: {type: object}}"), "whole number of bytes"},
		{"a limit without a body", limited, "for operations that take a body"},
		{"a limit beyond memory", public + "x-max-bytes: 5242880\n" + bodies("application/json: {schema: {type: object}}"), "is at most 1048576 where the body is validated in memory"},
		{"bytes", public + "x-max-bytes: 5242880\n" + bodies("application/octet-stream: {schema: {type: string, format: binary}}"), ""},
		{"an object in another media type", limited + bodies("application/xml: {schema: {type: object}}"), "only JSON and forms have more"},
		{"a body of two kinds", limited + bodies("application/json: {schema: {type: object}}, text/plain: {schema: {type: string}}"), ""},
		{"bytes of two kinds", limited + bodies("image/png: {schema: {type: string, format: binary}}, image/gif: {schema: {type: string, format: binary}}"), "one stream for a body"},
		{"bytes of a range of kinds", limited + bodies("image/*: {schema: {type: string, format: binary}}"), ""},
		{"a range beside JSON", limited + bodies("image/*: {schema: {type: string, format: binary}}, application/json: {schema: {type: object}}"), "has no body for image/* beside others"},
		{"a media type that begins like another", limited + bodies("application/json: {schema: {type: object}}, application/json-patch+json: {schema: {type: object}}"), "takes application/json-patch+json for application/json"},
		{"a form", limited + bodies("application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: array, items: {type: string}}}}}"), ""},
		{"a form with an object", limited + bodies("application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: object}}}}"), "binds only texts"},
		{"a form with a date", limited + bodies("application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string, format: date}}}}"), "does not bind date in a form"},
		{"a form of anything", limited + bodies("application/x-www-form-urlencoded: {schema: {type: object, additionalProperties: {type: string}}}"), "an object with properties of its own"},
		{"parts", limited + bodies("multipart/form-data: {schema: {type: object, properties: {a: {type: string, format: binary}}}, encoding: {a: {contentType: image/png}}}"), ""},
		{"parts that nobody declared", limited + bodies("multipart/form-data: {schema: {type: object, properties: {a: {type: string}}}, encoding: {b: {contentType: image/png}}}"), "encoding names b, which is no property"},
		{"a time", public + "x-timeout: 60s", ""},
		{"no timeout", public + "x-timeout: none", ""},
		{"a timeout without a unit", public + "x-timeout: 60", "must be a duration such as 60s, or none"},
		{"a negative timeout", public + "x-timeout: -1s", "must be a duration"},
		{"a number that would be rounded", public + "requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {x: {type: number}}}}}}", "needs the format double"},
		{"a number in a parameter that would be rounded", query("{name: x, in: query, schema: {type: number}}"), "parameter x: \"\": a number needs the format double"},
		{"an integer without bounds", public + "requestBody: {required: true, content: {application/json: {schema: {type: array, items: {type: integer}}}}}", "needs the format int32 or int64"},
		{"an integer of a format that nobody has", public + "parameters: [{name: x, in: query, schema: {type: integer, format: uint8}}]", "use one of int32, int64"},
		{"a format that is not checked", query("{name: x, in: query, schema: {type: string, format: ulid}}"), `the format "ulid" is not checked`},
		{"parts that refuse each other", body("{allOf: [{type: object, additionalProperties: false, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}"), `refuses "b" of another part`},
		{"parts that are open", body("{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}"), ""},
		{"bytes in JSON", public + "requestBody: {required: true, content: {application/json: {schema: {type: string, format: binary}}}}", "format binary"},
		{"lines in a number", public + "requestBody: {required: true, content: {application/json: {schema: {type: integer, format: int32, x-multiline: true}}}}", "x-multiline"},
		{"a text that says that it has one line", public + "requestBody: {required: true, content: {application/json: {schema: {type: string, x-multiline: false}}}}", "x-multiline"},
		{"a text of lines, a number and an integer", public + "requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {x: {type: string, x-multiline: true}, y: {type: number, format: double}, z: {type: integer, format: int64}}}}}}", ""},
		{"no valid contract", public + "parameters: [{name: thing, in: path, required: true, schema: {type: string}}]", "validating the contract"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			checkComplaint(t, httpapi.CheckContract(contractOf(test.operation)), test.complaint)
		})
	}
}

// TestPathsOfContracts holds that the server does not start with paths that Echo's router would read in a way of its own: it
// would find operations at paths that the contract does not have.
func TestPathsOfContracts(t *testing.T) {
	t.Parallel()
	for path, complaint := range map[string]string{
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
			text := strings.NewReplacer("/things/{id}:", "'"+path+"':", "name: id,", "name: "+id+",").Replace(contractOf(public))
			checkComplaint(t, httpapi.CheckContract(text), complaint)
		})
	}
}

func TestContractGapsAreToldAtOnce(t *testing.T) {
	t.Parallel()
	text := contractOf("x-rate-class: read") + `    delete:
      operationId: deleteThing
      security: [{bearerAuth: []}]
      responses: {"204": {description: It is gone.}}
`
	err := httpapi.CheckContract(text)
	checkComplaint(t, err, "GET /things/{id}: says nothing about security")
	checkComplaint(t, err, "DELETE /things/{id}: needs x-required-role")
}

// TestRoutes holds that every operation has a handler, and every handler an operation, and with it a rule of access.
func TestRoutes(t *testing.T) {
	t.Parallel()
	const get, head = "GET /things/:id", "HEAD /things/:id"
	for _, test := range []struct {
		name      string
		routes    []string
		complaint string
	}{
		{"exactly the contract", []string{get, head}, ""},
		{"and what is allowed beside it", []string{get, head, "GET /extra"}, ""},
		{"a handler without an operation", []string{get, head, "GET /debug"}, "GET /debug is not in the contract"},
		{"a method without an operation", []string{get, head, "DELETE /things/:id"}, "DELETE /things/:id is not in the contract"},
		{"a path that is nearly one", []string{get, head, "GET /things/:id/"}, "GET /things/:id/ is not in the contract"},
		{"a parameter of another name", []string{"GET /things/:thing", head}, "GET /things/:thing is not in the contract"},
		{"everything", []string{get, head, "GET /*"}, "GET /* is not in the contract"},
		{"an operation without a handler", []string{head}, "GET /things/:id is in the contract and has no handler"},
		{"a GET without its HEAD", []string{get}, "HEAD /things/:id is in the contract and has no handler"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			checkComplaint(t, httpapi.CheckContract(contractOf(forUser), test.routes...), test.complaint)
		})
	}
}

// TestNewChecksAllThatItIsMadeOf holds that what is missing, or too much, is told at the start and not by an operation.
func TestNewChecksAllThatItIsMadeOf(t *testing.T) {
	t.Parallel()
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	must(t, err)
	complete := httpapi.Dependencies{
		Reporter: reporter,
		Health:   httpapi.Health{Ready: func(context.Context) ([]string, error) { return nil, nil }},
	}
	for _, service := range reflect.ValueOf(&complete.Services).Elem().Fields() {
		service.Set(reflect.New(service.Type().Elem()))
	}
	_, err = httpapi.New(complete, httpapi.Options{DocsEnabled: true})
	must(t, err)

	withoutSessions, withoutReady := complete, complete
	withoutSessions.Sessions, withoutReady.Health.Ready = nil, nil
	_, err = httpapi.New(withoutSessions, httpapi.Options{})
	checkComplaint(t, err, "service Sessions is missing")
	_, err = httpapi.New(withoutReady, httpapi.Options{})
	checkComplaint(t, err, "readiness is missing")
	rates := map[string]ratelimit.Rate{}
	for _, class := range []string{"read", "write", "session", "credentials", "disclosing"} {
		for _, useless := range []ratelimit.Rate{{}, {Requests: 1}, {Window: time.Second}} {
			rates[class] = useless
			_, err = httpapi.New(complete, httpapi.Options{RateLimits: &httpapi.RateLimits{Rates: rates}})
			checkComplaint(t, err, "has no rate")
		}
		rates[class] = ratelimit.Rate{Requests: 1, Window: time.Second}
	}
	_, err = httpapi.New(complete, httpapi.Options{RateLimits: &httpapi.RateLimits{Rates: rates}})
	must(t, err)
	checkComplaint(t, httpapi.NewForText(contractOf(forUser), complete), "GET /health is not in the contract")
	checkComplaint(t, httpapi.NewForText(contractOf("x-rate-class: read"), complete), "says nothing about security")
}

// checkComplaint wants an error with this in its text, or none.
func checkComplaint(t *testing.T, err error, complaint string) {
	t.Helper()
	if complaint == "" {
		must(t, err)
		return
	}
	if err == nil || !strings.Contains(err.Error(), complaint) {
		t.Errorf("got %v, want a complaint: %s", err, complaint)
	}
}
