package httpapi_test

import (
	"encoding/base64"
	"strings"

	"example.com/plinth/gen/apiclient"
)

// badTokens are access tokens that are not ours, no longer ours, or nearly ours.
func badTokens(w *world) []badInput {
	const status, code = 401, apiclient.ProblemCodeInvalidToken
	const none, malformed = apiclient.ProblemCodeUnauthenticated, apiclient.ProblemCodeMalformedRequest
	good, k := w.ada.tokens.AccessToken, w.keys
	me := func(token string) request { return get(mePath).bearing(token) }
	credentials := func(value string) request { return get(mePath).with("Authorization", value) }
	claims := func(name string, value any) request { return me(k.sign(k.header(), k.claims(name, value))) }
	header := func(name string, value any) request { return me(k.sign(k.header(name, value), k.claims())) }
	head, payload, signature := split(good)
	userID, now, life := claimOf(w.ada, "sub"), k.issuedAt(), k.lifetime()
	return []badInput{
		{"credentials: none", get(mePath), 401, none, ""},
		{"credentials: empty", credentials(" "), 401, none, ""},
		{"credentials: the scheme alone", credentials("Bearer"), status, code, ""},
		{"credentials: the scheme in lower case is fine", credentials("bearer " + good), 200, "", ""},
		{"credentials: the scheme in capitals is fine", credentials("BEARER " + good), 200, "", ""},
		{"credentials: another scheme", credentials("Token " + good), 401, none, ""},
		{"credentials: Basic", credentials("Basic " + base64.StdEncoding.EncodeToString([]byte(w.ada.email+":"+password))), 401, none, ""},
		{"credentials: no scheme", credentials(good), 401, none, ""},
		{"credentials: two spaces", credentials("Bearer  " + good), 200, "", ""},
		{"credentials: a tab", credentials("Bearer\t" + good), 401, none, ""},
		{"credentials: quoted", credentials(`Bearer "` + good + `"`), status, code, ""},
		{"credentials: as a parameter", credentials("Bearer token=" + good), status, code, ""},
		{"credentials: something after it", credentials("Bearer " + good + " x"), status, code, ""},
		{"credentials: a list", credentials("Bearer " + good + ",Bearer " + good), status, code, ""},
		{"credentials: the word null", me("null"), status, code, ""},
		{"credentials: not ASCII", me("é" + good), status, code, ""},
		{"credentials: two headers", me(good).with("Authorization", "Bearer "+good), 400, malformed, ""},
		{"credentials: two headers, one empty", me(good).with("Authorization", " "), 400, malformed, ""},
		{"credentials: two headers where none is needed", get("/health").bearing("a").bearing("b"), 400, malformed, ""},
		{"credentials: nonsense where none is needed is fine", get("/health").bearing("nonsense"), 200, "", ""},
		{"credentials: in the proxy's header", get(mePath).with("Proxy-Authorization", "Bearer "+good), 401, none, ""},
		{"credentials: in a header of our own making", get(mePath).with("X-Access-Token", good), 401, none, ""},
		{"credentials: in a cookie", get(mePath).with("Cookie", "access_token="+good), 401, none, ""},
		{"credentials: in the query", get(mePath + "?access_token=" + good), 401, none, ""},
		{"credentials: in the query as well", get(mePath + "?access_token=" + good).as(w.ada), 422, validationFailed, "query:access_token unknown_parameter"},
		{"credentials: in the query where none is needed", get("/health?access_token=" + good), 422, validationFailed, "query:access_token unknown_parameter"},

		{"token: the control, made by the test, is fine", me(k.sign(k.header(), k.claims())), 200, "", ""},
		{"token: one part", me(head), status, code, ""},
		{"token: two parts", me(head + "." + payload), status, code, ""},
		{"token: four parts", me(good + ".x"), status, code, ""},
		{"token: five parts, as if encrypted", me("a.b.c.d.e"), status, code, ""},
		{"token: dots", me(".."), status, code, ""},
		{"token: no signature", me(head + "." + payload + "."), status, code, ""},
		{"token: the signature of another", me(head + "." + payload + "." + signatureOf(w.admin)), status, code, ""},
		{"token: half a signature", me(head + "." + payload + "." + signature[:22]), status, code, ""},
		{"token: other claims under the signature", me(head + "." + encode(k.claims("sub", claimOf(w.admin, "sub"))) + "." + signature), status, code, ""},
		{"token: spare bits of the signature", me(good[:len(good)-1] + nextLetter(good[len(good)-1])), status, code, ""},
		{"token: a padded signature", me(good + "="), status, code, ""},
		{"token: a padded header", me(head + "=." + payload + "." + signature), status, code, ""},
		{"token: the standard alphabet", me(head + "." + payload + ".+/" + signature[2:]), status, code, ""},
		{"token: longer than 4 KiB", me(strings.Repeat("a", 4097)), status, code, ""},
		{"token: 20 KiB, with a signature that is right", me(k.sign(k.header(), k.claims("x", strings.Repeat("x", 20<<10)))), status, code, ""},
		{"token: no JSON", me(k.sign("x", "y")), status, code, ""},
		{"token: claims that are a list", me(k.sign(k.header(), "[]")), status, code, ""},
		{"token: claims that are null", me(k.sign(k.header(), "null")), status, code, ""},
		{"token: a refresh token", me(w.ada.tokens.RefreshToken), status, code, ""},

		{"key: another secret", me(k.with("another secret of thirty-two bytes!!").sign(k.header(), k.claims())), status, code, ""},
		{"key: the empty secret", me(k.with("").sign(k.header(), k.claims())), status, code, ""},
		{"key: alg none", me(unsigned(k.header("alg", "none"), k.claims(), "")), status, code, ""},
		{"key: alg none, with a signature", me(unsigned(k.header("alg", "none"), k.claims(), "x")), status, code, ""},
		{"key: alg None", me(unsigned(k.header("alg", "None"), k.claims(), "x")), status, code, ""},
		{"key: alg missing", header("alg", nil), status, code, ""},
		{"key: alg HS384", header("alg", "HS384"), status, code, ""},
		{"key: alg HS512", header("alg", "HS512"), status, code, ""},
		{"key: alg RS256", header("alg", "RS256"), status, code, ""},
		{"key: alg EdDSA", header("alg", "EdDSA"), status, code, ""},
		{"key: alg in lower case", header("alg", "hs256"), status, code, ""},
		{"key: typ missing", header("typ", nil), status, code, ""},
		{"key: typ JWT", header("typ", "JWT"), status, code, ""},
		{"key: typ of an identity", header("typ", "id+jwt"), status, code, ""},
		{"key: kid unknown", header("kid", "nobody"), status, code, ""},
		{"key: kid a path", header("kid", "../../../../dev/null"), status, code, ""},
		{"key: crit", header("crit", []string{"exp"}), status, code, ""},
		{"key: crit empty", header("crit", []string{}), status, code, ""},
		{"key: a key of its own", header("jwk", map[string]string{"kty": "oct", "k": "AAAA"}), status, code, ""},
		{"key: a key from elsewhere", header("jku", "https://evil.example/keys.json"), status, code, ""},
		{"key: compressed", header("zip", "DEF"), status, code, ""},
		{"key: two alg", me(k.sign(`{"alg":"none","typ":"at+jwt","alg":"HS256"}`, k.claims())), status, code, ""},

		{"claims: no exp", claims("exp", nil), status, code, ""},
		{"claims: no iat", claims("iat", nil), status, code, ""},
		{"claims: no iss", claims("iss", nil), status, code, ""},
		{"claims: no aud", claims("aud", nil), status, code, ""},
		{"claims: no sub", claims("sub", nil), status, code, ""},
		{"claims: no sid", claims("sid", nil), status, code, ""},
		{"claims: no jti", claims("jti", nil), status, code, ""},
		{"claims: another issuer", claims("iss", "https://evil.example"), status, code, ""},
		{"claims: another audience", claims("aud", "another-api"), status, code, ""},
		{"claims: an audience among others", claims("aud", []any{"another-api", k.payload["aud"]}), status, code, ""},
		{"claims: expired", me(k.sign(k.header(), k.issued(-life-2*leeway))), status, code, ""},
		{"claims: issued in the future", me(k.sign(k.header(), k.issued(2*leeway))), status, code, ""},
		{"claims: not before the future", claims("nbf", now+2*leeway), status, code, ""},
		{"claims: a life of years", claims("exp", now+10*365*24*3600), status, code, ""},
		{"claims: a life of a second too much", claims("exp", now+life+1), status, code, ""},
		{"claims: exp before iat", claims("exp", now-1), status, code, ""},
		{"claims: exp as a text", claims("exp", "9999999999"), status, code, ""},
		{"claims: exp with a fraction", claims("exp", float64(now)+600.5), status, code, ""},
		{"claims: exp beyond all bounds", me(k.sign(k.header(), `{"exp":1e400,`+k.claims()[1:])), status, code, ""},
		{"claims: exp null", me(k.sign(k.header(), strings.Replace(k.claims(), `"exp":`, `"exp":null,"was":`, 1))), status, code, ""},
		{"claims: exp twice", me(k.sign(k.header(), `{"exp":1,`+k.claims()[1:])), status, code, ""},
		{"claims: the session of another", claims("sid", claimOf(w.admin, "sid")), status, code, ""},
		{"claims: another user", claims("sub", claimOf(w.admin, "sub")), status, code, ""},
		{"claims: nobody", claims("sub", "01JD8Z5V3K4N6P7Q8R9S0T1V2W"), status, code, ""},
		{"claims: no session of ours", claims("sid", "01JD8Z5V3K4N6P7Q8R9S0T1V2W"), status, code, ""},
		{"claims: a session that has ended", me(w.ended.tokens.AccessToken), status, code, ""},
		{"claims: a session that is over its time", me(w.expired.tokens.AccessToken), status, code, ""},
		{"claims: a user in lower case", claims("sub", strings.ToLower(userID)), status, code, ""},
		{"claims: a user that is no id", claims("sub", "' OR 1=1 --"), status, code, ""},
		{"claims: a role means nothing", get(usersPath + userID).bearing(k.sign(k.header(), k.claims("role", "admin"))), 403, apiclient.ProblemCodeForbidden, ""},
	}
}

