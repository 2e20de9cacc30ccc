package protocol_test

import (
	"fmt"
	"strings"

	"example.com/plinth/internal/apitest"
)

// badMembers are bodies with invalid members: unknown ones, and ones that clients must not set.
func badMembers(w *apitest.World) []badInput {
	const status, code = 422, validationFailed
	// One more member, on registration and on a change of one's own account.
	also := func(member string) string {
		return `{"email":"new@example.com","password":"something longer than that",` + member + `}`
	}
	change := func(body string) apitest.Request { return apitest.Change(w.Ada, body) }
	return []badInput{
		{"shape: null", apitest.Login(`null`), status, code, "(body) not_nullable"},
		{"shape: a list", apitest.Login(`[]`), status, code, "(body) invalid_type"},
		{"shape: a list of one", apitest.Login(`[` + apitest.UnknownLogin + `]`), status, code, "(body) invalid_type"},
		{"shape: a text", apitest.Login(`"nobody@example.com"`), status, code, "(body) invalid_type"},
		{"shape: a number", apitest.Login(`1`), status, code, "(body) invalid_type"},
		{"shape: true", apitest.Login(`true`), status, code, "(body) invalid_type"},
		{"shape: null on a change", change(`null`), status, code, "(body) not_nullable"},
		{"shape: a list on a change", change(`[{"name":"x"}]`), status, code, "(body) invalid_type"},
		{"shape: a JSON patch", change(`[{"op":"replace","path":"/role","value":"admin"}]`), status, code, "(body) invalid_type"},
		{"shape: an empty object on registration", apitest.Register(`{}`), status, code, "/email required, /password required"},
		{"shape: an empty object on login", apitest.Login(`{}`), status, code, "/email required, /password required"},
		{"shape: an empty object on refresh", apitest.Refresh(`{}`), status, code, "/refresh_token required"},
		{"shape: an empty object on a change", change(`{}`), status, code, "(body) too_few_members"},

		{"assignment: role on registration", apitest.Register(also(`"role":"admin"`)), status, code, "/role unknown_member"},
		{"assignment: is_active on registration", apitest.Register(also(`"is_active":true`)), status, code, "/is_active unknown_member"},
		{"assignment: id on registration", apitest.Register(also(`"id":"01JD8Z5V3K4N6P7Q8R9S0T1V2W"`)), status, code, "/id unknown_member"},
		{"assignment: created_at on registration", apitest.Register(also(`"created_at":"2020-01-01T00:00:00Z"`)), status, code, "/created_at unknown_member"},
		{"assignment: password_hash on registration", apitest.Register(also(`"password_hash":"$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"`)), status, code, "/password_hash unknown_member"},
		{"assignment: a prototype on registration", apitest.Register(also(`"__proto__":{"role":"admin"}`)), status, code, "/__proto__ unknown_member"},
		{"assignment: role on a change", change(`{"role":"admin"}`), status, code, "/role unknown_member"},
		{"assignment: role beside a name", change(`{"name":"Mallory","role":"admin"}`), status, code, "/role unknown_member"},
		{"assignment: role in another case", change(`{"name":"Mallory","Role":"admin"}`), status, code, "/Role unknown_member"},
		{"assignment: is_active on a change", change(`{"is_active":true}`), status, code, "/is_active unknown_member"},
		{"assignment: id on a change", change(`{"id":"01JD8Z5V3K4N6P7Q8R9S0T1V2W"}`), status, code, "/id unknown_member"},
		{"assignment: created_at on a change", change(`{"created_at":"2020-01-01T00:00:00Z"}`), status, code, "/created_at unknown_member"},
		{"assignment: updated_at on a change", change(`{"updated_at":null}`), status, code, "/updated_at unknown_member"},
		{"assignment: password_hash on a change", change(`{"password_hash":"x"}`), status, code, "/password_hash unknown_member"},
		{"assignment: all of it", change(`{"role":"admin","is_active":true,"id":"x"}`), status, code, "/id unknown_member, /is_active unknown_member, /role unknown_member"},

		{"case: another member in another case", apitest.Login(`{"Email":"nobody@example.com","password":"x"}`), status, code, "/Email unknown_member, /email required"},
		{"case: the same member again in another case", apitest.Login(`{"email":"nobody@example.com","password":"x","PASSWORD":"y"}`), status, code, "/PASSWORD unknown_member"},
		{"case: on registration", apitest.Register(also(`"Password":"x"`)), status, code, "/Password unknown_member"},
		{"case: a letter that folds into ASCII", apitest.Refresh(`{"refresh_to\u212aen":"x"}`), status, code, "/refresh_token required, /refresh_to\u212aen unknown_member"},
		{"case: without the underscore", apitest.Refresh(`{"refreshToken":"x"}`), status, code, "/refreshToken unknown_member, /refresh_token required"},

		{"unknown: beside all that is needed", apitest.Login(`{"email":"nobody@example.com","password":"x","remember":true}`), status, code, "/remember unknown_member"},
		{"unknown: on refresh", apitest.Refresh(`{"refresh_token":"x","grant_type":"refresh_token"}`), status, code, "/grant_type unknown_member"},
		{"unknown: the empty name", apitest.Refresh(`{"refresh_token":"x","":1}`), status, code, "/ unknown_member"},
		{"unknown: a name with a slash and a tilde", apitest.Refresh(`{"refresh_token":"x","a/b~c":1}`), status, code, "/a~1b~0c unknown_member"},
		{"unknown: a long name is not repeated", apitest.Refresh(`{"refresh_token":"x","` + strings.Repeat("n", 65) + `":1}`), status, code, "(body) unknown_member"},
		{"unknown: a name that cannot be printed is not repeated", apitest.Refresh(`{"refresh_token":"x","a\u202eb":1}`), status, code, "(body) unknown_member"},
		{"unknown: as many members as fit", apitest.Refresh(unknownMembers("%d\u200b", 5000)), status, code, "(body) unknown_member"},
		{"unknown: 32 of 40 are told", apitest.Refresh(unknownMembers("n%02d", 40)), status, code, strings.Join(numbered("/n%02d unknown_member", 32), ", ")},
	}
}

