package auth_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"example.com/plinth/kit/auth"
)

// Text and hash of the token with the secret bytes 0 to 31, computed with Python.
const (
	knownToken = "rt_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh-RJn6K"
	knownHash  = "2bf52e3aa27f91373ce2a6c9cfe524895e9830b88fbea04c3a7db2605c8f9220"
)

func knownSecret() []byte {
	secret := make([]byte, 32)
	for i := range secret {
		secret[i] = byte(i)
	}
	return secret
}

func newRefreshToken(tb testing.TB) auth.RefreshToken {
	tb.Helper()
	token, err := auth.NewRefreshToken(rand.Reader)
	if err != nil {
		tb.Fatalf("NewRefreshToken: %v", err)
	}
	return token
}

func TestRefreshTokenFormat(t *testing.T) {
	t.Parallel()
	token, err := auth.NewRefreshToken(bytes.NewReader(knownSecret()))
	if err != nil {
		t.Fatal(err)
	}
	if got := token.Reveal(); got != knownToken {
		t.Errorf("Reveal() = %s, want %s", got, knownToken)
	}
	if hash := token.Hash(); hex.EncodeToString(hash[:]) != knownHash {
		t.Errorf("Hash() = %x, want %s", hash, knownHash)
	}
	parsed, err := auth.ParseRefreshToken(knownToken)
	if err != nil || parsed.Hash() != token.Hash() {
		t.Errorf("ParseRefreshToken gives another token, or %v", err)
	}
}

func TestNewRefreshTokensDiffer(t *testing.T) {
	t.Parallel()
	if first, second := newRefreshToken(t), newRefreshToken(t); first.Reveal() == second.Reveal() {
		t.Error("two new tokens are the same")
	}
}

func TestNewRefreshTokenReportsAFailingRandomSource(t *testing.T) {
	t.Parallel()
	if _, err := auth.NewRefreshToken(bytes.NewReader(make([]byte, 31))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("err = %v, want unexpected EOF", err)
	}
}

func TestParseRefreshTokenErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"empty":              "",
		"prefix alone":       "rt_",
		"no prefix":          knownToken[3:],
		"other prefix":       "at_" + knownToken[3:],
		"prefix in capitals": "RT_" + knownToken[3:],
		"wrong checksum":     knownToken[:50] + "L",
		"mistyped":           "rt_B" + knownToken[4:],
		"too short":          knownToken[:50],
		"too long":           knownToken + "A",
		"padded":             knownToken[:50] + "=",
		"line break":         knownToken[:50] + "\n",
		"line break added":   knownToken + "\n",
		"leading space":      " " + knownToken,
		"standard base64":    strings.ReplaceAll(knownToken, "-", "+"),
		"an access token":    "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.AAAA",
		"one megabyte":       "rt_" + strings.Repeat("A", 1<<20),
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := auth.ParseRefreshToken(text)
			if !errors.Is(err, auth.ErrMalformedRefreshToken) {
				t.Fatalf("err = %v, want ErrMalformedRefreshToken", err)
			}
		})
	}
}

func TestRefreshTokenIsNeverPrinted(t *testing.T) {
	t.Parallel()
	token := newRefreshToken(t)
	type wrapper struct {
		Exported auth.RefreshToken `json:"exported"`
		hidden   auth.RefreshToken
	}
	wrapped := wrapper{Exported: token, hidden: token}
	var output strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b"} {
		for _, value := range []any{token, &token, wrapped, &wrapped, []auth.RefreshToken{token}} {
			fmt.Fprintf(&output, verb+"\n", value)
		}
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&output, nil), slog.NewTextHandler(&output, nil)} {
		slog.New(handler).InfoContext(t.Context(), "canary", slog.Any("token", token), slog.Any("wrapped", wrapped))
	}
	encoded, err := json.Marshal(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	output.Write(encoded)

	secret := decodeBase64(t, token.Reveal()[3:])[:8]
	canaries := []string{
		token.Reveal()[3:20],
		hex.EncodeToString(secret), strings.ToUpper(hex.EncodeToString(secret)),
		strings.Trim(fmt.Sprintf("%d", secret), "[]"), strings.Trim(fmt.Sprintf("%b", secret), "[]"),
		strings.Trim(fmt.Sprintf("%#v", secret), "[]byte{}"), string(secret),
	}
	for _, canary := range canaries {
		if strings.Contains(output.String(), canary) {
			t.Errorf("the output holds %q", canary)
		}
	}
	if want := `{"exported":"[redacted]"}`; string(encoded) != want {
		t.Errorf("JSON = %s, want %s", encoded, want)
	}
	if token.String() != "[redacted]" {
		t.Errorf("String() = %q", token.String())
	}
}

