package httpapi_test

import (
	"strings"

	"example.com/plinth/gen/apiclient"
)

// somebody is a login that is in order and finds no account.
const somebody = `{"email":"nobody@example.com","password":"something longer than that"}`

// malformedBodies are no JSON that everybody reads in the same way.
func malformedBodies() []badInput {
	const status, code = 400, apiclient.ProblemCodeMalformedRequest
	deep := func(levels int) string {
		return `{"x":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + `}`
	}
	return []badInput{
		{"JSON: nothing", login(""), status, code, ""},
		{"JSON: white space only", login(" \t\r\n"), status, code, ""},
		{"JSON: cut short", login(somebody[:30]), status, code, ""},
		{"JSON: never closed", login(somebody[:len(somebody)-1]), status, code, ""},
		{"JSON: closed twice", login(somebody + "}"), status, code, ""},
		{"JSON: trailing text", login(somebody + " x"), status, code, ""},
		{"JSON: a second document", login(somebody + somebody), status, code, ""},
		{"JSON: a second document on a line of its own", login(somebody + "\n" + somebody), status, code, ""},
		{"JSON: a trailing NUL", login(somebody + "\x00"), status, code, ""},
		{"JSON: a trailing comma", login(`{"email":"nobody@example.com","password":"x",}`), status, code, ""},
		{"JSON: a comment", login(`{/* hi */"email":"nobody@example.com","password":"x"}`), status, code, ""},
		{"JSON: single quotes", login(`{'email':'nobody@example.com','password':'x'}`), status, code, ""},
		{"JSON: a name without quotes", login(`{email:"nobody@example.com","password":"x"}`), status, code, ""},
		{"JSON: a name that is a number", login(`{1:"x"}`), status, code, ""},
		{"JSON: a member without a value", login(`{"email"}`), status, code, ""},
		{"JSON: a missing comma", login(`{"email":"nobody@example.com" "password":"x"}`), status, code, ""},
		{"JSON: NaN", login(`{"email":NaN,"password":"x"}`), status, code, ""},
		{"JSON: Infinity", login(`{"email":-Infinity,"password":"x"}`), status, code, ""},
		{"JSON: undefined", login(`{"email":undefined,"password":"x"}`), status, code, ""},
		{"JSON: TRUE", login(`{"email":TRUE,"password":"x"}`), status, code, ""},
		{"JSON: a leading zero", login(`{"email":01,"password":"x"}`), status, code, ""},
		{"JSON: a hexadecimal number", login(`{"email":0x1F,"password":"x"}`), status, code, ""},
		{"JSON: a plus sign", login(`{"email":+1,"password":"x"}`), status, code, ""},
		{"JSON: an unknown escape", login(`{"email":"\x41","password":"x"}`), status, code, ""},
		{"JSON: an escape cut short", login(`{"email":"\u00`), status, code, ""},
		{"JSON: a raw line break in a text", login("{\"email\":\"a\nb\",\"password\":\"x\"}"), status, code, ""},
		{"JSON: a raw NUL in a text", login("{\"email\":\"a\x00b\",\"password\":\"x\"}"), status, code, ""},
		{"JSON: a raw control character in a name", login("{\"em\x01ail\":\"a\"}"), status, code, ""},
		{"JSON: a non-breaking space between tokens", login("{\u00a0\"email\":\"a\"}"), status, code, ""},
		{"JSON: a form", login(`email=nobody@example.com&password=x`), status, code, ""},
		{"JSON: XML", login(`<login><email>nobody@example.com</email></login>`), status, code, ""},
		{"JSON: in gzip without saying so", login("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), status, code, ""},

		{"encoding: a byte order mark", login("\xef\xbb\xbf" + somebody), status, code, ""},
		{"encoding: UTF-16", login("\xff\xfe{\x00}\x00"), status, code, ""},
		{"encoding: a stray byte in a text", login("{\"email\":\"a\xff\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: Latin-1", login("{\"email\":\"caf\xe9\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: an overlong slash", login("{\"email\":\"\xc0\xaf\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: a surrogate in UTF-8", login("{\"email\":\"\xed\xa0\x80\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: beyond Unicode", login("{\"email\":\"\xf4\x90\x80\x80\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: a stray byte in a name", login("{\"email\xff\":\"a\"}"), status, code, ""},
		{"encoding: a lone high surrogate", login(`{"email":"\ud83d","password":"x"}`), status, code, ""},
		{"encoding: a lone low surrogate", login(`{"email":"\ude00","password":"x"}`), status, code, ""},
		{"encoding: surrogates in the wrong order", login(`{"email":"\ude00\ud83d","password":"x"}`), status, code, ""},
		{"encoding: a lone surrogate in a name", login(`{"\ud800":1}`), status, code, ""},

		{"duplicates: the same member", login(`{"email":"a","password":"x","password":"y"}`), status, code, ""},
		{"duplicates: the same value", login(`{"email":"a","password":"x","password":"x"}`), status, code, ""},
		{"duplicates: equal once unescaped", login(`{"email":"a","password":"x","p\u0061ssword":"y"}`), status, code, ""},
		{"duplicates: an unknown member", login(`{"email":"a","password":"x","y":1,"y":2}`), status, code, ""},
		{"duplicates: what is dropped is not looked into", login(`{"email":"a","password":"x","y":{"z":1,"z":1}}`), 422, validationFailed, "/y unknown_member"},
		{"duplicates: nor is what has another type", login(`[{"z":1,"z":1}]`), 422, validationFailed, "(body) invalid_type"},
		{"duplicates: on registration", register(`{"email":"a@b.co","email":"c@d.co","password":"something longer than that"}`), status, code, ""},

		{"depth: 32 levels are read", login(deep(32)), 422, validationFailed, "/email required, /password required, /x unknown_member"},
		{"depth: 33 levels are not", login(deep(33)), status, code, ""},
		{"depth: 33 objects", login(strings.Repeat(`{"x":`, 33) + "1" + strings.Repeat("}", 33)), status, code, ""},
		{"depth: as many as fit", login(strings.Repeat("[", 64<<10)), status, code, ""},
		{"depth: as many as fit, closed", login(strings.Repeat("[", 32<<10) + strings.Repeat("]", 32<<10)), status, code, ""},
	}
}

const validationFailed = apiclient.ProblemCodeValidationFailed

// mediaTypes are about what a body is said to be, and how large it is.
func mediaTypes() []badInput {
	const status, code = 415, apiclient.ProblemCodeUnsupportedMediaType
	const invalid, tooLarge = apiclient.ProblemCodeInvalidCredentials, apiclient.ProblemCodeBodyTooLarge
	ok := login(somebody)
	padded := func(size int) string { return somebody + strings.Repeat(" ", size-len(somebody)) }
	return []badInput{
		{"type: none", ok.with("Content-Type", ""), status, code, ""},
		{"type: text", ok.typed("text/plain"), status, code, ""},
		{"type: JSON as text", ok.typed("text/json"), status, code, ""},
		{"type: a form", ok.typed("application/x-www-form-urlencoded"), status, code, ""},
		{"type: multipart", ok.typed("multipart/form-data; boundary=x"), status, code, ""},
		{"type: XML", ok.typed("application/xml"), status, code, ""},
		{"type: something made of JSON", ok.typed("application/problem+json"), status, code, ""},
		{"type: a merge patch", ok.typed("application/merge-patch+json"), status, code, ""},
		{"type: JSON of another version", ok.typed("application/json5"), status, code, ""},
		{"type: a wildcard", ok.typed("application/*"), status, code, ""},
		{"type: any", ok.typed("*/*"), status, code, ""},
		{"type: no type at all", ok.typed("json"), status, code, ""},
		{"type: a list", ok.typed("application/json, text/plain"), status, code, ""},
		{"type: two headers", ok.with("Content-Type", "application/json"), status, code, ""},
		{"type: two headers that differ", ok.with("Content-Type", "text/plain"), status, code, ""},
		{"type: an unknown parameter", ok.typed("application/json; version=2"), status, code, ""},
		{"type: a broken parameter", ok.typed("application/json; charset"), status, code, ""},
		{"type: UTF-16", ok.typed("application/json; charset=utf-16"), status, code, ""},
		{"type: Latin-1", ok.typed("application/json; charset=iso-8859-1"), status, code, ""},
		{"type: UTF-7", ok.typed("application/json; charset=utf-7"), status, code, ""},
		{"type: two charsets", ok.typed("application/json; charset=utf-8; charset=utf-16"), status, code, ""},
		{"type: a charset cut in two", ok.typed("application/json; charset*0=utf; charset*1=-16"), status, code, ""},
		{"type: UTF-8 in other words is fine", ok.typed(`Application/JSON ;Charset="UTF-8"`), 401, invalid, ""},
		{"type: UTF-8 twice is fine", ok.typed("application/json; charset=utf-8; charset=utf-8"), 401, invalid, ""},
		{"type: none, and no body", login("").with("Content-Type", ""), status, code, ""},

		{"coding: gzip", ok.with("Content-Encoding", "gzip"), status, code, ""},
		{"coding: br", ok.with("Content-Encoding", "br"), status, code, ""},
		{"coding: gzip in the second header", ok.with("Content-Encoding", "identity").with("Content-Encoding", "gzip"), status, code, ""},
		{"coding: a list", ok.with("Content-Encoding", "identity, gzip"), status, code, ""},
		{"coding: identity is fine", ok.with("Content-Encoding", "identity"), 401, invalid, ""},

		{"size: 64 KiB is fine", login(padded(64 << 10)), 401, invalid, ""},
		{"size: 64 KiB in chunks is fine", login(padded(64 << 10)).inChunks(), 401, invalid, ""},
		{"size: one byte more", login(padded(64<<10 + 1)), 413, tooLarge, ""},
		{"size: one byte more in chunks", login(padded(64<<10 + 1)).inChunks(), 413, tooLarge, ""},
		{"size: a megabyte", login(padded(1 << 20)), 413, tooLarge, ""},
		{"size: a megabyte in chunks", login(padded(1 << 20)).inChunks(), 413, tooLarge, ""},
		{"size: a megabyte of one text", login(`{"email":"` + strings.Repeat("a", 1<<20)), 413, tooLarge, ""},
		{"size: the type is looked at first", login(padded(64<<10 + 1)).typed("text/plain"), status, code, ""},
	}
}
