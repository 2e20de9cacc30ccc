package protocol_test

import (
	"net/http"
	"strings"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
)

// badAccountChanges are about ending sessions, changing any account and deleting one's own.
func badAccountChanges(w *apitest.World) []badInput {
	const status, code = 422, validationFailed
	const unknownID = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
	const noUser, noSession = apiclient.ProblemCodeUserNotFound, apiclient.ProblemCodeSessionNotFound
	const reauthentication, forbidden = apiclient.ProblemCodeReauthenticationFailed, apiclient.ProblemCodeForbidden
	ada := apitest.UsersPath + w.User(w.Ada).ID
	method := func(method string, r apitest.Request) apitest.Request {
		r.Method = method
		return r
	}
	update := func(body string) apitest.Request {
		return method(http.MethodPatch, apitest.Post(ada, body)).As(w.Admin)
	}
	remove := func(body string) apitest.Request { return apitest.Post(apitest.MePath+"/deletion", body).As(w.Ada) }
	logout := func(body string) apitest.Request { return apitest.Post("/api/v1/auth/logout", body) }
	revoke := func(id string) apitest.Request {
		return method(http.MethodDelete, apitest.Get(apitest.MePath+"/sessions/"+id)).As(w.Ada)
	}
	revokeAll := func(id string) apitest.Request {
		return method(http.MethodDelete, apitest.Get(apitest.UsersPath+id+"/sessions")).As(w.Admin)
	}
	search := func(text string) apitest.Request { return apitest.Get("/api/v1/users?search=" + text).As(w.Admin) }
	ifMatch := func(tag string) apitest.Request {
		return apitest.Change(w.Ada, `{"name":"Mallory"}`).With("If-Match", tag)
	}
	return []badInput{
		{"any account: nothing", update(`{}`), status, code, "(body) too_few_members"},
		{"any account: null", update(`null`), status, code, "(body) not_nullable"},
		{"any account: a list", update(`[{"role":"admin"}]`), status, code, "(body) invalid_type"},
		{"any account: an e-mail", update(`{"email":"mallory@example.com"}`), status, code, "/email unknown_member"},
		{"any account: a password", update(`{"password":"something longer than that"}`), status, code, "/password unknown_member"},
		{"any account: a password hash", update(`{"name":"Mallory","password_hash":"x"}`), status, code, "/password_hash unknown_member"},
		{"any account: an id", update(`{"id":"` + unknownID + `"}`), status, code, "/id unknown_member"},
		{"any account: a version", update(`{"name":"Mallory","version":1}`), status, code, "/version unknown_member"},
		{"any account: its time", update(`{"created_at":"2020-01-01T00:00:00Z","updated_at":null}`), status, code, "/created_at unknown_member, /updated_at unknown_member"},
		{"any account: a prototype", update(`{"name":"Mallory","__proto__":{"role":"admin"}}`), status, code, "/__proto__ unknown_member"},
		{"any account: role in another case", update(`{"Role":"admin"}`), status, code, "/Role unknown_member"},
		{"any account: role null", update(`{"role":null}`), status, code, "/role not_allowed"},
		{"any account: role unknown", update(`{"role":"root"}`), status, code, "/role not_allowed"},
		{"any account: role in capitals", update(`{"role":"ADMIN"}`), status, code, "/role not_allowed"},
		{"any account: role a list", update(`{"role":["user","admin"]}`), status, code, "/role not_allowed"},
		{"any account: is_active null", update(`{"is_active":null}`), status, code, "/is_active not_nullable"},
		{"any account: is_active a text", update(`{"is_active":"false"}`), status, code, "/is_active invalid_type"},
		{"any account: is_active a number", update(`{"is_active":0}`), status, code, "/is_active invalid_type"},
		{"any account: name empty", update(`{"name":""}`), status, code, "/name invalid_format, /name too_short"},
		{"any account: a good role and a bad name", update(`{"role":"admin","name":"a\u0000b"}`), status, code, "/name control_character"},
		{"any account: twice the same member", update(`{"role":"user","role":"admin"}`), 400, apiclient.ProblemCodeMalformedRequest, ""},
		{"any account: unknown", method(http.MethodPatch, apitest.Post(apitest.UsersPath+unknownID, `{"role":"admin"}`)).As(w.Admin), 404, noUser, ""},
		{"any account: one's own, as a user", method(http.MethodPatch, apitest.Post(ada, `{"is_active":true}`)).As(w.Ada), 403, forbidden, ""},

		{"deletion: without a password", remove(`{}`), status, code, "/current_password required"},
		{"deletion: null", remove(`{"current_password":null}`), status, code, "/current_password not_nullable"},
		{"deletion: an empty password", remove(`{"current_password":""}`), status, code, "/current_password too_short"},
		{"deletion: a password of 1,025", remove(`{"current_password":"` + strings.Repeat("a", 1025) + `"}`), status, code, "/current_password too_long"},
		{"deletion: a password of 1,026 bytes in fewer characters", remove(`{"current_password":"` + strings.Repeat("é", 513) + `"}`), status, code, "/current_password too_long"},
		{"deletion: a wrong password", remove(`{"current_password":"wrong"}`), 403, reauthentication, ""},
		{"deletion: of another account", remove(`{"current_password":"wrong","id":"` + unknownID + `"}`), status, code, "/id unknown_member"},

		{"current password: missing beside an e-mail", apitest.Change(w.Ada, `{"email":"mallory@example.com"}`), status, code, "/current_password required"},
		{"current password: missing beside a password", apitest.Change(w.Ada, `{"password":"something longer than that"}`), status, code, "/current_password required"},
		{"current password: wrong", apitest.Change(w.Ada, `{"email":"mallory@example.com","current_password":"wrong"}`), 403, reauthentication, ""},
		{"current password: wrong, where none is needed", apitest.Change(w.Ada, `{"name":"Mallory","current_password":"wrong"}`), 403, reauthentication, ""},
		{"current password: a hash", apitest.Change(w.Ada, `{"email":"mallory@example.com","current_password":"$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"}`), 403, reauthentication, ""},
		{"current password: null", apitest.Change(w.Ada, `{"name":"Mallory","current_password":null}`), status, code, "/current_password not_nullable"},

		{"logout: nothing", logout(`{}`), status, code, "/refresh_token required"},
		{"logout: null", logout(`{"refresh_token":null}`), status, code, "/refresh_token not_nullable"},
		{"logout: a list", logout(`{"refresh_token":["x"]}`), status, code, "/refresh_token invalid_type"},
		{"logout: NUL", logout(`{"refresh_token":"rt_\u0000"}`), status, code, "/refresh_token control_character"},
		{"logout: all of them", logout(`{"refresh_token":"x","all":true}`), status, code, "/all unknown_member"},
		{"logout: anything is fine", logout(`{"refresh_token":"' OR 1=1 --"}`), 204, "", ""},
		{"logout: an unknown token is accepted", logout(`{"refresh_token":"` + unknownToken(w) + `"}`), 204, "", ""},
		{"logout: of a session that has ended is fine", logout(`{"refresh_token":"` + w.Ended.Tokens.RefreshToken + `"}`), 204, "", ""},

		{"session: no id", revoke("42"), status, code, "path:id too_short"},
		{"session: lower case", revoke(strings.ToLower(unknownID)), status, code, "path:id invalid_format"},
		{"session: unknown", revoke(unknownID), 404, noSession, ""},
		{"session: an admin's", revoke(apitest.ClaimOf(w.Admin, "sid")), 404, noSession, ""},
		{"session: a user", revoke(w.User(w.Ada).ID), 404, noSession, ""},
		{"session: of a user who is none", revokeAll(unknownID), 404, noUser, ""},
		{"session: of no id", revokeAll("42"), status, code, "path:id too_short"},
		{"session: all of one's own, where the list is", revokeAll("me"), 405, apiclient.ProblemCodeMethodNotAllowed, ""},
		{"session: of one's own account, as a user", method(http.MethodDelete, apitest.Get(ada+"/sessions")).As(w.Ada), 403, forbidden, ""},

		{"search: empty", search(""), status, code, "query:search too_short"},
		{"search: 201 characters", search(strings.Repeat("a", 201)), status, code, "query:search too_long"},
		{"search: NUL", search("a%00b"), status, code, "query:search control_character"},
		{"search: a line break", search("a%0Ab"), status, code, "query:search control_character"},
		{"search: no UTF-8", search("%FF"), status, code, "query:search invalid_format"},
		{"search: twice", search("ada&search=bob"), status, code, "query:search invalid"},
		{"search: SQL is a text", search("'%20OR%20true%20--"), 200, "", ""},
		{"search: patterns are texts", search("%25_%5C"), 200, "", ""},

		{"If-Match: stale", ifMatch(`"0"`), 412, apiclient.ProblemCodePreconditionFailed, ""},
		{"If-Match: weak", ifMatch(`W/"1"`), 412, apiclient.ProblemCodePreconditionFailed, ""},
		{"If-Match: of any account", update(`{"name":"Mallory"}`).With("If-Match", `"0"`), 412, apiclient.ProblemCodePreconditionFailed, ""},
		{"If-Match: no tag", ifMatch(`1`), status, code, "header:If-Match invalid_format"},
		{"If-Match: half a tag", ifMatch(`"1`), status, code, "header:If-Match invalid_format"},
		{"If-Match: any or one", ifMatch(`*, "1"`), status, code, "header:If-Match invalid_format"},
		{"If-Match: twice", ifMatch(`"1"`).With("If-Match", `"1"`), status, code, "header:If-Match invalid"},
		{"If-Match: a tab", ifMatch("\"0\",\t\"1\""), status, code, "header:If-Match control_character"},
		{"If-Match: 513 characters", ifMatch(`"` + strings.Repeat("1", 511) + `"`), status, code, "header:If-Match too_long"},
		{"If-Match: SQL", ifMatch(`"1" OR "1"`), status, code, "header:If-Match invalid_format"},
	}
}