func TestSealedSuccessor(t *testing.T) {
	t.Parallel()
	parent, child := newRefreshToken(t), newRefreshToken(t)
	seal := func() []byte {
		sealed, err := auth.SealSuccessor(parent, child)
		if err != nil {
			t.Fatalf("SealSuccessor: %v", err)
		}
		return sealed
	}
	sealed := seal()

	t.Run("opens with its parent", func(t *testing.T) {
		t.Parallel()
		opened, err := auth.OpenSuccessor(parent, sealed)
		if err != nil || opened.Reveal() != child.Reveal() {
			t.Errorf("OpenSuccessor gives another token, or %v", err)
		}
	})
	t.Run("opens with nothing else", func(t *testing.T) {
		t.Parallel()
		for _, other := range []auth.RefreshToken{child, newRefreshToken(t)} {
			if _, err := auth.OpenSuccessor(other, sealed); !errors.Is(err, auth.ErrSealBroken) {
				t.Errorf("err = %v, want ErrSealBroken", err)
			}
		}
	})
	t.Run("does not open when a bit is changed", func(t *testing.T) {
		t.Parallel()
		for i := range sealed {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1
			if _, err := auth.OpenSuccessor(parent, changed); !errors.Is(err, auth.ErrSealBroken) {
				t.Errorf("byte %d: err = %v, want ErrSealBroken", i, err)
			}
		}
	})
	t.Run("does not open when its length is changed", func(t *testing.T) {
		t.Parallel()
		for _, changed := range [][]byte{nil, {}, sealed[:27], sealed[:59], append(bytes.Clone(sealed), 0)} {
			if _, err := auth.OpenSuccessor(parent, changed); !errors.Is(err, auth.ErrSealBroken) {
				t.Errorf("%d bytes: err = %v, want ErrSealBroken", len(changed), err)
			}
		}
	})
	t.Run("is encrypted under a key from the parent's secret", func(t *testing.T) {
		t.Parallel()
		raw := decodeBase64(t, parent.Reveal()[3:])
		key, err := hkdf.Key(sha256.New, raw[:32], nil, "refresh token: successor sealed for its parent, v1", 32)
		if err != nil {
			t.Fatal(err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		hash := parent.Hash()
		opened, err := aead.Open(nil, sealed[:12], sealed[12:], hash[:])
		if err != nil || !bytes.Equal(opened, decodeBase64(t, child.Reveal()[3:])[:32]) {
			t.Errorf("opened %x, %v", opened, err)
		}
	})
	t.Run("is 60 bytes that never repeat", func(t *testing.T) {
		t.Parallel()
		if again := seal(); len(sealed) != 60 || bytes.Equal(again[:12], sealed[:12]) {
			t.Errorf("%d bytes, nonces %x and %x", len(sealed), sealed[:12], again[:12])
		}
	})
}

func TestSuccessorsShareTheirFamily(t *testing.T) {
	t.Parallel()
	first, err := auth.NewRefreshToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := auth.NewRefreshToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	second, err := first.NewSuccessor(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	third, err := second.NewSuccessor(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[[32]byte]bool{first.Hash(): true, second.Hash(): true, third.Hash(): true, stranger.Hash(): true}
	if len(hashes) != 4 {
		t.Error("tokens are equal")
	}
	for _, token := range []auth.RefreshToken{second, third} {
		if token.FamilyHash() != first.FamilyHash() || token.FamilyHash() == token.Hash() {
			t.Error("a successor has another family")
		}
		again, err := auth.ParseRefreshToken(token.Reveal())
		if err != nil || again.FamilyHash() != first.FamilyHash() {
			t.Errorf("the text of a successor does not parse to its family: %v", err)
		}
	}
	if stranger.FamilyHash() == first.FamilyHash() {
		t.Error("two families are equal")
	}
	if _, err := first.NewSuccessor(bytes.NewReader(make([]byte, 15))); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("with a short random source: %v", err)
	}
}
