package auth_test

import (
	"encoding/base64"
	"strings"
	"testing"
)

// decodeBase64 decodes both alphabets, without padding.
func decodeBase64(tb testing.TB, s string) []byte {
	tb.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_").Replace(s))
	if err != nil {
		tb.Fatalf("base64: %v", err)
	}
	return raw
}

func encodeBase64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
