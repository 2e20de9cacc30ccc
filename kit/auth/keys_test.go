package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/kit/auth"
)

// generatedKeySets returns one set per algorithm for the whole run, because RSA keys take a second.
var generatedKeySets = sync.OnceValues(func() (map[string]*auth.KeySet, error) {
	sets := make(map[string]*auth.KeySet)
	for _, algorithm := range []string{auth.AlgorithmEdDSA, auth.AlgorithmES256, auth.AlgorithmRS256} {
		set, err := auth.GenerateKeySet(algorithm)
		if err != nil {
			return nil, err
		}
		sets[algorithm] = set
	}
	return sets, nil
})

func keySets(tb testing.TB) map[string]*auth.KeySet {
	tb.Helper()
	generated, err := generatedKeySets()
	if err != nil {
		tb.Fatalf("GenerateKeySet: %v", err)
	}
	sets := maps.Clone(generated)
	sets[auth.AlgorithmHS256] = symmetricKeys(tb)
	return sets
}

type jwks struct {
	Keys []map[string]any `json:"keys"`
}

func parseJWKS(t *testing.T, raw []byte) jwks {
	t.Helper()
	var set jwks
	if err := json.Unmarshal(raw, &set); err != nil {
		t.Fatalf("JWK set: %v", err)
	}
	return set
}

func keyFile(t *testing.T, set *auth.KeySet) []byte {
	t.Helper()
	file, err := set.PrivateJWKS()
	if err != nil {
		t.Fatalf("PrivateJWKS: %v", err)
	}
	return file
}

func parseKeys(t *testing.T, file []byte) *auth.KeySet {
	t.Helper()
	set, err := auth.ParseKeySet(file)
	if err != nil {
		t.Fatalf("ParseKeySet: %v", err)
	}
	return set
}

func TestNewSymmetricKeySet(t *testing.T) {
	t.Parallel()
	if _, err := auth.NewSymmetricKeySet(make([]byte, 31)); err == nil {
		t.Error("a secret of 31 bytes is accepted")
	}
	key := secret()
	set, err := auth.NewSymmetricKeySet(key)
	if err != nil {
		t.Fatal(err)
	}
	clear(key) // the set has a copy
	issued := mustIssue(t, newAccessTokens(t, config(set)))
	if _, err := newAccessTokens(t, config(symmetricKeys(t))).Verify(issued); err != nil {
		t.Errorf("Verify: %v", err)
	}
	if set.Algorithm() != "HS256" || set.ActiveKeyID() != "" {
		t.Errorf("algorithm %q, key id %q", set.Algorithm(), set.ActiveKeyID())
	}
	if _, err := set.PrivateJWKS(); err == nil {
		t.Error("a secret has a key file")
	}
	if _, err := set.Rotate(time.Unix(unixNow, 0), time.Hour); err == nil {
		t.Error("a secret rotates")
	}
}

// published returns the JWKS document of a set.
func published(t *testing.T, set *auth.KeySet) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{"keys": set.PublicKeys(time.Unix(unixNow, 0))})
	if err != nil {
		t.Fatalf("encoding public keys: %v", err)
	}
	return text
}

func TestPublicKeysHoldPublicMembersOnly(t *testing.T) {
	t.Parallel()
	want := map[string][]string{
		auth.AlgorithmHS256: nil,
		auth.AlgorithmEdDSA: {"alg", "crv", "kid", "kty", "use", "x"},
		auth.AlgorithmES256: {"alg", "crv", "kid", "kty", "use", "x", "y"},
		auth.AlgorithmRS256: {"alg", "e", "kid", "kty", "n", "use"},
	}
	for algorithm, set := range keySets(t) {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			raw := published(t, set)
			keys := parseJWKS(t, raw).Keys
			if algorithm == auth.AlgorithmHS256 {
				if string(raw) != `{"keys":[]}` {
					t.Errorf("JWKS = %s, want no keys", raw)
				}
				return
			}
			if len(keys) != 2 || keys[0]["kid"] != set.ActiveKeyID() {
				t.Errorf("JWKS = %s, want the active and the standby key", raw)
			}
			for _, key := range keys {
				if members := slices.Sorted(maps.Keys(key)); !slices.Equal(members, want[algorithm]) {
					t.Errorf("members = %v, want %v", members, want[algorithm])
				}
			}
		})
	}
}

