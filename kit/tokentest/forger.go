package tokentest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Forger makes tokens that resemble an original.
type Forger struct {
	// Payload has the claims of the original.
	Payload map[string]any

	secret string
	head   map[string]any
}

// New returns a Forger of a token that is signed with a secret.
func New(t testing.TB, token, secret string) Forger {
	t.Helper()
	head, payload, _ := Split(token)
	f := Forger{secret: secret}
	if err := errors.Join(json.Unmarshal(decode(head), &f.head), json.Unmarshal(decode(payload), &f.Payload)); err != nil {
		t.Fatalf("%s is not a token: %v", token, err)
	}
	return f
}

// With returns a Forger with another secret.
func (f Forger) With(secret string) Forger {
	f.secret = secret
	return f
}

// Header returns the header of the original with one member changed or, by nil, removed.
func (f Forger) Header(change ...any) string { return changed(f.head, change) }

// Claims returns the claims of the original with one member changed or, by nil, removed.
func (f Forger) Claims(change ...any) string { return changed(f.Payload, change) }

// Issued returns the claims of a token that was issued seconds after the original.
func (f Forger) Issued(seconds int64) string {
	moved := maps.Clone(f.Payload)
	moved["iat"], moved["exp"] = f.IssuedAt()+seconds, f.IssuedAt()+seconds+f.Lifetime()
	return changed(moved, nil)
}

// IssuedAt returns the time of the original, in seconds since 1970.
func (f Forger) IssuedAt() int64 { return f.seconds("iat") }

// Lifetime returns the lifetime of the original, in seconds.
func (f Forger) Lifetime() int64 { return f.seconds("exp") - f.seconds("iat") }

func (f Forger) seconds(name string) int64 {
	seconds, _ := f.Payload[name].(float64)
	return int64(seconds)
}

// Sign returns a token with a correct HS256 signature, whatever the header says.
func (f Forger) Sign(header, claims string) string {
	mac := hmac.New(sha256.New, []byte(f.secret))
	signed := Encode(header) + "." + Encode(claims)
	_, _ = mac.Write([]byte(signed)) // never fails
	return signed + "." + Encode(string(mac.Sum(nil)))
}

// Unsigned returns a token with this text as its signature.
func Unsigned(header, claims, signature string) string {
	return Encode(header) + "." + Encode(claims) + "." + Encode(signature)
}

func changed(members map[string]any, change []any) string {
	members = maps.Clone(members)
	if len(change) == 2 {
		name, _ := change[0].(string)
		if members[name] = change[1]; change[1] == nil {
			delete(members, name)
		}
	}
	text, _ := json.Marshal(members) //nolint:errchkjson // texts, numbers and lists of them
	return string(text)
}

// Encode returns a text in base64url.
func Encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decode(part string) []byte {
	text, _ := base64.RawURLEncoding.DecodeString(part) // nothing fails in the tests that need it
	return text
}

// Split returns the parts of a token.
func Split(token string) (head, payload, signature string) {
	head, rest, _ := strings.Cut(token, ".")
	payload, signature, _ = strings.Cut(rest, ".")
	return head, payload, signature
}

// Claim returns a text in the claims of a token; "" if there is none.
func Claim(token, name string) string {
	_, payload, _ := Split(token)
	var claims map[string]any
	_ = json.Unmarshal(decode(payload), &claims)
	text, _ := claims[name].(string)
	return text
}

// NextLetter returns the letter of base64url that differs in the lowest bit.
func NextLetter(letter byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, letter)^1])
}

// KeysFile writes a key set, with its private members, to a file, and returns the path.
func KeysFile(t testing.TB, keys interface{ PrivateJWKS() ([]byte, error) }) string {
	t.Helper()
	content, err := keys.PrivateJWKS()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