// badRefreshTokens are texts that are no refresh token, or no longer one.
func badRefreshTokens(w *world) []badInput {
	const status, code = 401, apiclient.ProblemCodeInvalidRefreshToken
	token := func(text string) request { return refresh(`{"refresh_token":"` + text + `"}`) }
	good := w.ada.tokens.RefreshToken
	return []badInput{
		{"refresh token: empty", token(""), status, code, ""},
		{"refresh token: the prefix", token("rt_"), status, code, ""},
		{"refresh token: anything", token("x"), status, code, ""},
		{"refresh token: an access token", token(w.ada.tokens.AccessToken), status, code, ""},
		{"refresh token: without the prefix", token(good[3:]), status, code, ""},
		{"refresh token: another prefix", token("at_" + good[3:]), status, code, ""},
		{"refresh token: one letter less", token(good[:len(good)-1]), status, code, ""},
		{"refresh token: one letter more", token(good + "A"), status, code, ""},
		{"refresh token: padded", token(good + "="), status, code, ""},
		{"refresh token: a space before it", token(" " + good), status, code, ""},
		{"refresh token: a space after it", token(good + " "), status, code, ""},
		{"refresh token: in capitals", token(strings.ToUpper(good)), status, code, ""},
		{"refresh token: mistyped", token(good[:10] + nextLetter(good[10]) + good[11:]), status, code, ""},
		{"refresh token: well-formed and nobody's", token(w.nobodysToken), status, code, ""},
		{"refresh token: not ASCII", token("rt_" + strings.Repeat("é", 24)), status, code, ""},
		{"refresh token: SQL", token("' OR 1=1 --"), status, code, ""},
		{"refresh token: 60 KiB", token(strings.Repeat("rt_", 20<<10)), status, code, ""},
		{"refresh token: of a session that is over its time", token(w.expired.tokens.RefreshToken), status, code, ""},
		{"refresh token: of a session that has ended", token(w.ended.tokens.RefreshToken), status, code, ""},
		{"refresh token: whose session an access token cannot save", token(w.ended.tokens.RefreshToken).as(w.ada), status, code, ""},
		{"refresh token: in the header", refresh(`{}`).bearing(good), 422, validationFailed, "/refresh_token required"},
	}
}
