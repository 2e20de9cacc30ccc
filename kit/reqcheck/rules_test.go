package reqcheck_test

import (
	"testing"

	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/reqcheck"
)

const limited = things.Public + "x-max-bytes: 1024\n"

// bodies is the body of an operation with these media types.
func bodies(content string) string {
	return "requestBody: {required: true, content: {" + content + "}}"
}

// TestCompileRejectsWhatIsNotBound checks parameters and bodies that generated code does not bind,
// or binds unchecked.
func TestCompileRejectsWhatIsNotBound(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, operation, err string }{
		{"a parameter in a cookie", things.Query("{name: x, in: cookie, schema: {type: string}}"), ""},
		{"a list in a cookie", things.Query("{name: x, in: cookie, explode: false, schema: {type: array, items: {type: integer, format: int32}}}"), ""},
		{"members that are cookies", things.Query("{name: x, in: cookie, schema: {type: object, properties: {y: {type: string}}}}"), "set explode: false"},
		{"a parameter in JSON", things.Query("{name: x, in: query, content: {application/json: {schema: {type: object}}}}"), ""},
		{"a parameter in XML", things.Query("{name: x, in: query, content: {application/xml: {schema: {type: object}}}}"), "can only be application/json"},
		{"JSON in a cookie", things.Query("{name: x, in: cookie, content: {application/json: {schema: {type: object}}}}"), "the query, a header or the body"},
		{"free texts with commas between", things.Query("{name: x, in: query, explode: false, schema: {type: array, items: {type: string}}}"), "explode: true"},
		{"free texts, one each", things.Query("{name: x, in: query, schema: {type: array, items: {type: string}}}"), ""},
		{"words with commas between", things.Query("{name: x, in: query, explode: false, schema: {type: array, items: {type: string, pattern: '^[a-z]+$'}}}"), ""},
		{"words somewhere in a text", things.Query("{name: x, in: query, explode: false, schema: {type: array, items: {type: string, pattern: '[a-z]+'}}}"), "cannot be told from two"},
		{"identifiers with bars between", things.Query("{name: x, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string, format: uuid}}}"), ""},
		{"null among numbers", things.Query("{name: x, in: query, schema: {type: array, items: {type: integer, format: int32, nullable: true}}}"), "leave nullable out"},
		{"a list of objects", things.Query("{name: x, in: query, schema: {type: array, items: {type: object}}}"), "use content: application/json"},
		{"one of several in a query", things.Query("{name: x, in: query, schema: {oneOf: [{type: string}, {type: integer, format: int32}]}}"), "use content: application/json"},
		{"a deep object", things.Query("{name: x, in: query, style: deepObject, explode: true, schema: {type: object, properties: {y: {type: array, items: {type: string}}}}}"), ""},
		{"a deep object that is not exploded", things.Query("{name: x, in: query, style: deepObject, schema: {type: object}}"), "set explode: true"},
		{"a deep text", things.Query("{name: x, in: query, style: deepObject, explode: true, schema: {type: string}}"), "deepObject is for objects"},
		{"a deep UUID", things.Query("{name: x, in: query, style: deepObject, explode: true, schema: {type: object, properties: {y: {type: string, format: uuid}}}}"), "does not bind uuid"},
		{"a deep choice", things.Query("{name: x, in: query, style: deepObject, explode: true, schema: {type: object, properties: {y: {oneOf: [{type: string}]}}}}"), "does not bind allOf, oneOf"},
		{"numbers of an object in one text", things.Query("{name: x, in: query, explode: false, schema: {type: object, properties: {y: {type: integer, format: int32}}}}"), "binds only texts"},
		{"a map in a query", things.Query("{name: x, in: query, schema: {type: object, additionalProperties: {type: string}}}"), "use style: deepObject"},
		{"members with the name of another parameter", things.Query("{name: x, in: query, schema: {type: object, properties: {y: {type: string}}}}, {name: y, in: query, schema: {type: string}}"), `"y" is also a name of the parameter`},
		{"a date as a label", things.Query("{name: id, in: path, required: true, style: label, schema: {type: string, format: date}}"), "leave style out"},
		{"decimals as labels", things.Query("{name: id, in: path, required: true, style: label, explode: true, schema: {type: array, items: {type: number, format: double}}}"), "cannot be told from two"},
		{"an optional body", things.Public + "requestBody: {content: {application/json: {schema: {type: object}}}}", ""},
		{"a text without a limit", things.Public + bodies("text/plain: {schema: {type: string}}"), "not application/json, so it has no limit of its own: add x-max-bytes"},
		{"a text", limited + bodies("text/plain: {schema: {type: string}}"), ""},
		{"a text that is streamed", limited + bodies("text/plain: {schema: {type: string, format: binary}}"), "reads text/plain as a whole"},
		{"a limit that is no integer", things.Public + "x-max-bytes: 1.5\n" + bodies("application/json: {schema: {type: object}}"), "whole number of bytes"},
		{"a limit without a body", limited, "for operations that take a body"},
		{"a limit beyond memory", things.Public + "x-max-bytes: 5242880\n" + bodies("application/json: {schema: {type: object}}"), "is at most 1048576 where the body is validated in memory"},
		{"bytes", things.Public + "x-max-bytes: 5242880\n" + bodies("application/octet-stream: {schema: {type: string, format: binary}}"), ""},
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
		{"encoding of an undeclared part", limited + bodies("multipart/form-data: {schema: {type: object, properties: {a: {type: string}}}, encoding: {b: {contentType: image/png}}}"), "encoding names b, which is no property"},
		{"a number that would be rounded", things.Public + "requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {x: {type: number}}}}}}", "needs the format double"},
		{"a number in a parameter that would be rounded", things.Query("{name: x, in: query, schema: {type: number}}"), "parameter x: \"\": a number needs the format double"},
		{"an integer without bounds", things.Public + "requestBody: {required: true, content: {application/json: {schema: {type: array, items: {type: integer}}}}}", "needs the format int32 or int64"},
		{"an integer of an unknown format", things.Public + "parameters: [{name: x, in: query, schema: {type: integer, format: uint8}}]", "use one of int32, int64"},
		{"a format that is not checked", things.Query("{name: x, in: query, schema: {type: string, format: ulid}}"), `the format "ulid" is not checked`},
		{"parts that refuse each other", things.Body("{allOf: [{type: object, additionalProperties: false, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}"), `refuses "b" of another part`},
		{"parts that are open", things.Body("{allOf: [{type: object, properties: {a: {type: string}}}, {type: object, properties: {b: {type: string}}}]}"), ""},
		{"bytes in JSON", things.Public + "requestBody: {required: true, content: {application/json: {schema: {type: string, format: binary}}}}", "format binary"},
		{"lines in a number", things.Public + "requestBody: {required: true, content: {application/json: {schema: {type: integer, format: int32, x-multiline: true}}}}", "x-multiline"},
		{"a text that says that it has one line", things.Public + "requestBody: {required: true, content: {application/json: {schema: {type: string, x-multiline: false}}}}", "x-multiline"},
		{"a text of lines, a number and an integer", things.Public + "requestBody: {required: true, content: {application/json: {schema: {type: object, properties: {x: {type: string, x-multiline: true}, y: {type: number, format: double}, z: {type: integer, format: int64}}}}}}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			contract, _ := things.MustRead(t, things.Contract(test.operation))
			_, err := reqcheck.Compile(contract)
			things.WantError(t, err, test.err)
		})
	}
}
