package protocol_test

import (
	"crypto/rand"
	"encoding/base64"
	"strings"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/tokentest"
)

// badTokens are access tokens that are not ours, no longer ours, or nearly ours.
func badTokens(w *apitest.World) []badInput {
	const status, code = 401, apiclient.ProblemCodeInvalidToken
	const none, malformed = apiclient.ProblemCodeUnauthenticated, apiclient.ProblemCodeMalformedRequest
	good, k := w.Ada.Tokens.AccessToken, apitest.NewForger(w.T, w.Ada)
	me := func(token string) apitest.Request { return apitest.Get(apitest.MePath).Bearing(token) }
	credentials := func(value string) apitest.Request { return apitest.Get(apitest.MePath).With("Authorization", value) }
	claims := func(name string, value any) apitest.Request { return me(k.Sign(k.Header(), k.Claims(name, value))) }
	header := func(name string, value any) apitest.Request { return me(k.Sign(k.Header(name, value), k.Claims())) }
	head, payload, signature := tokentest.Split(good)
	userID, now, life := apitest.ClaimOf(w.Ada, "sub"), k.IssuedAt(), k.Lifetime()
	return []badInput{
		{"credentials: none", apitest.Get(apitest.MePath), 401, none, ""},
		{"credentials: empty", credentials(" "), 401, none, ""},
		{"credentials: the scheme alone", credentials("Bearer"), status, code, ""},
		{"credentials: the scheme in lower case is fine", credentials("bearer " + good), 200, "", ""},
		{"credentials: the scheme in capitals is fine", credentials("BEARER " + good), 200, "", ""},
		{"credentials: another scheme", credentials("Token " + good), 401, none, ""},
		{"credentials: Basic", credentials("Basic " + base64.StdEncoding.EncodeToString([]byte(w.Ada.Email+":"+apitest.Password))), 401, none, ""},
		{"credentials: no scheme", credentials(good), 401, none, ""},
		{"credentials: two spaces", credentials("Bearer  " + good), 200, "", ""},
		{"credentials: a tab", credentials("Bearer\t" + good), 401, none, ""},
		{"credentials: quoted", credentials(`Bearer "` + good + `"`), status, code, ""},
		{"credentials: as a parameter", credentials("Bearer token=" + good), status, code, ""},
		{"credentials: something after it", credentials("Bearer " + good + " x"), status, code, ""},
		{"credentials: a list", credentials("Bearer " + good + ",Bearer " + good), status, code, ""},
		{"credentials: the word null", me("null"), status, code, ""},
		{"credentials: not ASCII", me("é" + good), status, code, ""},
		{"credentials: two headers", me(good).With("Authorization", "Bearer "+good), 400, malformed, ""},
		{"credentials: two headers, one empty", me(good).With("Authorization", " "), 400, malformed, ""},
		{"credentials: two headers where none is needed", apitest.Get("/health").Bearing("a").Bearing("b"), 400, malformed, ""},
		{"credentials: nonsense where none is needed is fine", apitest.Get("/health").Bearing("nonsense"), 200, "", ""},
		{"credentials: in the proxy's header", apitest.Get(apitest.MePath).With("Proxy-Authorization", "Bearer "+good), 401, none, ""},
		{"credentials: in a header of our own making", apitest.Get(apitest.MePath).With("X-Access-Token", good), 401, none, ""},
		{"credentials: in a cookie", apitest.Get(apitest.MePath).With("Cookie", "access_token="+good), 401, none, ""},
		{"credentials: in the query", apitest.Get(apitest.MePath + "?access_token=" + good), 401, none, ""},
		{"credentials: in the query as well", apitest.Get(apitest.MePath + "?access_token=" + good).As(w.Ada), 422, validationFailed, "query:access_token unknown_parameter"},
		{"credentials: in the query where none is needed", apitest.Get("/health?access_token=" + good), 422, validationFailed, "query:access_token unknown_parameter"},

		{"token: the control, made by the test, is fine", me(k.Sign(k.Header(), k.Claims())), 200, "", ""},
		{"token: one part", me(head), status, code, ""},
		{"token: two parts", me(head + "." + payload), status, code, ""},
		{"token: four parts", me(good + ".x"), status, code, ""},
		{"token: five parts, as if encrypted", me("a.b.c.d.e"), status, code, ""},
		{"token: dots", me(".."), status, code, ""},
		{"token: no signature", me(head + "." + payload + "."), status, code, ""},
		{"token: the signature of another", me(head + "." + payload + "." + signatureOf(w.Admin)), status, code, ""},
		{"token: half a signature", me(head + "." + payload + "." + signature[:22]), status, code, ""},
		{"token: other claims under the signature", me(head + "." + tokentest.Encode(k.Claims("sub", apitest.ClaimOf(w.Admin, "sub"))) + "." + signature), status, code, ""},
		{"token: spare bits of the signature", me(good[:len(good)-1] + tokentest.NextLetter(good[len(good)-1])), status, code, ""},
		{"token: a padded signature", me(good + "="), status, code, ""},
		{"token: a padded header", me(head + "=." + payload + "." + signature), status, code, ""},
		{"token: the standard alphabet", me(head + "." + payload + ".+/" + signature[2:]), status, code, ""},
		{"token: longer than 4 KiB", me(strings.Repeat("a", 4097)), status, code, ""},
		{"token: 20 KiB, with a signature that is right", me(k.Sign(k.Header(), k.Claims("x", strings.Repeat("x", 20<<10)))), status, code, ""},
		{"token: no JSON", me(k.Sign("x", "y")), status, code, ""},
		{"token: claims that are a list", me(k.Sign(k.Header(), "[]")), status, code, ""},
		{"token: claims that are null", me(k.Sign(k.Header(), "null")), status, code, ""},
		{"token: a refresh token", me(w.Ada.Tokens.RefreshToken), status, code, ""},

		{"key: another secret", me(k.With("another secret of thirty-two bytes!!").Sign(k.Header(), k.Claims())), status, code, ""},
		{"key: the empty secret", me(k.With("").Sign(k.Header(), k.Claims())), status, code, ""},
		{"key: alg none", me(tokentest.Unsigned(k.Header("alg", "none"), k.Claims(), "")), status, code, ""},
		{"key: alg none, with a signature", me(tokentest.Unsigned(k.Header("alg", "none"), k.Claims(), "x")), status, code, ""},
		{"key: alg None", me(tokentest.Unsigned(k.Header("alg", "None"), k.Claims(), "x")), status, code, ""},
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
		{"key: two alg", me(k.Sign(`{"alg":"none","typ":"at+jwt","alg":"HS256"}`, k.Claims())), status, code, ""},

		{"claims: no exp", claims("exp", nil), status, code, ""},
		{"claims: no iat", claims("iat", nil), status, code, ""},
		{"claims: no iss", claims("iss", nil), status, code, ""},
		{"claims: no aud", claims("aud", nil), status, code, ""},
		{"claims: no sub", claims("sub", nil), status, code, ""},
		{"claims: no sid", claims("sid", nil), status, code, ""},
		{"claims: no jti", claims("jti", nil), status, code, ""},
		{"claims: another issuer", claims("iss", "https://evil.example"), status, code, ""},
		{"claims: another audience", claims("aud", "another-api"), status, code, ""},
		{"claims: an audience among others", claims("aud", []any{"another-api", k.Payload["aud"]}), status, code, ""},
		{"claims: expired", me(k.Sign(k.Header(), k.Issued(-life-2*leeway))), status, code, ""},
		{"claims: issued in the future", me(k.Sign(k.Header(), k.Issued(20*leeway))), status, code, ""},
		{"claims: not before the future", claims("nbf", now+20*leeway), status, code, ""},
		{"claims: a life of years", claims("exp", now+10*365*24*3600), status, code, ""},
		{"claims: a life of a second too much", claims("exp", now+life+1), status, code, ""},
		{"claims: exp before iat", claims("exp", now-1), status, code, ""},
		{"claims: exp as a text", claims("exp", "9999999999"), status, code, ""},
		{"claims: exp with a fraction", claims("exp", float64(now)+600.5), status, code, ""},
		{"claims: exp beyond all bounds", me(k.Sign(k.Header(), `{"exp":1e400,`+k.Claims()[1:])), status, code, ""},
		{"claims: exp null", me(k.Sign(k.Header(), strings.Replace(k.Claims(), `"exp":`, `"exp":null,"was":`, 1))), status, code, ""},
		{"claims: exp twice", me(k.Sign(k.Header(), `{"exp":1,`+k.Claims()[1:])), status, code, ""},
		{"claims: the session of another", claims("sid", apitest.ClaimOf(w.Admin, "sid")), status, code, ""},
		{"claims: another user", claims("sub", apitest.ClaimOf(w.Admin, "sub")), status, code, ""},
		{"claims: an unknown account", claims("sub", "01JD8Z5V3K4N6P7Q8R9S0T1V2W"), status, code, ""},
		{"claims: no session of ours", claims("sid", "01JD8Z5V3K4N6P7Q8R9S0T1V2W"), status, code, ""},
		{"claims: a session that has ended", me(w.Ended.Tokens.AccessToken), status, code, ""},
		{"claims: a session that is over its time", me(w.Expired.Tokens.AccessToken), status, code, ""},
		{"claims: a user in lower case", claims("sub", strings.ToLower(userID)), status, code, ""},
		{"claims: a user that is no id", claims("sub", "' OR 1=1 --"), status, code, ""},
		{"claims: a role means nothing", apitest.Get(apitest.UsersPath + userID).Bearing(k.Sign(k.Header(), k.Claims("role", "admin"))), 403, apiclient.ProblemCodeForbidden, ""},
	}
}

