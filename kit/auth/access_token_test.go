package auth_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"example.com/plinth/kit/auth"
)

const (
	userID    = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	sessionID = "01BX5ZZKBKACTAV9WEVGEMMVRZ"
	lifetime  = 15 * time.Minute
	unixNow   = 1_800_000_000
)

func secret() []byte { return []byte("a secret of the tests, 32 bytes!") }

func symmetricKeys(tb testing.TB) *auth.KeySet {
	tb.Helper()
	keys, err := auth.NewSymmetricKeySet(secret())
	if err != nil {
		tb.Fatalf("NewSymmetricKeySet: %v", err)
	}
	return keys
}

func config(keys *auth.KeySet) auth.AccessTokenConfig {
	return auth.AccessTokenConfig{
		Keys: keys, Issuer: "https://api.example.com", Audience: "example", Lifetime: lifetime,
		Now: func() time.Time { return time.Unix(unixNow, 123_456_789) },
	}
}

func newAccessTokens(tb testing.TB, cfg auth.AccessTokenConfig) *auth.AccessTokens {
	tb.Helper()
	tokens, err := auth.NewAccessTokens(cfg)
	if err != nil {
		tb.Fatalf("NewAccessTokens: %v", err)
	}
	return tokens
}

func mustIssue(tb testing.TB, tokens *auth.AccessTokens) string {
	tb.Helper()
	token, _, err := tokens.Issue(userID, sessionID)
	if err != nil {
		tb.Fatalf("Issue: %v", err)
	}
	return token
}

// forge signs any header and claims with HS256.
func forge(key []byte, header, claims string) string {
	return sign(key, encodeBase64([]byte(header))+"."+encodeBase64([]byte(claims)))
}

func sign(key []byte, signed string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	return signed + "." + encodeBase64(mac.Sum(nil))
}

// claimsWith returns the claims of a valid token with changes; nil removes a claim.
func claimsWith(tb testing.TB, changes map[string]any) string {
	tb.Helper()
	claims := map[string]any{
		"iss": "https://api.example.com", "aud": "example", "sub": userID, "sid": sessionID, "jti": "a-token",
		"iat": unixNow, "exp": unixNow + 900,
	}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	encoded, err := json.Marshal(claims)
	if err != nil {
		tb.Fatalf("encoding claims: %v", err)
	}
	return string(encoded)
}

const goodHeader = `{"alg":"HS256","typ":"at+jwt"}`

func TestIssuedTokenVerifies(t *testing.T) {
	t.Parallel()
	for name, keys := range keySets(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(keys)
			cfg.Rand = bytes.NewReader([]byte("sixteen bytes id"))
			tokens := newAccessTokens(t, cfg)
			token, expiresAt, err := tokens.Issue(userID, sessionID)
			if err != nil {
				t.Fatal(err)
			}
			claims, err := tokens.Verify(token)
			if err != nil {
				t.Fatalf("Verify: %v", err)
			}
			want := auth.AccessClaims{
				UserID: userID, SessionID: sessionID, TokenID: encodeBase64([]byte("sixteen bytes id")),
				IssuedAt: time.Unix(unixNow, 0).UTC(), ExpiresAt: time.Unix(unixNow+900, 0).UTC(),
			}
			if claims != want || !expiresAt.Equal(want.ExpiresAt) {
				t.Errorf("claims = %+v, expiry %s, want %+v", claims, expiresAt, want)
			}
		})
	}
}

// Another implementation accepts issued tokens.
func TestIssuedTokenIsAPlainJWT(t *testing.T) {
	t.Parallel()
	token := mustIssue(t, newAccessTokens(t, config(symmetricKeys(t))))
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return secret(), nil },
		jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("https://api.example.com"), jwt.WithAudience("example"),
		jwt.WithSubject(userID), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithTimeFunc(func() time.Time { return time.Unix(unixNow, 0) }))
	if err != nil {
		t.Fatalf("golang-jwt rejects the token: %v", err)
	}
	if want := map[string]any{"alg": "HS256", "typ": "at+jwt"}; fmt.Sprint(parsed.Header) != fmt.Sprint(want) {
		t.Errorf("header = %v, want %v", parsed.Header, want)
	}
	if claims, ok := parsed.Claims.(jwt.MapClaims); !ok || len(claims) != 7 || claims["sid"] != sessionID {
		t.Errorf("claims = %v, want the seven", parsed.Claims)
	}
}

