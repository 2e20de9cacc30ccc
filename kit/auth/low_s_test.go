package auth_test

import (
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"

	"example.com/plinth/kit/auth"
)

// A signature with n-s is rejected, and issued signatures have the lower s.
func TestES256SignaturesHaveOneForm(t *testing.T) {
	t.Parallel()
	tokens := newAccessTokens(t, config(keySets(t)[auth.AlgorithmES256]))
	for range 64 { // half of all signatures have the higher s before they are normalized
		token := mustIssue(t, tokens)
		end := strings.LastIndexByte(token, '.') + 1
		signature, err := base64.RawURLEncoding.DecodeString(token[end:])
		if err != nil {
			t.Fatal(err)
		}
		s := signature[32:]
		new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(s)).FillBytes(s)
		other := token[:end] + base64.RawURLEncoding.EncodeToString(signature)
		if _, err := tokens.Verify(other); !errors.Is(err, auth.ErrInvalidToken) {
			t.Fatalf("with n-s: %v", err)
		}
		if _, err := tokens.Verify(token); err != nil {
			t.Fatalf("as issued: %v", err)
		}
	}
}