func TestKeyFileRoundTrip(t *testing.T) {
	t.Parallel()
	for algorithm, set := range keySets(t) {
		if algorithm == auth.AlgorithmHS256 {
			continue
		}
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			file := keyFile(t, set)
			read := parseKeys(t, file)
			if read.Algorithm() != algorithm || read.ActiveKeyID() != set.ActiveKeyID() {
				t.Errorf(
					"algorithm %s, active %s, want %s, %s",
					read.Algorithm(),
					read.ActiveKeyID(),
					algorithm,
					set.ActiveKeyID(),
				)
			}
			if again := keyFile(t, read); string(again) != string(file) {
				t.Error("the file changes when it is read and written")
			}
			token := mustIssue(t, newAccessTokens(t, config(read)))
			if _, err := newAccessTokens(t, config(set)).Verify(token); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

// The keys and thumbprints are the examples of RFC 8037, appendix A, and RFC 7638, section 3.1.
func TestThumbprints(t *testing.T) {
	t.Parallel()
	set := parseKeys(t, []byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","key_ops":["sign"],
		"d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`))
	if got, want := set.ActiveKeyID(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"; got != want {
		t.Errorf("Ed25519: %s, want %s", got, want)
	}

	const modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n" +
		"3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qM" +
		"QvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	file := edit(t, keyFile(t, keySets(t)[auth.AlgorithmRS256]), func(set *jwks) {
		set.Keys = append(set.Keys, map[string]any{
			"kty": "RSA", "alg": "RS256", "e": "AQAB", "n": modulus, "key_ops": []string{"verify"}, "exp": unixNow,
		})
	})
	got := string(keyFile(t, parseKeys(t, file)))
	if !strings.Contains(got, `"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"`) {
		t.Errorf("RSA: not in %s", got)
	}
}

func edit(t *testing.T, file []byte, change func(*jwks)) []byte {
	t.Helper()
	set := parseJWKS(t, file)
	change(&set)
	edited, err := json.Marshal(set)
	if err != nil {
		t.Fatalf("encoding key file: %v", err)
	}
	return edited
}

func TestParseKeySetErrors(t *testing.T) {
	t.Parallel()
	sets := keySets(t)
	rsa1024 := make([]byte, 128)
	rsa1024[0], rsa1024[127] = 0x80, 1
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := p256.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	first := func(member string, value any) func(*jwks) {
		return func(set *jwks) {
			set.Keys[0][member] = value
			if value == nil {
				delete(set.Keys[0], member)
			}
		}
	}
	tests := []struct {
		name, algorithm string
		change          func(*jwks)
		reason          string
	}{
		{"no keys", auth.AlgorithmEdDSA, func(s *jwks) { s.Keys = nil }, `no key with key_ops "sign"`},
		{"no active key", auth.AlgorithmEdDSA, first("key_ops", []string{"verify"}), `no key with key_ops "sign"`},
		{
			"two active keys",
			auth.AlgorithmEdDSA,
			func(s *jwks) { s.Keys[1]["key_ops"] = []string{"sign"} },
			"keys[1]: a second key",
		},
		{
			"17 keys",
			auth.AlgorithmEdDSA,
			func(s *jwks) { s.Keys = append(s.Keys, slices.Repeat(s.Keys[1:], 15)...) },
			"17 keys, want at most 16",
		},
		{"a key twice", auth.AlgorithmEdDSA, func(s *jwks) { s.Keys = append(s.Keys, s.Keys[1]) }, "duplicate key"},
		{"two algorithms", auth.AlgorithmEdDSA, func(s *jwks) {
			s.Keys[1] = parseJWKS(t, keyFile(t, sets[auth.AlgorithmES256])).Keys[1]
		}, "is for ES256, the active key for EdDSA"},
		{"unknown member", auth.AlgorithmEdDSA, first("status", "active"), "unknown member"},
		{"wrong type", auth.AlgorithmEdDSA, first("kty", 1), "malformed JSON"},
		{"key_ops missing", auth.AlgorithmEdDSA, first("key_ops", nil), "key_ops is missing"},
		{
			"key_ops unknown",
			auth.AlgorithmEdDSA,
			first("key_ops", []string{"sign", "encrypt"}),
			"key_ops holds something other",
		},
		{"use enc", auth.AlgorithmEdDSA, first("use", "enc"), "use is not"},
		{"kid of another key", auth.AlgorithmEdDSA, first("kid", "mine"), "kid is not the thumbprint"},
		{"active key without d", auth.AlgorithmEdDSA, first("d", nil), "the active key has no private half"},
		{"private key with exp", auth.AlgorithmEdDSA, first("exp", unixNow), "exp belongs to public keys"},
		{
			"public key without exp",
			auth.AlgorithmEdDSA,
			func(s *jwks) { delete(s.Keys[1], "d") },
			"exp belongs to public keys",
		},
		{
			"exp out of range",
			auth.AlgorithmEdDSA,
			func(s *jwks) { delete(s.Keys[1], "d"); s.Keys[1]["exp"] = int64(1) << 41 },
			"exp belongs to public keys",
		},
		{"alg missing", auth.AlgorithmEdDSA, first("alg", nil), "alg, kty and crv are none of"},
		{"alg HS256", auth.AlgorithmEdDSA, first("alg", "HS256"), "alg, kty and crv are none of"},
		{"alg of another type", auth.AlgorithmEdDSA, first("alg", "ES256"), "alg, kty and crv are none of"},
		{"crv Ed448", auth.AlgorithmEdDSA, first("crv", "Ed448"), "alg, kty and crv are none of"},
		{"crv P-384", auth.AlgorithmES256, first("crv", "P-384"), "alg, kty and crv are none of"},
		{"Ed25519: x too short", auth.AlgorithmEdDSA, first("x", "AAAA"), "x is not an Ed25519 public key"},
		{
			"Ed25519: x with a line break",
			auth.AlgorithmEdDSA,
			func(s *jwks) { s.Keys[0]["x"] = fmt.Sprint(s.Keys[0]["x"], "\n") },
			"x is not an Ed25519 public key",
		},
		{"Ed25519: d too short", auth.AlgorithmEdDSA, first("d", "AAAA"), "d is not an Ed25519 private key"},
		{
			"Ed25519: d of another key",
			auth.AlgorithmEdDSA,
			func(s *jwks) { s.Keys[0]["d"] = s.Keys[1]["d"] },
			"d is not the private half of x",
		},
		{"P-256: y too short", auth.AlgorithmES256, first("y", "AAAA"), "x and y are not the coordinates"},
		{
			"P-256: not on the curve",
			auth.AlgorithmES256,
			func(s *jwks) { s.Keys[0]["y"] = s.Keys[1]["y"] },
			"x and y are not the coordinates",
		},
		{"P-256: d too short", auth.AlgorithmES256, first("d", "AAAA"), "d is not a P-256 private key"},
		{
			"P-256: d zero",
			auth.AlgorithmES256,
			first("d", encodeBase64(make([]byte, 32))),
			"d is not a P-256 private key",
		},
		{
			"P-256: d of another key",
			auth.AlgorithmES256,
			first("d", encodeBase64(scalar)),
			"d is not the private half of x and y",
		},
		{"RSA: 1,024 bits", auth.AlgorithmRS256, first("n", encodeBase64(rsa1024)), "RSA key of 1024 bits"},
		{
			"RSA: over 4,096 bits",
			auth.AlgorithmRS256,
			first("n", strings.Repeat("_", 684)),
			"n and e are not an RSA public key",
		},
		{"RSA: exponent 3", auth.AlgorithmRS256, first("e", "Aw"), "n and e are not an RSA public key"},
		{
			"RSA: exponent beyond 64 bits",
			auth.AlgorithmRS256,
			first("e", strings.Repeat("_", 400)),
			"n and e are not an RSA public key",
		},
		{"RSA: no n", auth.AlgorithmRS256, first("n", nil), "n and e are not an RSA public key"},
		{"RSA: no p", auth.AlgorithmRS256, first("p", nil), "d, p and q are not an RSA private key"},
		{"RSA: p is 1", auth.AlgorithmRS256, first("p", "AQ"), "d, p and q are not the private half"},
		{"RSA: p is 0", auth.AlgorithmRS256, first("p", "AA"), "d, p and q are not the private half"},
		{
			"RSA: d of another key",
			auth.AlgorithmRS256,
			func(s *jwks) { s.Keys[0]["d"] = s.Keys[1]["d"] },
			"d, p and q are not the private half",
		},
		{
			"RSA: n of another key",
			auth.AlgorithmRS256,
			func(s *jwks) { s.Keys[0]["n"] = s.Keys[1]["n"] },
			"d, p and q are not the private half",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := edit(t, keyFile(t, sets[test.algorithm]), test.change)
			set, err := auth.ParseKeySet(file)
			if err == nil || set != nil {
				t.Fatalf("ParseKeySet = %v, want an error", set)
			}
			if !strings.Contains(err.Error(), test.reason) {
				t.Errorf("err = %q, want %q", err, test.reason)
			}
		})
	}
}