func TestIssueErrors(t *testing.T) {
	t.Parallel()
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	for _, ids := range [][2]string{{"", sessionID}, {userID, ""}, {strings.ToLower(userID), sessionID}, {userID, "8" + sessionID[1:]}} {
		if token, _, err := tokens.Issue(ids[0], ids[1]); err == nil || token != "" {
			t.Errorf("Issue(%q, %q) = %q, want an error", ids[0], ids[1], token)
		}
	}
	cfg := config(symmetricKeys(t))
	cfg.Rand = new(bytes.Reader)
	if _, _, err := newAccessTokens(t, cfg).Issue(userID, sessionID); !errors.Is(err, io.EOF) {
		t.Errorf("err = %v, want EOF", err)
	}
}

func TestVerifyAcceptsValidTimes(t *testing.T) {
	t.Parallel()
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	tests := map[string]string{
		"plain":                     forge(secret(), goodHeader, claimsWith(t, nil)),
		"other order in the header": forge(secret(), `{ "typ": "at+jwt", "alg": "HS256" }`, claimsWith(t, nil)),
		"another claim":             forge(secret(), goodHeader, claimsWith(t, map[string]any{"scope": "x"})),
		"issued 30 s ahead":         forge(secret(), goodHeader, claimsWith(t, map[string]any{"iat": unixNow + 30})),
		"expired 29 s ago": forge(
			secret(),
			goodHeader,
			claimsWith(t, map[string]any{"iat": unixNow - 900, "exp": unixNow - 29}),
		),
		"not before in 30 s": forge(secret(), goodHeader, claimsWith(t, map[string]any{"nbf": unixNow + 30})),
		"short life":         forge(secret(), goodHeader, claimsWith(t, map[string]any{"exp": unixNow + 1})),
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := tokens.Verify(token); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestVerifyRejectsForgedHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, header, reason string }{
		{"alg none", `{"alg":"none","typ":"at+jwt"}`, "wrong algorithm"},
		{"alg None", `{"alg":"None","typ":"at+jwt"}`, "wrong algorithm"},
		{"alg missing", `{"typ":"at+jwt"}`, "wrong algorithm"},
		{"alg in lower case", `{"alg":"hs256","typ":"at+jwt"}`, "wrong algorithm"},
		{"alg HS512", `{"alg":"HS512","typ":"at+jwt"}`, "wrong algorithm"},
		{"alg RS256", `{"alg":"RS256","typ":"at+jwt"}`, "wrong algorithm"},
		{"alg not a string", `{"alg":["HS256"],"typ":"at+jwt"}`, "malformed header"},
		{"alg twice", `{"alg":"none","alg":"HS256","typ":"at+jwt"}`, "malformed header"},
		{"alg in capitals", `{"ALG":"HS256","typ":"at+jwt"}`, "malformed header"},
		{"typ missing", `{"alg":"HS256"}`, "not of type at+jwt"},
		{"typ JWT", `{"alg":"HS256","typ":"JWT"}`, "not of type at+jwt"},
		{"typ of an id token", `{"alg":"HS256","typ":"id_token+jwt"}`, "not of type at+jwt"},
		{"typ in capitals", `{"alg":"HS256","typ":"AT+JWT"}`, "not of type at+jwt"},
		{"typ twice", `{"alg":"HS256","typ":"JWT","typ":"at+jwt"}`, "malformed header"},
		{"kid unknown", `{"alg":"HS256","kid":"x","typ":"at+jwt"}`, "unknown key"},
		{"kid a path", `{"alg":"HS256","kid":"../../dev/null","typ":"at+jwt"}`, "unknown key"},
		{"kid not a string", `{"alg":"HS256","kid":1,"typ":"at+jwt"}`, "malformed header"},
		{"crit", `{"alg":"HS256","crit":["b64"],"b64":false,"typ":"at+jwt"}`, "malformed header"},
		{"crit, empty", `{"alg":"HS256","crit":[],"typ":"at+jwt"}`, "malformed header"},
		{"jku", `{"alg":"HS256","jku":"https://example.org","typ":"at+jwt"}`, "malformed header"},
		{"jwk", `{"alg":"HS256","jwk":{"kty":"oct"},"typ":"at+jwt"}`, "malformed header"},
		{"x5u", `{"alg":"HS256","typ":"at+jwt","x5u":"https://example.org"}`, "malformed header"},
		{"zip", `{"alg":"HS256","typ":"at+jwt","zip":"DEF"}`, "malformed header"},
		{"trailing data", goodHeader + `{}`, "malformed header"},
		{"not an object", `"HS256"`, "malformed header"},
		{"null", `null`, "not of type at+jwt"},
		{"byte order mark", "\ufeff" + goodHeader, "malformed header"},
		{"invalid UTF-8", "{\"alg\":\"HS256\xff\",\"typ\":\"at+jwt\"}", "malformed header"},
	}
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantInvalid(t, tokens, forge(secret(), test.header, claimsWith(t, nil)), test.reason)
		})
	}
}