// unknownMembers is an object with n members that the contract does not have.
func unknownMembers(format string, n int) string {
	return `{"refresh_token":"x",` + strings.Join(numbered(`"`+format+`":1`, n), ",") + "}"
}

// numbered are n texts, in each another number.
func numbered(format string, n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i)
	}
	return texts
}

// badFields are bodies whose members are the right ones and have the wrong values.
func badFields(w *apitest.World) []badInput {
	const status, code = 422, validationFailed
	email := func(json string) apitest.Request {
		return apitest.Register(`{"password":"something longer than that","email":` + json + `}`)
	}
	newPassword := func(json string) apitest.Request {
		return apitest.Register(`{"email":"new@example.com","password":` + json + `}`)
	}
	name := func(json string) apitest.Request {
		return apitest.Register(`{"email":"new@example.com","password":"something longer than that","name":` + json + `}`)
	}
	loginEmail := func(json string) apitest.Request { return apitest.Login(`{"password":"x","email":` + json + `}`) }
	loginPassword := func(json string) apitest.Request {
		return apitest.Login(`{"email":"nobody@example.com","password":` + json + `}`)
	}
	change := func(body string) apitest.Request { return apitest.Change(w.Ada, body) }
	const current = `"current_password":"` + apitest.Password + `"`
	text := func(n int) string { return `"` + strings.Repeat("a", n) + `"` }
	return []badInput{
		{"e-mail: missing", apitest.Register(`{"password":"something longer than that"}`), status, code, "/email required"},
		{"e-mail: null", email(`null`), status, code, "/email not_nullable"},
		{"e-mail: a number", email(`1`), status, code, "/email invalid_type"},
		{"e-mail: a number beyond all bounds", email(`1e999`), status, code, "/email invalid_type, /email too_large"},
		{"e-mail: a number of many digits", email(strings.Repeat("9", 5000)), status, code, "/email invalid_type, /email too_large"},
		{"e-mail: a number next to nothing", email(`1e-999`), status, code, "/email invalid_type"},
		{"e-mail: a list", email(`["new@example.com"]`), status, code, "/email invalid_type"},
		{"e-mail: an object", email(`{"$ne":null}`), status, code, "/email invalid_type"},
		{"e-mail: true", email(`true`), status, code, "/email invalid_type"},
		{"e-mail: empty", email(`""`), status, code, "/email invalid_format, /email too_short"},
		{"e-mail: without an @", email(`"example.com"`), status, code, "/email invalid_format"},
		{"e-mail: two @", email(`"a@b@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: nothing before the @", email(`"@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: nothing after the @", email(`"mallory@"`), status, code, "/email invalid_format"},
		{"e-mail: a host without a dot", email(`"mallory@localhost"`), status, code, "/email invalid_format"},
		{"e-mail: an address literal", email(`"mallory@[127.0.0.1]"`), status, code, "/email invalid_format"},
		{"e-mail: a trailing dot", email(`"mallory@example.com."`), status, code, "/email invalid_format"},
		{"e-mail: two dots in a row", email(`"mallory@example..com"`), status, code, "/email invalid_format"},
		{"e-mail: a host that begins with a hyphen", email(`"mallory@-example.com"`), status, code, "/email invalid_format"},
		{"e-mail: an underscore in the host", email(`"mallory@exam_ple.com"`), status, code, "/email invalid_format"},
		{"e-mail: a quoted local part", email(`"\"mallory\"@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: a space", email(`"mallory smith@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: a leading space", email(`" mallory@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: a trailing space", email(`"mallory@example.com "`), status, code, "/email invalid_format"},
		{"e-mail: with a display name", email(`"Mallory <mallory@example.com>"`), status, code, "/email invalid_format"},
		{"e-mail: two of them", email(`"mallory@example.com,eve@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: a comment", email(`"mallory(hi)@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: a line break", email(`"mallory@example.com\nBcc: eve@example.com"`), status, code, "/email control_character"},
		{"e-mail: a line break at its end", email(`"mallory@example.com\n"`), status, code, "/email control_character"},
		{"e-mail: a local part of 65", email(`"` + strings.Repeat("a", 65) + `@example.com"`), status, code, "/email invalid_format"},
		{"e-mail: a label of 64", email(`"mallory@` + strings.Repeat("a", 64) + `.com"`), status, code, "/email invalid_format"},
		{"e-mail: 255 characters", email(`"mallory@` + strings.Repeat("a.", 122) + `com"`), status, code, "/email too_long"},
		{"homograph: the Kelvin sign", email(`"mallory@\u212aexample.com"`), status, code, "/email invalid_format"},
		{"homograph: the Kelvin sign before the @", email(`"\u212aate@example.com"`), status, code, "/email invalid_format"},
		{"homograph: a dotted capital I", email(`"\u0130da@example.com"`), status, code, "/email invalid_format"},
		{"homograph: a dotless i", email(`"\u0131da@example.com"`), status, code, "/email invalid_format"},
		{"homograph: a long s", email(`"\u017fue@example.com"`), status, code, "/email invalid_format"},
		{"homograph: a full-width @", email(`"mallory\uff20example.com"`), status, code, "/email invalid_format"},
		{"homograph: a full-width dot", email(`"mallory@example\uff0ecom"`), status, code, "/email invalid_format"},
		{"homograph: a Cyrillic a", email(`"m\u0430llory@example.com"`), status, code, "/email invalid_format"},
		{"homograph: a Cyrillic host", email(`"mallory@ex\u0430mple.com"`), status, code, "/email invalid_format"},
		{"homograph: a zero-width space", email(`"mallory\u200b@example.com"`), status, code, "/email control_character"},
		{"homograph: a right-to-left override", email(`"mallory@example.com\u202e"`), status, code, "/email control_character"},
		{"homograph: on a change", change(`{"email":"\u212aate@example.com"}`), status, code, "/email invalid_format"},

		{"password: missing", apitest.Register(`{"email":"new@example.com"}`), status, code, "/password required"},
		{"password: null", newPassword(`null`), status, code, "/password not_nullable"},
		{"password: a number", newPassword(`12345678`), status, code, "/password invalid_type"},
		{"password: a list", newPassword(`["something longer than that"]`), status, code, "/password invalid_type"},
		{"password: 14 characters", newPassword(text(14)), status, code, "/password too_short"},
		{"password: 14 characters of four bytes", newPassword(`"` + strings.Repeat("\U0001f600", 14) + `"`), status, code, "/password too_short"},
		{"password: 129 characters", newPassword(text(129)), status, code, "/password too_long"},
		{"password: a common one", newPassword(`"password1234567"`), status, code, "/password password_blocklisted"},
		{"password: a common one in capitals", newPassword(`"PASSWORD1234567"`), status, code, "/password password_blocklisted"},
		{"password: NUL", newPassword(`"something\u0000longer than that"`), status, code, "/password control_character"},

		{"name: empty", name(`""`), status, code, "/name invalid_format, /name too_short"},
		{"name: spaces only", name(`"   "`), status, code, "/name invalid_format"},
		{"name: 201 characters", name(text(201)), status, code, "/name too_long"},
		{"name: a number", name(`42`), status, code, "/name invalid_type"},
		{"name: false", name(`false`), status, code, "/name invalid_type"},
		{"name: an object", name(`{"first":"Mallory"}`), status, code, "/name invalid_type"},

		{
			"several: everything is told at once", apitest.Register(`{"email":"mallory","password":"x","name":"","age":7}`), status, code,
			"/age unknown_member, /email invalid_format, /name invalid_format, /name too_short, /password too_short",
		},

		{"controls: NUL", name(`"Mal\u0000lory"`), status, code, "/name control_character"},
		{"controls: a tab", name(`"Mal\tlory"`), status, code, "/name control_character"},
		{"controls: a line break", name(`"Mal\r\nlory"`), status, code, "/name control_character"},
		{"controls: escape", name(`"\u001b[31mMallory"`), status, code, "/name control_character"},
		{"controls: DEL", name(`"Mal\u007flory"`), status, code, "/name control_character"},
		{"controls: DEL as it is", name("\"Mal\x7flory\""), status, code, "/name control_character"},
		{"controls: next line (C1)", name(`"Mal\u0085lory"`), status, code, "/name control_character"},
		{"controls: C1 as it is", name("\"Mal\u009blory\""), status, code, "/name control_character"},
		{"controls: a right-to-left override", name(`"a\u202eb"`), status, code, "/name control_character"},
		{"controls: a line separator", name(`"a\u2028b"`), status, code, "/name control_character"},
		{"controls: in the password of a login", loginPassword(`"a\u0000b"`), status, code, "/password control_character"},
		{"controls: in a refresh token", apitest.Refresh(`{"refresh_token":"rt_\u0000"}`), status, code, "/refresh_token control_character"},
		{"controls: on a change", change(`{"name":"Mal\u0000lory"}`), status, code, "/name control_character"},
		{"controls: in the name of a member", apitest.Refresh(`{"refresh_token":"x","a\u0000b":1}`), status, code, "(body) control_character, (body) unknown_member"},
		{"controls: deep in an unknown member", apitest.Refresh(`{"refresh_token":"x","y":[{"z":"\u0007"}]}`), status, code, "/y unknown_member"},

		{"login: e-mail missing", apitest.Login(`{"password":"x"}`), status, code, "/email required"},
		{"login: e-mail null", loginEmail(`null`), status, code, "/email not_nullable"},
		{"login: e-mail a number", loginEmail(`1`), status, code, "/email invalid_type"},
		{"login: e-mail empty", loginEmail(`""`), status, code, "/email too_short"},
		{"login: e-mail of 255", loginEmail(text(255)), status, code, "/email too_long"},
		{"login: password missing", apitest.Login(`{"email":"nobody@example.com"}`), status, code, "/password required"},
		{"login: password null", loginPassword(`null`), status, code, "/password not_nullable"},
		{"login: password a list", loginPassword(`["x"]`), status, code, "/password invalid_type"},
		{"login: password empty", loginPassword(`""`), status, code, "/password too_short"},
		{"login: password of 1,025", loginPassword(text(1025)), status, code, "/password too_long"},
		{"login: password of 1,026 bytes in fewer characters", loginPassword(`"` + strings.Repeat("é", 513) + `"`), status, code, "/password too_long"},

		{"refresh: null", apitest.Refresh(`{"refresh_token":null}`), status, code, "/refresh_token not_nullable"},
		{"refresh: a number", apitest.Refresh(`{"refresh_token":1}`), status, code, "/refresh_token invalid_type"},
		{"refresh: a list", apitest.Refresh(`{"refresh_token":["x"]}`), status, code, "/refresh_token invalid_type"},

		{"change: e-mail null", change(`{"email":null}`), status, code, "/email not_nullable"},
		{"change: e-mail malformed", change(`{"email":"mallory"}`), status, code, "/email invalid_format"},
		{"change: password null", change(`{"password":null}`), status, code, "/password not_nullable"},
		{"change: password too short", change(`{"password":"1234567"}`), status, code, "/password too_short"},
		{"change: password too long", change(`{"password":` + text(129) + `}`), status, code, "/password too_long"},
		{"change: password a common one", change(`{"password":"password1234567",` + current + `}`), status, code, "/password password_blocklisted"},
		{"change: password one's own e-mail", change(`{"password":"` + w.Ada.Email + `",` + current + `}`), status, code, "/password password_blocklisted"},
		{"change: name empty", change(`{"name":""}`), status, code, "/name invalid_format, /name too_short"},
		{"change: name too long", change(`{"name":` + text(201) + `}`), status, code, "/name too_long"},
		{"change: a good name and a bad e-mail", change(`{"name":"Mallory","email":"x"}`), status, code, "/email invalid_format, /email too_short"},
	}
}
