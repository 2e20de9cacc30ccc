package auth_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/plinth/kit/auth"
)

// FuzzParseArgon2id checks that accepted hashes are canonical and have parameters in bounds.
func FuzzParseArgon2id(f *testing.F) {
	f.Fuzz(func(t *testing.T, encoded string) {
		reformatted, params, err := auth.ReformatArgon2id(encoded)
		if err != nil {
			if !errors.Is(err, auth.ErrMalformedHash) {
				t.Fatalf("err = %v, want ErrMalformedHash", err)
			}
			return
		}
		if reformatted != encoded {
			t.Errorf("%q is accepted as %q", encoded, reformatted)
		}
		if _, err := auth.NewPasswordHasher(params, auth.PasswordHasherOptions{}); err != nil {
			t.Errorf("parameters out of bounds: %v", err)
		}
	})
}

// FuzzParseBearer checks that accepted tokens are the header without its scheme, in safe
// characters.
func FuzzParseBearer(f *testing.F) {
	f.Fuzz(func(t *testing.T, header string) {
		token, err := auth.ParseBearer([]string{header})
		if err != nil {
			if token != "" || !errors.Is(err, auth.ErrNoToken) && !errors.Is(err, auth.ErrInvalidToken) {
				t.Fatalf("ParseBearer = %q, %v", token, err)
			}
			return
		}
		if token == "" || len(token) > 4096 ||
			strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("accepted %q", token)
		}
		if !strings.EqualFold(header[:7], "Bearer ") || strings.TrimLeft(header[7:], " ") != token {
			t.Errorf("token %q of header %q", token, header)
		}
	})
}

// FuzzParseRefreshToken checks that accepted tokens are canonical.
func FuzzParseRefreshToken(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		token, err := auth.ParseRefreshToken(text)
		if err != nil {
			if !errors.Is(err, auth.ErrMalformedRefreshToken) {
				t.Fatalf("err = %v, want ErrMalformedRefreshToken", err)
			}
			return
		}
		if token.Reveal() != text {
			t.Errorf("%q is accepted as %q", text, token.Reveal())
		}
	})
}

// FuzzVerifyAccessToken checks that only issued tokens are accepted.
func FuzzVerifyAccessToken(f *testing.F) {
	tokens := newAccessTokens(f, config(symmetricKeys(f)))
	f.Fuzz(func(t *testing.T, token string) {
		claims, err := tokens.Verify(token)
		if !errors.Is(err, auth.ErrInvalidToken) || claims != (auth.AccessClaims{}) {
			t.Errorf("Verify(%q) = %+v, %v", token, claims, err)
		}
	})
}