func TestVerifyRejectsForgedClaims(t *testing.T) {
	t.Parallel()
	good := claimsWith(t, nil)
	with := func(name string, value any) string { return claimsWith(t, map[string]any{name: value}) }
	tests := []struct{ name, claims, reason string }{
		{"iss missing", with("iss", nil), "wrong issuer"},
		{"iss of another", with("iss", "https://api.example.org"), "wrong issuer"},
		{"iss with a slash", with("iss", "https://api.example.com/"), "wrong issuer"},
		{"aud missing", with("aud", nil), "wrong audience"},
		{"aud of another", with("aud", "other"), "wrong audience"},
		{"aud with others", with("aud", []string{"example", "other"}), "malformed claims"},
		{"aud as an array", with("aud", []string{"example"}), "malformed claims"},
		{"sub missing", with("sub", nil), "sub or sid is not a ULID"},
		{"sub null", strings.Replace(good, `"`+userID+`"`, "null", 1), "sub or sid is not a ULID"},
		{"sub a number", with("sub", 1), "malformed claims"},
		{"sub too short", with("sub", userID[1:]), "sub or sid is not a ULID"},
		{"sub too long", with("sub", userID+"0"), "sub or sid is not a ULID"},
		{"sub in lower case", with("sub", strings.ToLower(userID)), "sub or sid is not a ULID"},
		{"sub over 128 bits", with("sub", "8"+userID[1:]), "sub or sid is not a ULID"},
		{"sub with an excluded letter", with("sub", userID[:25]+"U"), "sub or sid is not a ULID"},
		{"sub in SQL", with("sub", "' OR 1=1 --0000000000000000"[:26]), "sub or sid is not a ULID"},
		{"sid missing", with("sid", nil), "sub or sid is not a ULID"},
		{"sid malformed", with("sid", sessionID[1:]), "sub or sid is not a ULID"},
		{"jti missing", with("jti", nil), "jti is missing or too long"},
		{"jti empty", with("jti", ""), "jti is missing or too long"},
		{"jti too long", with("jti", strings.Repeat("x", 256)), "jti is missing or too long"},
		{"iat missing", with("iat", nil), "a time is missing or out of range"},
		{"iat negative", with("iat", -1), "a time is missing or out of range"},
		{"iat 31 s ahead", with("iat", unixNow+31), "not valid yet"},
		{"iat a string", with("iat", "1800000000"), "malformed claims"},
		{"exp missing", with("exp", nil), "a time is missing or out of range"},
		{"exp null", strings.Replace(good, "1800000900", "null", 1), "a time is missing or out of range"},
		{"exp zero", with("exp", 0), "a time is missing or out of range"},
		{"exp a string", with("exp", "1800000900"), "malformed claims"},
		{"exp fractional", with("exp", 1800000900.5), "malformed claims"},
		{"exp beyond 64 bits", strings.Replace(good, "1800000900", "99999999999999999999", 1), "malformed claims"},
		{"exp beyond all floats", strings.Replace(good, "1800000900", "1e999", 1), "malformed claims"},
		{"exp close to overflow", with("exp", int64(1)<<62), "a time is missing or out of range"},
		{
			"exp and iat close to overflow",
			claimsWith(t, map[string]any{"iat": int64(1)<<62 - 1, "exp": int64(1) << 62}),
			"a time is missing or out of range",
		},
		{"expired 30 s ago", claimsWith(t, map[string]any{"iat": unixNow - 900, "exp": unixNow - 30}), "expired"},
		{"longer life than ours", with("exp", unixNow+901), "wrong lifetime"},
		{"no life", with("exp", unixNow), "wrong lifetime"},
		{"nbf 31 s ahead", with("nbf", unixNow+31), "not valid yet"},
		{"nbf negative", with("nbf", -1), "a time is missing or out of range"},
		{"nbf beyond reason", with("nbf", int64(1)<<41), "a time is missing or out of range"},
		{"claim twice", strings.Replace(good, "{", `{"sub":"`+sessionID+`",`, 1), "malformed claims"},
		{"unknown claim twice", strings.Replace(good, "{", `{"x":1,"x":1,`, 1), "malformed claims"},
		{"claim in capitals", strings.Replace(good, `"sub"`, `"SUB"`, 1), "sub or sid is not a ULID"},
		{"trailing data", good + "{}", "malformed claims"},
		{"not an object", `["x"]`, "malformed claims"},
		{"null", `null`, "wrong issuer"},
		{"not JSON", `x`, "malformed claims"},
		{"invalid UTF-8", strings.Replace(good, "a-token", "\xff", 1), "malformed claims"},
	}
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantInvalid(t, tokens, forge(secret(), goodHeader, test.claims), test.reason)
		})
	}
}

