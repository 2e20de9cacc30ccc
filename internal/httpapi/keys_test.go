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
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/auth"
)

var keyFixture = fixture{public: []string{"getJsonWebKeySet"}}

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
			var opts apitest.Options
			if algorithm != "HS256" {
				keys, err := auth.GenerateKeySet(algorithm)
				apitest.Must(t, err)
				opts.Settings = apitest.SignedBy(t, keys)
			}
			s := apitest.NewServer(t, opts)
			response, err := s.Client("").GetJSONWebKeySetWithResponse(t.Context())
			apitest.Must(t, err)
			apitest.Want(t, "status", response.StatusCode(), http.StatusOK, response.Body)
			apitest.Want(t, "caching", strings.Join(response.HTTPResponse.Header.Values("Cache-Control"), "|"), "public, max-age=300", nil)
			apitest.Want(t, "type", response.HTTPResponse.Header.Get("Content-Type"), "application/jwk-set+json", nil)

			// Members by name, whatever the generated client knows of: a private or symmetric one must not be among them.
			var set struct {
				Keys []map[string]string `json:"keys"`
			}
			apitest.Must(t, json.Unmarshal(response.Body, &set))
			if members == "" {
				apitest.Want(t, "body", strings.TrimSpace(string(response.Body)), `{"keys":[]}`, nil)
				return
			}
			apitest.Want(t, "keys", len(set.Keys), 2, response.Body)
			for _, key := range set.Keys {
				apitest.Want(t, "members", strings.Join(slices.Sorted(maps.Keys(key)), " "), members, response.Body)
			}
			checkWithPublicKeys(t, response.ApplicationJwkSetJSON200, s.Register().Tokens.AccessToken)
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
	apitest.Must(t, err)
}

func publicKey(t *testing.T, key apiclient.JSONWebKey) any {
	t.Helper()
	number := func(text *string) []byte {
		bytes, err := base64.RawURLEncoding.DecodeString(*text)
		apitest.Must(t, err)
		return bytes
	}
	switch key.Kty {
	case apiclient.JSONWebKeyKtyOKP:
		return ed25519.PublicKey(number(key.X))
	case apiclient.JSONWebKeyKtyEC:
		public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, number(key.X), number(key.Y)))
		apitest.Must(t, err)
		return public
	default:
		return &rsa.PublicKey{N: new(big.Int).SetBytes(number(key.N)), E: int(new(big.Int).SetBytes(number(key.E)).Int64())}
	}
}