// badRefreshTokens are texts that are no refresh token, or no longer one.
func badRefreshTokens(w *apitest.World) []badInput {
	const status, code = 401, apiclient.ProblemCodeInvalidRefreshToken
	token := func(text string) apitest.Request { return apitest.Refresh(`{"refresh_token":"` + text + `"}`) }
	good := w.Ada.Tokens.RefreshToken
	return []badInput{
		{"refresh token: empty", token(""), status, code, ""},
		{"refresh token: the prefix", token("rt_"), status, code, ""},
		{"refresh token: anything", token("x"), status, code, ""},
		{"refresh token: an access token", token(w.Ada.Tokens.AccessToken), status, code, ""},
		{"refresh token: without the prefix", token(good[3:]), status, code, ""},
		{"refresh token: another prefix", token("at_" + good[3:]), status, code, ""},
		{"refresh token: one letter less", token(good[:len(good)-1]), status, code, ""},
		{"refresh token: one letter more", token(good + "A"), status, code, ""},
		{"refresh token: padded", token(good + "="), status, code, ""},
		{"refresh token: a space before it", token(" " + good), status, code, ""},
		{"refresh token: a space after it", token(good + " "), status, code, ""},
		{"refresh token: in capitals", token(strings.ToUpper(good)), status, code, ""},
		{"refresh token: mistyped", token(good[:10] + tokentest.NextLetter(good[10]) + good[11:]), status, code, ""},
		{"refresh token: well-formed and unknown", token(unknownToken(w)), status, code, ""},
		{"refresh token: not ASCII", token("rt_" + strings.Repeat("é", 24)), status, code, ""},
		{"refresh token: SQL", token("' OR 1=1 --"), status, code, ""},
		{"refresh token: 60 KiB", token(strings.Repeat("rt_", 20<<10)), status, code, ""},
		{"refresh token: of a session that is over its time", token(w.Expired.Tokens.RefreshToken), status, code, ""},
		{"refresh token: of a session that has ended", token(w.Ended.Tokens.RefreshToken), status, code, ""},
		{"refresh token: whose session an access token cannot save", token(w.Ended.Tokens.RefreshToken).As(w.Ada), status, code, ""},
		{"refresh token: in the header", apitest.Refresh(`{}`).Bearing(good), 422, validationFailed, "/refresh_token required"},
	}
}

// unknownToken returns a new refresh token that is well-formed, and a secret from now on.
func unknownToken(w *apitest.World) string {
	token, err := auth.NewRefreshToken(rand.Reader)
	apitest.Must(w.T, err)
	w.Secrets = append(w.Secrets, token.Reveal())
	return token.Reveal()
}
