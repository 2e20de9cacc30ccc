package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

const (
	deviceTokenPrefix = "dt_"
	deviceNonceSize   = 16
	deviceTagSize     = 16
	deviceTokenLength = len(deviceTokenPrefix) + (deviceNonceSize+deviceTagSize)*4/3 + 1
)

// DeviceToken identifies a device, and grants no access. Its text is
//
//	"dt_" base64url( nonce[16] HMAC-SHA-256(key, nonce)[:16] )
//
// so that a client cannot choose its own. Printing, logging or encoding it writes "[redacted]";
// only Reveal returns the text. The zero value is no token.
type DeviceToken struct {
	text func() string // a function, for the reason in RefreshToken
}

// NewDeviceToken returns a token with 16 bytes of rand, which is crypto/rand.Reader outside tests.
func NewDeviceToken(rand io.Reader, key []byte) (DeviceToken, error) {
	nonce := make([]byte, deviceNonceSize)
	if err := readRandom(rand, nonce); err != nil {
		return DeviceToken{}, fmt.Errorf("new device token: %w", err)
	}
	raw := slices.Concat(nonce, deviceTag(key, nonce))
	text := deviceTokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	return DeviceToken{func() string { return text }}, nil
}

// ParseDeviceToken parses a token made with the key. For any other text it returns the zero
// DeviceToken.
func ParseDeviceToken(text string, key []byte) DeviceToken {
	encoded, ok := strings.CutPrefix(text, deviceTokenPrefix)
	if !ok || len(text) != deviceTokenLength {
		return DeviceToken{}
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || len(raw) != deviceNonceSize+deviceTagSize ||
		!hmac.Equal(raw[deviceNonceSize:], deviceTag(key, raw[:deviceNonceSize])) {
		return DeviceToken{}
	}
	return DeviceToken{func() string { return text }}
}

func deviceTag(key, nonce []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("device token, v1\x00"))
	mac.Write(nonce)
	return mac.Sum(nil)[:deviceTagSize]
}

// IsZero reports whether t is no token.
func (t DeviceToken) IsZero() bool { return t.text == nil }

// Reveal returns the text of the token, for the response to its device, or "" if t is no token.
func (t DeviceToken) Reveal() string {
	if t.IsZero() {
		return ""
	}
	return t.text()
}

// String returns "[redacted]".
func (DeviceToken) String() string { return redacted }

// Format writes "[redacted]" for every verb.
func (DeviceToken) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns "[redacted]".
func (DeviceToken) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (DeviceToken) MarshalText() ([]byte, error) { return []byte(redacted), nil }