func TestParseKeySetRejectsOtherFiles(t *testing.T) {
	t.Parallel()
	good := string(keyFile(t, keySets(t)[auth.AlgorithmEdDSA]))
	tests := map[string]string{
		"empty":         "",
		"null":          "null",
		"PEM":           "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI\n-----END PRIVATE KEY-----\n",
		"a lone key":    `{"kty":"OKP"}`,
		"trailing data": good + "{}",
		"member twice":  strings.Replace(good, `"kty": "OKP"`, `"kty": "OKP", "kty": "OKP"`, 1),
		"256 KiB":       good + strings.Repeat(" ", 256<<10),
	}
	for name, file := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := auth.ParseKeySet([]byte(file)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestParseKeySetErrorsHoldNoKey(t *testing.T) {
	t.Parallel()
	file := string(keyFile(t, keySets(t)[auth.AlgorithmEdDSA]))
	secrets := make([]string, 0, 2)
	for _, key := range parseJWKS(t, []byte(file)).Keys {
		secrets = append(secrets, fmt.Sprint(key["d"]))
	}
	for _, broken := range []string{
		strings.Replace(file, `"d": "`, `"d": 1, "`, 1),
		strings.Replace(file, `"d": "`, `"`, 1),
		strings.Replace(file, `"d": "`, `"d" "`, 1),
	} {
		_, err := auth.ParseKeySet([]byte(broken))
		if err == nil {
			t.Fatal("no error")
		}
		for _, secret := range secrets {
			if strings.Contains(err.Error(), secret[:10]) {
				t.Errorf("error holds a key: %v", err)
			}
		}
	}
}

func TestGenerateKeySetRejectsOtherAlgorithms(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"", "HS256", "none", "RS512"} {
		if _, err := auth.GenerateKeySet(algorithm); err == nil {
			t.Errorf("%q: no error", algorithm)
		}
	}
}

func TestVerifyRejectsKeyConfusion(t *testing.T) {
	t.Parallel()
	for algorithm, set := range keySets(t) {
		if algorithm == auth.AlgorithmHS256 {
			continue
		}
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			tokens := newAccessTokens(t, config(set))
			public := published(t, set)
			key := parseJWKS(t, public).Keys[0]
			header := func(alg string) string { return fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":"at+jwt"}`, alg, key["kid"]) }
			claims := claimsWith(t, nil)
			good := mustIssue(t, tokens)

			for _, member := range []string{"x", "n"} {
				if encoded, ok := key[member].(string); ok {
					wantInvalid(t, tokens, forge(decodeBase64(t, encoded), header("HS256"), claims), "wrong algorithm")
					wantInvalid(
						t,
						tokens,
						forge(decodeBase64(t, encoded), header(algorithm), claims),
						"wrong signature",
					)
				}
			}
			wantInvalid(t, tokens, forge(public, header("HS256"), claims), "wrong algorithm")
			wantInvalid(t, tokens, forge(nil, header("none"), claims), "wrong algorithm")
			wantInvalid(
				t,
				tokens,
				forge(nil, fmt.Sprintf(`{"alg":%q,"typ":"at+jwt"}`, algorithm), claims),
				"unknown key",
			)
			wantInvalid(
				t,
				tokens,
				forge(nil, fmt.Sprintf(`{"alg":%q,"kid":"","typ":"at+jwt"}`, algorithm), claims),
				"unknown key",
			)
			wantInvalid(t, tokens, forge(secret(), goodHeader, claims), "wrong algorithm")
			wantInvalid(t, tokens, good[:strings.LastIndex(good, ".")+1]+"AAAA", "wrong signature")
			wantInvalid(t, newAccessTokens(t, config(symmetricKeys(t))), good, "wrong algorithm")
		})
	}
}

func TestKeySetIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for algorithm, set := range keySets(t) {
		tokens := newAccessTokens(t, config(set))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if got, want := fmt.Sprintf(verb, set), "KeySet("+algorithm+")"; got != want {
				t.Errorf("%s: %s, want %s", verb, got, want)
			}
			canary := strings.Trim(fmt.Sprintf(verb, secret()[2:10]), "[]")
			if algorithm == auth.AlgorithmHS256 && strings.Contains(fmt.Sprintf(verb, tokens), canary) {
				t.Errorf("%s of AccessTokens holds the secret", verb)
			}
		}
	}
}

func TestRSAKeysAreLongEnough(t *testing.T) {
	t.Parallel()
	for _, key := range parseJWKS(t, published(t, keySets(t)[auth.AlgorithmRS256])).Keys {
		modulus, err := base64.RawURLEncoding.DecodeString(fmt.Sprint(key["n"]))
		if err != nil || len(modulus) != 384 {
			t.Errorf("modulus of %d bytes (%v), want 384", len(modulus), err)
		}
	}
}
