package auth

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// ErrMalformedOneTimeToken holds no part of the token.
var ErrMalformedOneTimeToken = errors.New("malformed one-time token")

const (
	oneTimeTokenPrefix = "ot_"
	oneTimeSecretSize  = 32
)

// OneTimeToken is a bearer secret for the link of a mail, with 256 random bits. Its text is
//
//	"ot_" base64url( secret[32] )
//
// Printing, logging or encoding it writes "[redacted]"; only Reveal returns the text. The zero value
// is no token, and every use of it except printing panics.
type OneTimeToken struct {
	secret func() [oneTimeSecretSize]byte // a function, for the reason in RefreshToken
}

// NewOneTimeToken returns a token with 32 bytes of rand, which is crypto/rand.Reader outside tests.
func NewOneTimeToken(rand io.Reader) (OneTimeToken, error) {
	var secret [oneTimeSecretSize]byte
	if err := readRandom(rand, secret[:]); err != nil {
		return OneTimeToken{}, fmt.Errorf("new one-time token: %w", err)
	}
	return OneTimeToken{func() [oneTimeSecretSize]byte { return secret }}, nil
}

// ParseOneTimeToken parses the text of a token. It fails with ErrMalformedOneTimeToken.
func ParseOneTimeToken(text string) (OneTimeToken, error) {
	encoded, ok := strings.CutPrefix(text, oneTimeTokenPrefix)
	if !ok || !consistsOf(encoded, isBase64URLByte) {
		return OneTimeToken{}, ErrMalformedOneTimeToken
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) != oneTimeSecretSize {
		return OneTimeToken{}, ErrMalformedOneTimeToken
	}
	secret := [oneTimeSecretSize]byte(raw)
	return OneTimeToken{func() [oneTimeSecretSize]byte { return secret }}, nil
}

// Reveal returns the text of the token, for the mail to its owner.
func (t OneTimeToken) Reveal() string {
	secret := t.secret()
	return oneTimeTokenPrefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

// Hash returns the SHA-256 of the secret, for the database. It needs no salt and no stretching,
// because 256 random bits cannot be guessed.
func (t OneTimeToken) Hash() [sha256.Size]byte {
	secret := t.secret()
	return sha256.Sum256(secret[:])
}

// String returns "[redacted]".
func (OneTimeToken) String() string { return redacted }

// Format writes "[redacted]" for every verb.
func (OneTimeToken) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns "[redacted]".
func (OneTimeToken) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (OneTimeToken) MarshalText() ([]byte, error) { return []byte(redacted), nil }