func TestVerifyRejectsForgedEncodings(t *testing.T) {
	t.Parallel()
	tokens := newAccessTokens(t, config(symmetricKeys(t)))
	good := mustIssue(t, tokens)
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	malleable := withSpareBits(t, signature)
	paddedClaims := claimsWith(t, map[string]any{"jti": strings.Repeat("x", 7)}) // one byte over a multiple of three
	for len(paddedClaims)%3 != 1 {
		paddedClaims += " "
	}

	tests := []struct{ name, token, reason string }{
		{"empty", "", "not three segments"},
		{"one segment", header, "not three segments"},
		{"two segments", header + "." + payload, "not three segments"},
		{"no signature", header + "." + payload + ".", "not three segments"},
		{"no header", "." + payload + "." + signature, "not three segments"},
		{"no claims", sign(secret(), header+"."), "not three segments"},
		{"dots alone", "..", "not three segments"},
		{"two signatures", good + "." + signature, "not base64url"},
		{
			"JSON serialization",
			`{"payload":"` + payload + `","signatures":[{"signature":"` + signature + `"},{"signature":"` + signature + `"}]}`,
			"not three segments",
		},
		{"encrypted token", good + "." + payload + "." + payload, "not base64url"},
		{"spare bits in the signature", header + "." + payload + "." + malleable, "not canonical base64url"},
		{
			"spare bits in the claims",
			sign(secret(), header+"."+withSpareBits(t, encodeBase64([]byte(paddedClaims)))),
			"not canonical base64url",
		},
		{
			"spare bits in the header",
			sign(secret(), withSpareBits(t, encodeBase64([]byte(goodHeader+" ")))+"."+payload),
			"not canonical base64url",
		},
		{"padded signature", good + "=", "not base64url"},
		{"padded header", sign(secret(), header+"=="+"."+payload), "not base64url"},
		{"line break at the end", good + "\n", "not base64url"},
		{
			"line break in the signature",
			header + "." + payload + "." + signature[:9] + "\r\n" + signature[9:],
			"not base64url",
		},
		{"line break in the claims", sign(secret(), header+"."+payload[:9]+"\n"+payload[9:]), "not base64url"},
		{"line break in the header", sign(secret(), header[:9]+"\n"+header[9:]+"."+payload), "not base64url"},
		{"leading space", " " + good, "not base64url"},
		{"NUL", good + "\x00", "not base64url"},
		{"not ASCII", good + "é", "not base64url"},
		{"standard base64", header + "." + payload + ".++" + signature[2:], "not base64url"},
		{"one character over", good + strings.Repeat("A", 4097-len(good)), "too long"},
		{"one megabyte", good + strings.Repeat("A", 1<<20), "too long"},
		{"signature cut", good[:len(good)-3], "wrong signature"},
		{"signature longer", good + "AAAA", "wrong signature"},
		{"signature of zeros", header + "." + payload + "." + strings.Repeat("A", 43), "wrong signature"},
		{
			"other secret",
			forge([]byte("another secret of the tests, 32 b"), goodHeader, claimsWith(t, nil)),
			"wrong signature",
		},
		{"empty secret", forge(nil, goodHeader, claimsWith(t, nil)), "wrong signature"},
		{"other claims", header + "." + encodeBase64([]byte(claimsWith(t, nil))) + "." + signature, "wrong signature"},
		{"a refresh token", knownToken, "not three segments"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			wantInvalid(t, tokens, test.token, test.reason)
		})
	}
}

