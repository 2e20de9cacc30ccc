package auth

import (
	"errors"
	"strings"
)

// Errors of ParseBearer besides ErrInvalidToken.
var (
	// ErrNoToken means that the request has no bearer token. Respond 401 with a challenge without
	// an error code (RFC 6750, section 3.1).
	ErrNoToken = errors.New("no bearer token")
	// ErrMultipleCredentials means several Authorization headers, of which a proxy could pick
	// another one. Respond 400.
	ErrMultipleCredentials = errors.New("more than one authorization header")
)

// maxTokenLength bounds tokens, in bytes, before they are parsed. An access token signed with a
// 4,096-bit RSA key has less than half of it.
const maxTokenLength = 4096

// ParseBearer returns the token of a request from the values of its Authorization headers: the
// scheme "Bearer" in any case, spaces, and a b64token (RFC 6750, section 2.1) of at most 4 KiB.
// Errors are ErrNoToken without a header and for other schemes, ErrMultipleCredentials for two
// headers, and otherwise ErrInvalidToken.
func ParseBearer(headers []string) (string, error) {
	if len(headers) > 1 {
		return "", ErrMultipleCredentials
	}
	if len(headers) == 0 || headers[0] == "" {
		return "", ErrNoToken
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", ErrNoToken
	}
	token = strings.TrimLeft(token, " ")
	if len(token) > maxTokenLength {
		return "", invalidToken("too long")
	}
	unpadded := strings.TrimRight(token, "=")
	if unpadded == "" || !consistsOf(unpadded, isB64TokenByte) {
		return "", invalidToken("not a b64token")
	}
	return token, nil
}

func isB64TokenByte(c byte) bool {
	return isBase64URLByte(c) || c == '.' || c == '~' || c == '+' || c == '/'
}

func isBase64URLByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// consistsOf reports whether all bytes of s are allowed. It does not decode characters.
func consistsOf(s string, allowed func(byte) bool) bool {
	for i := range len(s) {
		if !allowed(s[i]) {
			return false
		}
	}
	return true
}
