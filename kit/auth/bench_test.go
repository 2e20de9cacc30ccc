package auth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"example.com/plinth/kit/auth"
)

// BenchmarkVerifyAccessToken measures the first verification of a token, and later ones.
func BenchmarkVerifyAccessToken(b *testing.B) {
	for _, algorithm := range []string{auth.AlgorithmHS256, auth.AlgorithmEdDSA, auth.AlgorithmES256, auth.AlgorithmRS256} {
		tokens := newAccessTokens(b, config(keySets(b)[algorithm]))
		token := mustIssue(b, tokens)
		verify := func(b *testing.B, forget bool) {
			b.Helper()
			b.ReportAllocs()
			for b.Loop() {
				if forget {
					tokens.Forget()
				}
				if _, err := tokens.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.Run(algorithm+"/first", func(b *testing.B) { verify(b, true) })
		b.Run(algorithm+"/again", func(b *testing.B) { verify(b, false) })
	}
}

// BenchmarkVerifyWithGolangJWT is the baseline: the library's parser with all its options for these
// rules, which do not cover the header, duplicate members and the forms of values.
func BenchmarkVerifyWithGolangJWT(b *testing.B) {
	token := mustIssue(b, newAccessTokens(b, config(symmetricKeys(b))))
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithStrictDecoding(), jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(), jwt.WithIssuer("https://api.example.com"), jwt.WithAudience("example"),
		jwt.WithLeeway(30*time.Second),
		jwt.WithTimeFunc(func() time.Time { return time.Unix(unixNow, 0) }))
	key := secret()
	b.ReportAllocs()
	for b.Loop() {
		var claims struct {
			jwt.RegisteredClaims

			SessionID string `json:"sid"`
		}
		_, err := parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return key, nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B) {
	hasher := newHasher(b, auth.DefaultPasswordParams(), auth.PasswordHasherOptions{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := hasher.Hash(b.Context(), "correct horse battery staple"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerifyPassword measures the times of which TestVerificationsDoEqualWork counts the work:
// the first three are equal, and so are the last three.
func BenchmarkVerifyPassword(b *testing.B) {
	older := auth.PasswordParams{MemoryKiB: 4096, Iterations: 3, Parallelism: 1}
	current := newHasher(b, auth.DefaultPasswordParams(), auth.PasswordHasherOptions{})
	importing := newHasher(b, auth.DefaultPasswordParams(), auth.PasswordHasherOptions{ImportedBcryptCost: 4})
	currentRow := mustHash(b, current, "right")
	olderRow := mustHash(b, newHasher(b, older, auth.PasswordHasherOptions{}), "right")
	rows := []struct {
		name, hash string
		hasher     *auth.PasswordHasher
	}{
		{"unknown account", "", current},
		{"current row", currentRow, current},
		{"older row", olderRow, current},
		{"importing: unknown account", "", importing},
		{"importing: current row", currentRow, importing},
		{"importing: bcrypt row", bcryptHash(b, "right"), importing},
	}
	for _, row := range rows {
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				var err error
				if row.hash == "" {
					err = row.hasher.VerifyDummy(b.Context(), "wrong")
				} else {
					_, err = row.hasher.Verify(b.Context(), row.hash, "wrong")
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheckPassword(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		err := auth.CheckPassword("kv7#Qw2mTTcarpenter oak", 15, "bob@example.com", "plinth")
		if errors.Is(err, auth.ErrPasswordBlocklisted) {
			b.Fatal(err)
		}
	}
}
