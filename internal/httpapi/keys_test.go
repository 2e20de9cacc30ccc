package httpapi_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/auth"
)

var keyFixture = fixture{public: []string{"getJsonWebKeySet"}}

// signedBy are the settings of a server that signs with a key set.
func signedBy(t testing.TB, keys *auth.KeySet) map[string]string {
	t.Helper()
	file, err := keys.PrivateJWKS()
	must(t, err)
	path := filepath.Join(t.TempDir(), "keys.json")
	must(t, os.WriteFile(path, file, 0o600))
	return map[string]string{"JWT_ALGORITHM": keys.Algorithm(), "JWT_KEYS_FILE": path}
}

func TestGetJSONWebKeySet(t *testing.T) {
	t.Parallel()
	for algorithm, members := range map[string]string{
		"HS256": "",
		"EdDSA": "alg crv kid kty use x",
		"ES256": "alg crv kid kty use x y",
		"RS256": "alg e kid kty n use",
	} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			var opts options
			if algorithm != "HS256" {
				keys, err := auth.GenerateKeySet(algorithm)
				must(t, err)
				opts.settings = signedBy(t, keys)
			}
			s := newServer(t, opts)
			response, err := s.client("").GetJSONWebKeySetWithResponse(t.Context())
			must(t, err)
			want(t, "status", response.StatusCode(), http.StatusOK, response.Body)
			want(t, "caching", strings.Join(response.HTTPResponse.Header.Values("Cache-Control"), "|"), "public, max-age=300", nil)
			want(t, "type", response.HTTPResponse.Header.Get("Content-Type"), "application/jwk-set+json", nil)

			// Members by name, whatever the generated client knows of: a private or symmetric one must not be among them.
			var set struct {
				Keys []map[string]string `json:"keys"`
			}
			must(t, json.Unmarshal(response.Body, &set))
			if members == "" {
				want(t, "body", strings.TrimSpace(string(response.Body)), `{"keys":[]}`, nil)
				return
			}
			want(t, "keys", len(set.Keys), 2, response.Body)
			for _, key := range set.Keys {
				want(t, "members", strings.Join(slices.Sorted(maps.Keys(key)), " "), members, response.Body)
			}
			checkWithPublicKeys(t, response.ApplicationJwkSetJSON200, s.register().tokens.AccessToken)
		})
	}
}

// checkWithPublicKeys verifies a token as another service would, which has nothing but the public keys.
func checkWithPublicKeys(t *testing.T, set *apiclient.JSONWebKeySet, token string) {
	t.Helper()
	parser := jwt.NewParser(jwt.WithAudience("plinth"), jwt.WithIssuer("plinth"), jwt.WithExpirationRequired())
	_, err := parser.Parse(token, func(token *jwt.Token) (any, error) {
		for _, key := range set.Keys {
			if key.Kid == token.Header["kid"] && string(key.Alg) == token.Header["alg"] {
				return publicKey(t, key), nil
			}
		}
		return nil, fmt.Errorf("no key is called %v", token.Header["kid"])
	})
	must(t, err)
}

func publicKey(t *testing.T, key apiclient.JSONWebKey) any {
	t.Helper()
	number := func(text *string) []byte {
		bytes, err := base64.RawURLEncoding.DecodeString(*text)
		must(t, err)
		return bytes
	}
	switch key.Kty {
	case apiclient.JSONWebKeyKtyOKP:
		return ed25519.PublicKey(number(key.X))
	case apiclient.JSONWebKeyKtyEC:
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, number(key.X), number(key.Y)))
		must(t, err)
		return public
	default:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(number(key.N)), E: int(new(big.Int).SetBytes(number(key.E)).Int64())}
	}
}