// withSpareBits returns another encoding of the same bytes.
func withSpareBits(t *testing.T, segment string) string {
	t.Helper()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, segment[len(segment)-1])
	other := segment[:len(segment)-1] + string(alphabet[last|1])
	if other == segment || !bytes.Equal(decodeBase64(t, other), decodeBase64(t, segment)) {
		t.Fatalf("%q has no spare bits", segment)
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(segment); err != nil {
		t.Fatalf("%q is not canonical itself", segment)
	}
	return other
}

// wantInvalid also checks that the error has a reason and no part of the token.
func wantInvalid(t *testing.T, tokens *auth.AccessTokens, token, reason string) {
	t.Helper()
	claims, err := tokens.Verify(token)
	if !errors.Is(err, auth.ErrInvalidToken) || claims != (auth.AccessClaims{}) {
		t.Fatalf("Verify = %+v, %v, want ErrInvalidToken", claims, err)
	}
	if want := "invalid token: " + reason; err.Error() != want {
		t.Errorf("err = %q, want %q", err, want)
	}
}

func TestNewAccessTokensRejectsBadSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*auth.AccessTokenConfig){
		"no keys":            func(c *auth.AccessTokenConfig) { c.Keys = nil },
		"no clock":           func(c *auth.AccessTokenConfig) { c.Now = nil },
		"no issuer":          func(c *auth.AccessTokenConfig) { c.Issuer = "" },
		"long issuer":        func(c *auth.AccessTokenConfig) { c.Issuer = strings.Repeat("x", 256) },
		"no audience":        func(c *auth.AccessTokenConfig) { c.Audience = "" },
		"long audience":      func(c *auth.AccessTokenConfig) { c.Audience = strings.Repeat("x", 256) },
		"no lifetime":        func(c *auth.AccessTokenConfig) { c.Lifetime = 0 },
		"over a day":         func(c *auth.AccessTokenConfig) { c.Lifetime = 25 * time.Hour },
		"fraction of second": func(c *auth.AccessTokenConfig) { c.Lifetime = 1500 * time.Millisecond },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(symmetricKeys(t))
			spoil(&cfg)
			if _, err := auth.NewAccessTokens(cfg); err == nil {
				t.Error("no error")
			}
		})
	}
}

// The longest token that settings allow is within the bound of ParseBearer and Verify.
func TestLongestTokenFits(t *testing.T) {
	t.Parallel()
	cfg := config(keySets(t)[auth.AlgorithmRS256])
	cfg.Issuer, cfg.Audience = strings.Repeat("\u00e9", 127), strings.Repeat("\x01", 255) // six bytes each in JSON
	tokens := newAccessTokens(t, cfg)
	token := mustIssue(t, tokens)
	if _, err := tokens.Verify(token); err != nil {
		t.Errorf("Verify: %v", err)
	}
	if len(token) > 4096-228 { // what a 4,096-bit key adds to one of 3,072
		t.Errorf("%d bytes", len(token))
	}
}
