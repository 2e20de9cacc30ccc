package protocol_test

import (
	"net/http"
	"strings"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
)

// badPaths are addresses that lead nowhere: paths, identifiers in them, and queries.
func badPaths(w *apitest.World) []badInput {
	const invalid, notFound = validationFailed, apiclient.ProblemCodeRouteNotFound
	const unauthenticated = apiclient.ProblemCodeUnauthenticated
	const badID, shortID, longID = "path:id invalid_format", "path:id too_short", "path:id too_long"
	const unknownID = "01JD8Z5V3K4N6P7Q8R9S0T1V2W"
	user := func(id string) apitest.Request { return apitest.Get(apitest.UsersPath + id).As(w.Admin) }
	users := func(query string) apitest.Request { return apitest.Get("/api/v1/users?" + query).As(w.Admin) }
	me := apitest.Get(apitest.MePath).As(w.Ada)
	at := func(r apitest.Request, path string) apitest.Request {
		r.Path = path
		return r
	}
	return []badInput{
		{"id: a number", user("42"), 422, invalid, shortID},
		{"id: 25 characters", user(unknownID[1:]), 422, invalid, shortID},
		{"id: 27 characters", user(unknownID + "0"), 422, invalid, longID},
		{"id: 4,000 characters", user(strings.Repeat("0", 4000)), 422, invalid, longID},
		{"id: lower case", user(strings.ToLower(unknownID)), 422, invalid, badID},
		{"id: a letter that Crockford left out", user(unknownID[:25] + "U"), 422, invalid, badID},
		{"id: more than 128 bits", user("8" + unknownID[1:]), 422, invalid, badID},
		{"id: a UUID", user("0191d0a4-9c5e-7c3a-8b1f-2f6d3c4b5a69"), 422, invalid, longID},
		{"id: negative", user("-1"), 422, invalid, shortID},
		{"id: a wildcard", user("*"), 422, invalid, shortID},
		{"id: of another case than me", user("ME"), 422, invalid, shortID},
		{"id: SQL", user("'%20OR%20'1'='1"), 422, invalid, shortID},
		{"id: a format", user("%25s%25n"), 422, invalid, shortID},
		{"id: a space after it", user(unknownID + "%20"), 422, invalid, longID},
		{"id: a line break after it", user(unknownID + "%0A"), 422, invalid, "path:id control_character"},
		{"id: an encoded NUL", user(unknownID[:25] + "%00"), 422, invalid, "path:id control_character"},
		{"id: an encoded slash", user(unknownID + "%2F"), 422, invalid, longID},
		{"id: an encoded path", user("..%2Fme"), 422, invalid, shortID},
		{"id: an encoded percent sign", user(unknownID[:25] + "%2557"), 422, invalid, longID},
		{"id: full-width digits", user(unknownID[:25] + "%EF%BC%90"), 422, invalid, badID},
		{"id: no UTF-8", user(unknownID[:25] + "%FF"), 422, invalid, badID},
		{"id: matrix parameters", user(unknownID + ";x=1"), 422, invalid, longID},
		{"id: escaped, which makes no difference", user("%30" + unknownID[1:]), 404, apiclient.ProblemCodeUserNotFound, ""},
		{"id: escaped twice", user("%2530" + unknownID[1:]), 422, invalid, longID},
		{"id: a user is not told what an id is", apitest.Get(apitest.UsersPath + "42").As(w.Ada), 403, apiclient.ProblemCodeForbidden, ""},
		{"id: a stranger is not told what an id is", apitest.Get(apitest.UsersPath + "42"), 401, unauthenticated, ""},
		{"id: unknown", user(unknownID), 404, apiclient.ProblemCodeUserNotFound, ""},

		{"path: escaped letters", apitest.Get("/%68ealth"), 200, "", ""},
		{"path: escaped letters of me", apitest.Get(apitest.UsersPath + "%6De").As(w.Ada), 200, "", ""},
		{"path: escaped letters of me, as a stranger", apitest.Get(apitest.UsersPath + "m%65"), 401, unauthenticated, ""},
		{"path: escaped twice", apitest.Get("/%2568ealth"), 404, notFound, ""},
		{"path: an escaped slash", apitest.Get("/health%2Fready"), 404, notFound, ""},
		{"path: escaped dots", apitest.Get("/health/%2e%2E/health"), 404, notFound, ""},
		{"path: the root", apitest.Get("/"), 404, notFound, ""},
		{"path: unknown", apitest.Get("/api/v1/nothing").As(w.Admin), 404, notFound, ""},
		{"path: another version", apitest.Get("/api/v2/users/me").As(w.Admin), 404, notFound, ""},
		{"path: the beginning of one", apitest.Get("/api/v1/auth").As(w.Admin), 404, notFound, ""},
		{"path: an empty id", apitest.Get(apitest.UsersPath).As(w.Admin), 404, notFound, ""},
		{"path: below an id", apitest.Get(apitest.UsersPath + unknownID + "/nothing").As(w.Admin), 404, notFound, ""},
		{"path: below an id, as a stranger", apitest.Get(apitest.UsersPath + unknownID + "/nothing"), 404, notFound, ""},
		{"path: below me", apitest.Get(apitest.MePath + "/nothing").As(w.Admin), 404, notFound, ""},
		{"path: below a path below an id", apitest.Get(apitest.UsersPath + unknownID + "/sessions/" + unknownID).As(w.Admin), 404, notFound, ""},
		{"path: a slash after a path below an id", apitest.Get(apitest.UsersPath + unknownID + "/sessions/").As(w.Admin), 404, notFound, ""},
		{"path: below an id at the end", apitest.Get(apitest.MePath + "/sessions/" + unknownID + "/nothing").As(w.Admin), 404, notFound, ""},
		{"path: a slash after an id", apitest.Get(apitest.UsersPath + unknownID + "/").As(w.Admin), 404, notFound, ""},
		{"path: a slash after me", apitest.Get(apitest.MePath + "/").As(w.Admin), 404, notFound, ""},
		{"path: a slash after health", apitest.Get("/health/"), 404, notFound, ""},
		{"path: a slash after login", at(apitest.Login(apitest.UnknownLogin), apitest.LoginPath+"/"), 404, notFound, ""},
		{"path: two slashes", apitest.Get("/api/v1/users//me").As(w.Admin), 404, notFound, ""},
		{"path: two slashes in front", apitest.Get("//health"), 404, notFound, ""},
		{"path: up and down", apitest.Get("/api/v1/users/../users/me").As(w.Admin), 404, notFound, ""},
		{"path: up and down, encoded", apitest.Get("/api/v1/%2e%2e/v1/users/me").As(w.Admin), 404, notFound, ""},
		{"path: out of the root", apitest.Get("/../../etc/passwd"), 404, notFound, ""},
		{"path: the current folder", apitest.Get("/api/v1/./users/me").As(w.Admin), 404, notFound, ""},
		{"path: an encoded slash", apitest.Get("/api/v1%2Fusers/me").As(w.Admin), 404, notFound, ""},
		{"path: in capitals", apitest.Get("/API/V1/USERS/ME").As(w.Admin), 404, notFound, ""},
		{"path: an encoded NUL", apitest.Get("/health%00"), 404, notFound, ""},
		{"path: an encoded line break", apitest.Get("/health%0d%0aX-Injected:%201"), 404, notFound, ""},
		{"path: an extension", apitest.Get("/health.json"), 404, notFound, ""},
		{"path: a parameter's name", apitest.Get("/api/v1/users/:id/x").As(w.Admin), 404, notFound, ""},
		{"path: backslashes", apitest.Get(`/api%5Cv1%5Cusers%5Cme`).As(w.Admin), 404, notFound, ""},
		{"path: markup", apitest.Get("/%3Cscript%3Ealert(1)%3C/script%3E"), 404, notFound, ""},
		{"path: profiles", apitest.Get("/debug/pprof/"), 404, notFound, ""},

		{"query: unknown", at(me, apitest.MePath+"?fields=email"), 422, invalid, "query:fields unknown_parameter"},
		{"query: unknown, of a public operation", apitest.Get("/health?verbose=1"), 422, invalid, "query:verbose unknown_parameter"},
		{"query: unknown, with a body", at(apitest.Login(apitest.UnknownLogin), apitest.LoginPath+"?next=/"), 422, invalid, "query:next unknown_parameter"},
		{"query: unknown, twice", apitest.Get("/health?a=1&a=2"), 422, invalid, "query:a unknown_parameter"},
		{"query: several", apitest.Get("/health?b=1&a=2"), 422, invalid, "query:a unknown_parameter, query:b unknown_parameter"},
		{"query: without a value", apitest.Get("/health?debug"), 422, invalid, "query:debug unknown_parameter"},
		{"query: without a name", apitest.Get("/health?=1"), 422, invalid, "query: unknown_parameter"},
		{"query: a name that cannot be printed is not repeated", apitest.Get("/health?a%00=1"), 422, invalid, "query: unknown_parameter"},
		{"query: a long name is not repeated", apitest.Get("/health?" + strings.Repeat("a", 65)), 422, invalid, "query: unknown_parameter"},
		{"query: a limit of nothing", users("limit=0"), 422, invalid, "query:limit too_small"},
		{"query: a limit below nothing", users("limit=-1"), 422, invalid, "query:limit too_small"},
		{"query: a limit above the most", users("limit=101"), 422, invalid, "query:limit too_large"},
		{"query: a limit beyond 32 bits", users("limit=4294967297"), 422, invalid, "query:limit too_large"},
		{"query: a limit beyond 64 bits", users("limit=99999999999999999999"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit beyond all bounds", users("limit=1e999"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit that is a text", users("limit=ten"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit with a fraction", users("limit=1.5"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit in other digits", users("limit=%D9%A1%D9%A0"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit with an exponent", users("limit=1e1"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit in hexadecimal", users("limit=0x10"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit with a sign", users("limit=%2B10"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit with a zero in front", users("limit=010"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit with a point", users("limit=10.0"), 422, invalid, "query:limit invalid_type"},
		{"query: a limit with a space", users("limit=10%20"), 422, invalid, "query:limit invalid_type"},
		{"query: an empty limit", users("limit="), 422, invalid, "query:limit invalid_type"},
		{"query: a limit twice", users("limit=1&limit=1"), 422, invalid, "query:limit invalid"},
		{"query: a limit as a list", users("limit[]=1"), 422, invalid, "query:limit[] unknown_parameter"},
		{"query: a limit in capitals", users("LIMIT=1"), 422, invalid, "query:LIMIT unknown_parameter"},
		{"query: an unknown order", users("sort=password_hash"), 422, invalid, "query:sort not_allowed"},
		{"query: SQL for an order", users("sort=email;drop%20table%20users"), 400, apiclient.ProblemCodeMalformedRequest, ""},
		{"query: an unknown role", users("role=root"), 422, invalid, "query:role not_allowed"},
		{"query: neither true nor false", users("is_active=yes"), 422, invalid, "query:is_active invalid_type"},
		{"query: one for true", users("is_active=1"), 422, invalid, "query:is_active invalid_type"},
		{"query: an empty cursor", users("cursor="), 422, invalid, "query:cursor too_short"},
		{"query: a cursor made up", users("cursor=AAAA"), 422, invalid, "query:cursor invalid_format"},
		{"query: a long cursor", users("cursor=" + strings.Repeat("A", 2049)), 422, invalid, "query:cursor too_long"},
		{"query: NUL", users("cursor=%00"), 422, invalid, "query:cursor control_character"},
		{"query: C1", users("cursor=a%C2%85"), 422, invalid, "query:cursor control_character"},
		{"query: no UTF-8", users("cursor=%FF"), 422, invalid, "query:cursor invalid_format"},
		{"query: everything is told at once", users("limit=0&sort=x&x=1"), 422, invalid, "query:limit too_small, query:sort not_allowed, query:x unknown_parameter"},
		{"query: a user is not told of it", apitest.Get("/api/v1/users?limit=0").As(w.Ada), 403, apiclient.ProblemCodeForbidden, ""},
		{"query: as many as fit", apitest.Get("/health?" + strings.Repeat("a&", 5000)), 422, invalid, "query: too_many_parameters"},
		{"query: 64 are told", apitest.Get("/health?" + strings.Join(numbered("n%02d", 64), "&")), 422, invalid, strings.Join(numbered("query:n%02d unknown_parameter", 32), ", ")},
		{"query: no query", apitest.Get("/health?%zz"), 400, apiclient.ProblemCodeMalformedRequest, ""},
		{"query: semicolons", apitest.Get("/health?a=1;b=2"), 400, apiclient.ProblemCodeMalformedRequest, ""},
		{"query: the id", user(unknownID + "?id=" + unknownID), 422, invalid, "query:id unknown_parameter"},
		{"query: a stranger is not told of it", apitest.Get(apitest.MePath + "?fields=email"), 401, unauthenticated, ""},
		{
			"query: members of the body", at(apitest.Login(`{}`), apitest.LoginPath+"?email=nobody@example.com&password=x"), 422, invalid,
			"/email required, /password required, query:email unknown_parameter, query:password unknown_parameter",
		},
	}
}

// badMethods are methods that a path does not have, and attempts to send one disguised as another.
// The transport holds Allow against the contract.
func badMethods(w *apitest.World) []badInput {
	const status, code = 405, apiclient.ProblemCodeMethodNotAllowed
	send := func(method, path string) apitest.Request { return apitest.Request{Method: method, Path: path} }
	return []badInput{
		{"method: POST on me", apitest.Post(apitest.MePath, `{}`).As(w.Ada), status, code, ""},
		{"method: PUT on me", send(http.MethodPut, apitest.MePath).As(w.Ada), status, code, ""},
		{"method: DELETE on me", send(http.MethodDelete, apitest.MePath).As(w.Ada), status, code, ""},
		{"method: DELETE on me, as a stranger", send(http.MethodDelete, apitest.MePath), status, code, ""},
		{"method: DELETE on a user", send(http.MethodDelete, apitest.UsersPath+"01JD8Z5V3K4N6P7Q8R9S0T1V2W").As(w.Admin), status, code, ""},
		{"method: PUT on a user", send(http.MethodPut, apitest.UsersPath+"01JD8Z5V3K4N6P7Q8R9S0T1V2W").As(w.Admin), status, code, ""},
		{"method: GET on a path below an id", apitest.Get(apitest.UsersPath + "01JD8Z5V3K4N6P7Q8R9S0T1V2W/sessions").As(w.Admin), status, code, ""},
		{"method: GET on login", apitest.Get(apitest.LoginPath), status, code, ""},
		{"method: GET on login with a query", apitest.Get(apitest.LoginPath + "?email=nobody@example.com&password=x"), status, code, ""},
		{"method: PUT on login", send(http.MethodPut, apitest.LoginPath), status, code, ""},
		{"method: POST on health", send(http.MethodPost, "/health"), status, code, ""},
		{"method: TRACE", send(http.MethodTrace, "/health"), status, code, ""},
		{"method: CONNECT", send(http.MethodConnect, "/health"), status, code, ""},
		{"method: QUERY", send("QUERY", apitest.MePath).As(w.Ada), status, code, ""},
		{"method: PROPFIND", send("PROPFIND", "/health"), status, code, ""},
		{"method: in lower case", send("get", "/health"), status, code, ""},
		{"method: unknown", send("BREW", "/health"), status, code, ""},
		{"method: unknown, at no path", send("BREW", "/nothing"), 404, apiclient.ProblemCodeRouteNotFound, ""},

		{"override: X-HTTP-Method-Override", apitest.Post(apitest.MePath, `{"name":"x"}`).As(w.Ada).With("X-HTTP-Method-Override", "PATCH"), status, code, ""},
		{"override: X-HTTP-Method", apitest.Post(apitest.MePath, `{"name":"x"}`).As(w.Ada).With("X-HTTP-Method", "PATCH"), status, code, ""},
		{"override: X-Method-Override", apitest.Post(apitest.MePath, `{"name":"x"}`).As(w.Ada).With("X-Method-Override", "PATCH"), status, code, ""},
		{"override: in the query", apitest.Post(apitest.MePath+"?_method=PATCH", `{"name":"x"}`).As(w.Ada), status, code, ""},
		{"override: of a GET is ignored", apitest.Get(apitest.MePath).As(w.Ada).With("X-HTTP-Method-Override", "DELETE"), 200, "", ""},
		{"override: of the path is ignored", apitest.Get("/nothing").With("X-Original-URL", "/health").With("X-Rewrite-URL", "/health"), 404, apiclient.ProblemCodeRouteNotFound, ""},
	}
}
