package auth

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// ErrInvalidToken is the error of every rejected token. The wrapping error names the reason, for
// the log, and holds no part of the token. A response must not show the reason.
var ErrInvalidToken = errors.New("invalid token")

func invalidToken(reason string) error { return fmt.Errorf("%w: %s", ErrInvalidToken, reason) }

const (
	accessTokenType = "at+jwt" // RFC 9068, section 2.1
	clockLeeway     = 30 * time.Second
	maxLifetime     = 24 * time.Hour
	maxClaimLength  = 255 // bytes of iss, aud and jti
	tokenIDSize     = 16  // random bytes
	// maxUnixTime, in the year 36812, keeps sums of times far from overflow.
	maxUnixTime = 1 << 40
)

// AccessTokenConfig configures [NewAccessTokens]; only Rand has a default.
type AccessTokenConfig struct {
	Keys     *KeySet
	Issuer   string // iss, 1 to 255 bytes
	Audience string // aud, 1 to 255 bytes
	// Lifetime is exp − iat of new tokens, and the maximum for accepted ones: whole seconds, at
	// most a day.
	Lifetime time.Duration
	Now      func() time.Time
	// Rand is the source of token ids, safe for concurrent use; nil means crypto/rand.
	Rand io.Reader
}

// AccessClaims are the claims of a verified access token. They do not say whether the session is
// still live, nor which role the user has.
type AccessClaims struct {
	UserID    string // ULID
	SessionID string // ULID
	TokenID   string
	IssuedAt  time.Time
	ExpiresAt time.Time
}

// AccessTokens issues and verifies access tokens: JWTs with the profile of RFC 9068 that follow RFC
// 8725, signed with the algorithm of the key set. It is safe for concurrent use.
//
// The algorithms are golang-jwt's. Its parser is not used, because it decodes the claims before it
// verifies the signature, keeps the last of two members with the same name, and takes several times
// as long (BenchmarkVerifyWithGolangJWT).
type AccessTokens struct {
	cfg   AccessTokenConfig
	cache *tokenCache
}

// NewAccessTokens returns an issuer and verifier. Its error names the invalid setting.
func NewAccessTokens(cfg AccessTokenConfig) (*AccessTokens, error) {
	switch {
	case cfg.Keys == nil || cfg.Now == nil:
		return nil, errors.New("access tokens: keys and clock are required")
	case cfg.Issuer == "" || len(cfg.Issuer) > maxClaimLength:
		return nil, fmt.Errorf("access tokens: the issuer needs 1 to %d bytes", maxClaimLength)
	case cfg.Audience == "" || len(cfg.Audience) > maxClaimLength:
		return nil, fmt.Errorf("access tokens: the audience needs 1 to %d bytes", maxClaimLength)
	case cfg.Lifetime < time.Second || cfg.Lifetime > maxLifetime || cfg.Lifetime%time.Second != 0:
		return nil, fmt.Errorf("access tokens: a lifetime of %s is not whole seconds up to %s",
			cfg.Lifetime, maxLifetime)
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Reader
	}
	cache, err := newTokenCache(verifiedTokens)
	if err != nil {
		return nil, err
	}
	return &AccessTokens{cfg: cfg, cache: cache}, nil
}

// tokenHeader is the JOSE header (RFC 7515, section 4). Other members are rejected, because two
// parsers could treat them differently.
type tokenHeader struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid,omitempty"`
	Type      string `json:"typ"`
}

type tokenClaims struct {
	Issuer    string `json:"iss"`
	Subject   string `json:"sub"`
	Audience  string `json:"aud"`
	SessionID string `json:"sid"`
	TokenID   string `json:"jti"`
	IssuedAt  int64  `json:"iat"`
	NotBefore int64  `json:"nbf,omitzero"` // never issued, but checked
	ExpiresAt int64  `json:"exp"`
}

// Lifetime returns the lifetime of new tokens, in whole seconds.
func (a *AccessTokens) Lifetime() time.Duration { return a.cfg.Lifetime }

// Issue returns a new token for a session of a user, and its expiry. Both ids must be ULIDs.
func (a *AccessTokens) Issue(userID, sessionID string) (token string, expiresAt time.Time, err error) {
	if !isULID(userID) || !isULID(sessionID) {
		return "", time.Time{}, errors.New("issuing access token: user and session ids must be ULIDs")
	}
	var id [tokenIDSize]byte
	if err := readRandom(a.cfg.Rand, id[:]); err != nil {
		return "", time.Time{}, fmt.Errorf("issuing access token: %w", err)
	}
	issuedAt := a.cfg.Now().Truncate(time.Second).UTC()
	expiresAt = issuedAt.Add(a.cfg.Lifetime)
	payload, err := json.Marshal(tokenClaims{
		Issuer:    a.cfg.Issuer,
		Subject:   userID,
		Audience:  a.cfg.Audience,
		SessionID: sessionID,
		TokenID:   base64.RawURLEncoding.EncodeToString(id[:]),
		IssuedAt:  issuedAt.Unix(),
		ExpiresAt: expiresAt.Unix(),
	})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("issuing access token: %w", err)
	}
	key := a.cfg.Keys.active
	signed := key.header + "." + base64.RawURLEncoding.EncodeToString(payload)
	signature, err := key.method.Sign(signed, key.private)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("issuing access token: %w", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), expiresAt, nil
}

