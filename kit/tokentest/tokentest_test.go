package tokentest_test

import (
	"os"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"example.com/plinth/kit/tokentest"
)

const secret = "0123456789abcdef0123456789abcdef"

// original returns a token of a library, issued at 1000 for 60 seconds.
func original(t *testing.T) string {
	t.Helper()
	claims := jwt.MapClaims{"sub": "ada", "iat": 1000, "exp": 1060}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// verify returns the claims of a token with a correct signature, of any time.
func verify(token string) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(jwt.WithoutClaimsValidation()).ParseWithClaims(token, claims,
		func(*jwt.Token) (any, error) { return []byte(secret), nil })
	return claims, err
}

func TestForger(t *testing.T) {
	t.Parallel()
	f := tokentest.New(t, original(t), secret)
	if f.IssuedAt() != 1000 || f.Lifetime() != 60 {
		t.Errorf("issued at %d for %d", f.IssuedAt(), f.Lifetime())
	}
	claims, err := verify(f.Sign(f.Header(), f.Issued(-5)))
	if err != nil || claims["iat"] != 995.0 || claims["exp"] != 1055.0 || claims["sub"] != "ada" {
		t.Errorf("got %v, %v", claims, err)
	}
	claims, err = verify(f.Sign(f.Header(), f.Claims("sub", "bob")))
	if err != nil || claims["sub"] != "bob" {
		t.Errorf("got %v, %v", claims, err)
	}
	claims, err = verify(f.Sign(f.Header(), f.Claims("sub", nil)))
	if _, there := claims["sub"]; err != nil || there {
		t.Errorf("got %v, %v", claims, err)
	}
	if f.Payload["sub"] != "ada" {
		t.Errorf("the original is changed: %v", f.Payload)
	}
	for name, forged := range map[string]string{
		"another secret":    f.With("another").Sign(f.Header(), f.Claims()),
		"without algorithm": tokentest.Unsigned(f.Header("alg", "none"), f.Claims(), ""),
		"another signature": tokentest.Unsigned(f.Header(), f.Claims(), "x"),
	} {
		if _, err := verify(forged); err == nil {
			t.Errorf("%s: the token is valid", name)
		}
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	token := original(t)
	head, payload, signature := tokentest.Split(token)
	if head+"."+payload+"."+signature != token {
		t.Errorf("the parts are %s, %s, %s", head, payload, signature)
	}
	if got := tokentest.Claim(token, "sub"); got != "ada" {
		t.Errorf("sub is %q", got)
	}
	if got := tokentest.Claim(token, "aud") + tokentest.Claim("x", "sub"); got != "" {
		t.Errorf("a missing claim is %q", got)
	}
	for letter, want := range map[byte]string{'A': "B", 'B': "A", '_': "-"} {
		if got := tokentest.NextLetter(letter); got != want {
			t.Errorf("the next letter of %c is %s, want %s", letter, got, want)
		}
	}
}

// keySet is the content of a file of keys.
type keySet string

func (k keySet) PrivateJWKS() ([]byte, error) { return []byte(k), nil }

func TestKeysFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := tokentest.KeysFile(t, keySet(`{"keys":[]}`))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || string(content) != `{"keys":[]}` || info.Mode().Perm() != 0o600 {
		t.Errorf("got %q with mode %o (%v)", content, info.Mode().Perm(), err)
	}
}
