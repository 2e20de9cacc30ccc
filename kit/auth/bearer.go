package auth

import (
	"errors"
	"strings"
)

// What ParseBearer returns beside ErrInvalidToken.
var (
	// ErrNoToken: the request does not try to authenticate with a bearer token. Answer 401 with a
	// challenge that holds no error code (RFC 6750, section 3.1).
	ErrNoToken = errors.New("no bearer token")
	// ErrMultipleCredentials: answer 400. Which one a proxy and we would pick could differ.
	ErrMultipleCredentials = errors.New("more than one authorization header")
)

// maxTokenLength bounds every token before anything looks into it, in bytes. An access token signed with
// a 4,096-bit RSA key stays under half of it.
const maxTokenLength = 4096

// ParseBearer returns the token of a request from the values of its Authorization headers: the scheme
// "Bearer" in any case, spaces, and a b64token (RFC 6750, section 2.1) of at most 4 KiB. Errors are
// ErrNoToken without a header and for other schemes, ErrMultipleCredentials for two headers, and otherwise
// ErrInvalidToken.
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

// consistsOf works on bytes, so that no decoder's idea of a character comes in between.
func consistsOf(s string, allowed func(byte) bool) bool {
	for i := range len(s) {
		if !allowed(s[i]) {
			return false
		}
	}
	return true
}
