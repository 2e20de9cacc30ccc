package httpapi_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// leeway is the difference of clocks, in seconds, that access tokens are allowed.
const leeway = 30

// forger makes access tokens of any kind around that of one session. It works by hand: a library for tokens would refuse
// to make most of them.
type forger struct {
	secret        string
	head, payload map[string]any // of the original
}

func newForger(t testing.TB, a account) forger {
	t.Helper()
	head, payload, _ := split(a.tokens.AccessToken)
	f := forger{secret: jwtSecret}
	must(t, json.Unmarshal(decode(head), &f.head))
	must(t, json.Unmarshal(decode(payload), &f.payload))
	return f
}

// with returns a forger that has another secret.
func (f forger) with(secret string) forger {
	f.secret = secret
	return f
}

// header is the original's, with one member changed or, by nil, left out.
func (f forger) header(change ...any) string { return changed(f.head, change) }

// claims are the original's, with one member changed or, by nil, left out.
func (f forger) claims(change ...any) string { return changed(f.payload, change) }

// issued are the claims of a token that was issued so many seconds after the original.
func (f forger) issued(later int64) string {
	moved := maps.Clone(f.payload)
	moved["iat"], moved["exp"] = f.issuedAt()+later, f.issuedAt()+later+f.lifetime()
	return changed(moved, nil)
}

// issuedAt is when the original was issued, in seconds since 1970.
func (f forger) issuedAt() int64 { return f.seconds("iat") }

// lifetime is how long the original lives, in seconds.
func (f forger) lifetime() int64 { return f.seconds("exp") - f.seconds("iat") }

func (f forger) seconds(name string) int64 {
	seconds, _ := f.payload[name].(float64)
	return int64(seconds)
}

// sign makes a token with a signature that is right, whatever the header says of it.
func (f forger) sign(header, claims string) string {
	mac := hmac.New(sha256.New, []byte(f.secret))
	signed := encode(header) + "." + encode(claims)
	_, _ = mac.Write([]byte(signed)) // never fails
	return signed + "." + encode(string(mac.Sum(nil)))
}

// unsigned makes a token with any signature.
func unsigned(header, claims, signature string) string {
	return encode(header) + "." + encode(claims) + "." + encode(signature)
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

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decode(part string) []byte {
	text, _ := base64.RawURLEncoding.DecodeString(part) // nothing fails in the tests that need it
	return text
}

func split(token string) (head, payload, signature string) {
	head, rest, _ := strings.Cut(token, ".")
	payload, signature, _ = strings.Cut(rest, ".")
	return head, payload, signature
}

func signatureOf(a account) string {
	_, _, signature := split(a.tokens.AccessToken)
	return signature
}

// claimOf returns a text in the claims of an account's access token.
func claimOf(a account, name string) string {
	_, payload, _ := split(a.tokens.AccessToken)
	var claims map[string]any
	_ = json.Unmarshal(decode(payload), &claims)
	text, _ := claims[name].(string)
	return text
}

// nextLetter returns another letter of the alphabet of base64url, which differs in the lowest bit.
func nextLetter(letter byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, letter)^1])
}
