package protocol_test

import (
	"strings"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
)

// malformedBodies are not JSON, or ambiguous JSON.
func malformedBodies() []badInput {
	const status, code = 400, apiclient.ProblemCodeMalformedRequest
	deep := func(levels int) string {
		return `{"x":` + strings.Repeat("[", levels-1) + strings.Repeat("]", levels-1) + `}`
	}
	return []badInput{
		{"JSON: nothing", apitest.Login(""), status, code, ""},
		{"JSON: white space only", apitest.Login(" \t\r\n"), status, code, ""},
		{"JSON: cut short", apitest.Login(apitest.UnknownLogin[:30]), status, code, ""},
		{"JSON: never closed", apitest.Login(apitest.UnknownLogin[:len(apitest.UnknownLogin)-1]), status, code, ""},
		{"JSON: closed twice", apitest.Login(apitest.UnknownLogin + "}"), status, code, ""},
		{"JSON: trailing text", apitest.Login(apitest.UnknownLogin + " x"), status, code, ""},
		{"JSON: a second document", apitest.Login(apitest.UnknownLogin + apitest.UnknownLogin), status, code, ""},
		{"JSON: a second document on a line of its own", apitest.Login(apitest.UnknownLogin + "\n" + apitest.UnknownLogin), status, code, ""},
		{"JSON: a trailing NUL", apitest.Login(apitest.UnknownLogin + "\x00"), status, code, ""},
		{"JSON: a trailing comma", apitest.Login(`{"email":"nobody@example.com","password":"x",}`), status, code, ""},
		{"JSON: a comment", apitest.Login(`{/* hi */"email":"nobody@example.com","password":"x"}`), status, code, ""},
		{"JSON: single quotes", apitest.Login(`{'email':'nobody@example.com','password':'x'}`), status, code, ""},
		{"JSON: a name without quotes", apitest.Login(`{email:"nobody@example.com","password":"x"}`), status, code, ""},
		{"JSON: a name that is a number", apitest.Login(`{1:"x"}`), status, code, ""},
		{"JSON: a member without a value", apitest.Login(`{"email"}`), status, code, ""},
		{"JSON: a missing comma", apitest.Login(`{"email":"nobody@example.com" "password":"x"}`), status, code, ""},
		{"JSON: NaN", apitest.Login(`{"email":NaN,"password":"x"}`), status, code, ""},
		{"JSON: Infinity", apitest.Login(`{"email":-Infinity,"password":"x"}`), status, code, ""},
		{"JSON: undefined", apitest.Login(`{"email":undefined,"password":"x"}`), status, code, ""},
		{"JSON: TRUE", apitest.Login(`{"email":TRUE,"password":"x"}`), status, code, ""},
		{"JSON: a leading zero", apitest.Login(`{"email":01,"password":"x"}`), status, code, ""},
		{"JSON: a hexadecimal number", apitest.Login(`{"email":0x1F,"password":"x"}`), status, code, ""},
		{"JSON: a plus sign", apitest.Login(`{"email":+1,"password":"x"}`), status, code, ""},
		{"JSON: an unknown escape", apitest.Login(`{"email":"\x41","password":"x"}`), status, code, ""},
		{"JSON: an escape cut short", apitest.Login(`{"email":"\u00`), status, code, ""},
		{"JSON: a raw line break in a text", apitest.Login("{\"email\":\"a\nb\",\"password\":\"x\"}"), status, code, ""},
		{"JSON: a raw NUL in a text", apitest.Login("{\"email\":\"a\x00b\",\"password\":\"x\"}"), status, code, ""},
		{"JSON: a raw control character in a name", apitest.Login("{\"em\x01ail\":\"a\"}"), status, code, ""},
		{"JSON: a non-breaking space between tokens", apitest.Login("{\u00a0\"email\":\"a\"}"), status, code, ""},
		{"JSON: a form", apitest.Login(`email=nobody@example.com&password=x`), status, code, ""},
		{"JSON: XML", apitest.Login(`<login><email>nobody@example.com</email></login>`), status, code, ""},
		{"JSON: in gzip without saying so", apitest.Login("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), status, code, ""},

		{"encoding: a byte order mark", apitest.Login("\xef\xbb\xbf" + apitest.UnknownLogin), status, code, ""},
		{"encoding: UTF-16", apitest.Login("\xff\xfe{\x00}\x00"), status, code, ""},
		{"encoding: a stray byte in a text", apitest.Login("{\"email\":\"a\xff\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: Latin-1", apitest.Login("{\"email\":\"caf\xe9\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: an overlong slash", apitest.Login("{\"email\":\"\xc0\xaf\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: a surrogate in UTF-8", apitest.Login("{\"email\":\"\xed\xa0\x80\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: beyond Unicode", apitest.Login("{\"email\":\"\xf4\x90\x80\x80\",\"password\":\"x\"}"), status, code, ""},
		{"encoding: a stray byte in a name", apitest.Login("{\"email\xff\":\"a\"}"), status, code, ""},
		{"encoding: a lone high surrogate", apitest.Login(`{"email":"\ud83d","password":"x"}`), status, code, ""},
		{"encoding: a lone low surrogate", apitest.Login(`{"email":"\ude00","password":"x"}`), status, code, ""},
		{"encoding: surrogates in the wrong order", apitest.Login(`{"email":"\ude00\ud83d","password":"x"}`), status, code, ""},
		{"encoding: a lone surrogate in a name", apitest.Login(`{"\ud800":1}`), status, code, ""},

		{"duplicates: the same member", apitest.Login(`{"email":"a","password":"x","password":"y"}`), status, code, ""},
		{"duplicates: the same value", apitest.Login(`{"email":"a","password":"x","password":"x"}`), status, code, ""},
		{"duplicates: equal once unescaped", apitest.Login(`{"email":"a","password":"x","p\u0061ssword":"y"}`), status, code, ""},
		{"duplicates: an unknown member", apitest.Login(`{"email":"a","password":"x","y":1,"y":2}`), status, code, ""},
		{"duplicates: what is dropped is not looked into", apitest.Login(`{"email":"a","password":"x","y":{"z":1,"z":1}}`), 422, validationFailed, "/y unknown_member"},
		{"duplicates: nor is what has another type", apitest.Login(`[{"z":1,"z":1}]`), 422, validationFailed, "(body) invalid_type"},
		{"duplicates: on registration", apitest.Register(`{"email":"a@b.co","email":"c@d.co","password":"something longer than that"}`), status, code, ""},

		{"depth: 32 levels are read", apitest.Login(deep(32)), 422, validationFailed, "/email required, /password required, /x unknown_member"},
		{"depth: 33 levels are not", apitest.Login(deep(33)), status, code, ""},
		{"depth: 33 objects", apitest.Login(strings.Repeat(`{"x":`, 33) + "1" + strings.Repeat("}", 33)), status, code, ""},
		{"depth: as many as fit", apitest.Login(strings.Repeat("[", 64<<10)), status, code, ""},
		{"depth: as many as fit, closed", apitest.Login(strings.Repeat("[", 32<<10) + strings.Repeat("]", 32<<10)), status, code, ""},
	}
}

const validationFailed = apiclient.ProblemCodeValidationFailed

// mediaTypes returns requests with wrong media types, encodings and sizes.
func mediaTypes() []badInput {
	const status, code = 415, apiclient.ProblemCodeUnsupportedMediaType
	const invalid, tooLarge = apiclient.ProblemCodeInvalidCredentials, apiclient.ProblemCodeBodyTooLarge
	ok := apitest.Login(apitest.UnknownLogin)
	padded := func(size int) string {
		return apitest.UnknownLogin + strings.Repeat(" ", size-len(apitest.UnknownLogin))
	}
	return []badInput{
		{"type: none", ok.With("Content-Type", ""), status, code, ""},
		{"type: text", ok.Typed("text/plain"), status, code, ""},
		{"type: JSON as text", ok.Typed("text/json"), status, code, ""},
		{"type: a form", ok.Typed("application/x-www-form-urlencoded"), status, code, ""},
		{"type: multipart", ok.Typed("multipart/form-data; boundary=x"), status, code, ""},
		{"type: XML", ok.Typed("application/xml"), status, code, ""},
		{"type: something made of JSON", ok.Typed("application/problem+json"), status, code, ""},
		{"type: a merge patch", ok.Typed("application/merge-patch+json"), status, code, ""},
		{"type: JSON of another version", ok.Typed("application/json5"), status, code, ""},
		{"type: a wildcard", ok.Typed("application/*"), status, code, ""},
		{"type: any", ok.Typed("*/*"), status, code, ""},
		{"type: no type at all", ok.Typed("json"), status, code, ""},
		{"type: a list", ok.Typed("application/json, text/plain"), status, code, ""},
		{"type: two headers", ok.With("Content-Type", "application/json"), status, code, ""},
		{"type: two headers that differ", ok.With("Content-Type", "text/plain"), status, code, ""},
		{"type: an unknown parameter", ok.Typed("application/json; version=2"), status, code, ""},
		{"type: a broken parameter", ok.Typed("application/json; charset"), status, code, ""},
		{"type: UTF-16", ok.Typed("application/json; charset=utf-16"), status, code, ""},
		{"type: Latin-1", ok.Typed("application/json; charset=iso-8859-1"), status, code, ""},
		{"type: UTF-7", ok.Typed("application/json; charset=utf-7"), status, code, ""},
		{"type: two charsets", ok.Typed("application/json; charset=utf-8; charset=utf-16"), status, code, ""},
		{"type: a charset cut in two", ok.Typed("application/json; charset*0=utf; charset*1=-16"), status, code, ""},
		{"type: UTF-8 in other words is fine", ok.Typed(`Application/JSON ;Charset="UTF-8"`), 401, invalid, ""},
		{"type: UTF-8 twice is fine", ok.Typed("application/json; charset=utf-8; charset=utf-8"), 401, invalid, ""},
		{"type: none, and no body", apitest.Login("").With("Content-Type", ""), status, code, ""},

		{"coding: gzip", ok.With("Content-Encoding", "gzip"), status, code, ""},
		{"coding: br", ok.With("Content-Encoding", "br"), status, code, ""},
		{"coding: gzip in the second header", ok.With("Content-Encoding", "identity").With("Content-Encoding", "gzip"), status, code, ""},
		{"coding: a list", ok.With("Content-Encoding", "identity, gzip"), status, code, ""},
		{"coding: identity is fine", ok.With("Content-Encoding", "identity"), 401, invalid, ""},

		{"size: 64 KiB is fine", apitest.Login(padded(64 << 10)), 401, invalid, ""},
		{"size: 64 KiB in chunks is fine", apitest.Login(padded(64 << 10)).InChunks(), 401, invalid, ""},
		{"size: one byte more", apitest.Login(padded(64<<10 + 1)), 413, tooLarge, ""},
		{"size: one byte more in chunks", apitest.Login(padded(64<<10 + 1)).InChunks(), 413, tooLarge, ""},
		{"size: a megabyte", apitest.Login(padded(1 << 20)), 413, tooLarge, ""},
		{"size: a megabyte in chunks", apitest.Login(padded(1 << 20)).InChunks(), 413, tooLarge, ""},
		{"size: a megabyte of one text", apitest.Login(`{"email":"` + strings.Repeat("a", 1<<20)), 413, tooLarge, ""},
		{"size: the type is looked at first", apitest.Login(padded(64<<10 + 1)).Typed("text/plain"), status, code, ""},
	}
}