// Verify returns the claims of a valid token, or ErrInvalidToken. It reads no claim before it has
// verified the signature. It allows a clock difference of 30 seconds.
func (a *AccessTokens) Verify(token string) (AccessClaims, error) {
	if len(token) > maxTokenLength {
		return AccessClaims{}, invalidToken("too long")
	}
	verified, err := a.cache.verify(token, a.checkSignature)
	if err != nil {
		return AccessClaims{}, err
	}
	if verified.key.isOver(a.cfg.Now()) {
		return AccessClaims{}, invalidToken("retired key")
	}
	return a.accept(verified.claims)
}

// checkSignature verifies the signature of a token and decodes the claims, but does not check them.
func (a *AccessTokens) checkSignature(token string) (verifiedToken, error) {
	parts, err := splitToken(token)
	if err != nil {
		return verifiedToken{}, err
	}
	key, err := a.keyOf(parts.header)
	if err != nil {
		return verifiedToken{}, err
	}
	signature, err := decodeSegment(parts.signature)
	if err != nil {
		return verifiedToken{}, err
	}
	if key.method.Verify(parts.signed, signature, key.public) != nil {
		return verifiedToken{}, invalidToken("wrong signature")
	}
	payload, err := decodeSegment(parts.payload)
	if err != nil {
		return verifiedToken{}, err
	}
	var claims tokenClaims
	if json.Unmarshal(payload, &claims) != nil {
		return verifiedToken{}, invalidToken("malformed claims")
	}
	return verifiedToken{key: key, claims: claims}, nil
}

// keyOf returns the key that the header names, if the rest of the header is as Issue writes it. The
// algorithm is the key's; the header must agree.
func (a *AccessTokens) keyOf(encoded string) (*tokenKey, error) {
	if key := a.cfg.Keys.byHeader[encoded]; key != nil { // exactly as Issue writes it
		return key, nil
	}
	raw, err := decodeSegment(encoded)
	if err != nil {
		return nil, err
	}
	var header tokenHeader
	if json.Unmarshal(raw, &header, json.RejectUnknownMembers(true)) != nil {
		return nil, invalidToken("malformed header")
	}
	if header.Type != accessTokenType {
		return nil, invalidToken("not of type " + accessTokenType)
	}
	if header.Algorithm != a.cfg.Keys.algorithm {
		return nil, invalidToken("wrong algorithm")
	}
	key := a.cfg.Keys.byID[header.KeyID]
	if key == nil {
		return nil, invalidToken("unknown key")
	}
	return key, nil
}

// accept checks the claims of a token with a valid signature. A missing member counts as empty.
func (a *AccessTokens) accept(c tokenClaims) (AccessClaims, error) {
	now, leeway := a.cfg.Now().Unix(), int64(clockLeeway/time.Second)
	switch {
	case c.Issuer != a.cfg.Issuer:
		return AccessClaims{}, invalidToken("wrong issuer")
	case c.Audience != a.cfg.Audience:
		return AccessClaims{}, invalidToken("wrong audience")
	case !isULID(c.Subject) || !isULID(c.SessionID):
		return AccessClaims{}, invalidToken("sub or sid is not a ULID")
	case c.TokenID == "" || len(c.TokenID) > maxClaimLength:
		return AccessClaims{}, invalidToken("jti is missing or too long")
	case min(c.IssuedAt, c.ExpiresAt) <= 0 || c.NotBefore < 0 || max(c.IssuedAt, c.ExpiresAt, c.NotBefore) > maxUnixTime:
		return AccessClaims{}, invalidToken("a time is missing or out of range")
	case c.ExpiresAt <= c.IssuedAt || c.ExpiresAt-c.IssuedAt > int64(a.cfg.Lifetime/time.Second):
		return AccessClaims{}, invalidToken("wrong lifetime")
	case c.IssuedAt > now+leeway || c.NotBefore > now+leeway:
		return AccessClaims{}, invalidToken("not valid yet")
	case now >= c.ExpiresAt+leeway:
		return AccessClaims{}, invalidToken("expired")
	}
	return AccessClaims{
		UserID:    c.Subject,
		SessionID: c.SessionID,
		TokenID:   c.TokenID,
		IssuedAt:  time.Unix(c.IssuedAt, 0).UTC(),
		ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}

// tokenParts are the parts of a JWS in compact serialization (RFC 7515, section 7.1).
type tokenParts struct {
	header, payload, signature string
	signed                     string // header.payload
}

func splitToken(token string) (tokenParts, error) {
	var parts tokenParts
	var signature, payload bool
	parts.header, parts.payload, payload = strings.Cut(token, ".")
	parts.payload, parts.signature, signature = strings.Cut(parts.payload, ".")
	if !payload || !signature || parts.header == "" || parts.payload == "" || parts.signature == "" {
		return tokenParts{}, invalidToken("not three segments")
	}
	parts.signed = token[:len(parts.header)+1+len(parts.payload)]
	return parts, nil
}

// decodeSegment accepts only the canonical encoding: no padding, no spare bits other than 0, and no
// line breaks, which even Go's strict decoder skips.
func decodeSegment(segment string) ([]byte, error) {
	if !consistsOf(segment, isBase64URLByte) {
		return nil, invalidToken("not base64url")
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, invalidToken("not canonical base64url")
	}
	return raw, nil
}

// isULID reports whether id is a ULID in canonical form: 26 upper-case characters of Crockford's
// base32, at most 128 bits.
func isULID(id string) bool {
	return len(id) == 26 && id[0] <= '7' && consistsOf(id, func(c byte) bool {
		return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U'
	})
}
