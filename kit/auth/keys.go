package auth

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

// Algorithms of access tokens (RFC 7518, section 3.1; RFC 8037).
const (
	AlgorithmHS256 = "HS256"
	AlgorithmEdDSA = "EdDSA"
	AlgorithmES256 = "ES256"
	AlgorithmRS256 = "RS256"
)

const minSecretLength = 32 // bytes, RFC 7518, section 3.2

// KeySet holds the keys of access tokens, all of one algorithm, exactly one of them active:
//
//   - active: signs new tokens,
//   - standby: signs after the next rotation; published before,
//   - retired: verifies with its public half until it expires.
//
// It is immutable, safe for concurrent use, and prints its algorithm only.
//
// NewSymmetricKeySet makes an HS256 set of one secret. Any other set is a key file, read by
// ParseKeySet, made by GenerateKeySet and changed by Rotate. The file is a JWK Set (RFC 7517). Each
// key has kty, crv, alg, its public and private members and kid, the RFC 7638 thumbprint; key_ops
// holds "sign" for the active key only and is ["verify"] for the others; exp is the end of a
// retired key in Unix seconds:
//
//	{"keys":[
//	  {"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"…","x":"…","d":"…","key_ops":["sign","verify"]},
//	  {"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"…","x":"…","d":"…","key_ops":["verify"]},
//	  {"kty":"OKP","crv":"Ed25519","alg":"EdDSA","kid":"…","x":"…","key_ops":["verify"],"exp":1767225600}
//	]}
type KeySet struct {
	algorithm string
	active    *tokenKey
	keys      []*tokenKey
	byID      map[string]*tokenKey
	byHeader  map[string]*tokenKey // by the encoded JOSE header of the tokens that a key signs
}

// tokenKey is an immutable key, shared by sets. For HS256, public and private are both the secret,
// and id is empty.
type tokenKey struct {
	id        string
	algorithm string
	method    jwt.SigningMethod
	public    any       // crypto.PublicKey or []byte, for method.Verify
	private   any       // crypto.Signer or []byte, for method.Sign; nil if retired
	expires   time.Time // zero unless retired
	jwk       PublicJWK // empty for HS256
	header    string
}

// NewSymmetricKeySet returns an HS256 set with one secret of at least 32 bytes. Its tokens have no
// kid, because a digest of the secret in every token would help to guess it.
func NewSymmetricKeySet(secret []byte) (*KeySet, error) {
	if len(secret) < minSecretLength {
		return nil, fmt.Errorf("symmetric key: the secret needs at least %d bytes", minSecretLength)
	}
	secret = bytes.Clone(secret)
	key := &tokenKey{algorithm: AlgorithmHS256, method: jwt.SigningMethodHS256, public: secret, private: secret}
	if err := key.setHeader(); err != nil {
		return nil, fmt.Errorf("symmetric key: %w", err)
	}
	return newKeySet(key, []*tokenKey{key})
}

// newKeySet indexes keys, of which active is one.
func newKeySet(active *tokenKey, keys []*tokenKey) (*KeySet, error) {
	if len(keys) > maxKeys {
		return nil, fmt.Errorf("%d keys, want at most %d", len(keys), maxKeys)
	}
	set := &KeySet{
		algorithm: active.algorithm,
		active:    active,
		keys:      keys,
		byID:      make(map[string]*tokenKey, len(keys)),
		byHeader:  make(map[string]*tokenKey, len(keys)),
	}
	for _, key := range keys {
		if key.algorithm != set.algorithm {
			return nil, fmt.Errorf("key %s is for %s, the active key for %s", key.id, key.algorithm, set.algorithm)
		}
		if set.byID[key.id] != nil {
			return nil, fmt.Errorf("duplicate key %s", key.id)
		}
		set.byID[key.id], set.byHeader[key.header] = key, key
	}
	return set, nil
}

// Algorithm returns the algorithm of the set, the alg of its tokens.
func (s *KeySet) Algorithm() string { return s.algorithm }

// ActiveKeyID returns the kid of new tokens, or "" for HS256.
func (s *KeySet) ActiveKeyID() string { return s.active.id }

// PublicKeys returns the keys for /.well-known/jwks.json: the public halves of all keys, standby
// and retired ones included, except those that have expired. For HS256 it returns none.
func (s *KeySet) PublicKeys(now time.Time) []PublicJWK {
	published := make([]PublicJWK, 0, len(s.keys))
	for _, key := range s.keys {
		if s.algorithm == AlgorithmHS256 || key.isOver(now) {
			continue
		}
		jwk := key.jwk
		jwk.Use = "sig"
		published = append(published, jwk)
	}
	return published
}

// isOver reports whether a retired key has expired.
func (k *tokenKey) isOver(now time.Time) bool { return !k.expires.IsZero() && !now.Before(k.expires) }

// KeyState is the use of a key.
type KeyState string

// The states; see KeySet.
const (
	KeyActive  KeyState = "active"
	KeyStandby KeyState = "standby"
	KeyRetired KeyState = "retired"
)

// KeyInfo describes a key without any part of it.
type KeyInfo struct {
	ID      string // kid of its tokens; empty for HS256
	State   KeyState
	Expires time.Time // of a retired key; zero for the others
}

// Keys describes the keys of the set.
func (s *KeySet) Keys() []KeyInfo {
	infos := make([]KeyInfo, len(s.keys))
	for i, key := range s.keys {
		infos[i] = KeyInfo{ID: key.id, State: KeyStandby, Expires: key.expires}
		switch {
		case key == s.active:
			infos[i].State = KeyActive
		case key.private == nil:
			infos[i].State = KeyRetired
		}
	}
	return infos
}

// Format writes the algorithm for every verb, never a key.
func (s *KeySet) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, "KeySet("+s.algorithm+")")
}

// GenerateKeySet returns a new set for EdDSA, ES256 or RS256, with an active and a standby key.
func GenerateKeySet(algorithm string) (*KeySet, error) {
	active, err := generateKey(algorithm)
	if err != nil {
		return nil, err
	}
	standby, err := generateKey(algorithm)
	if err != nil {
		return nil, err
	}
	return newKeySet(active, []*tokenKey{active, standby})
}

// Rotate returns the set after a rotation at the given time: the standby key becomes active, the
// active key is retired for the overlap, a new key becomes standby, and expired keys are dropped.
// The standby key has been published, so replicas and consumers with the old set accept the new
// tokens, and the new set accepts the old tokens.
//
// The overlap must cover the roll-out of the file to every replica plus the lifetime of a token,
// such as a day. 0 drops the active key at once, for a leak of that key; after a leak of the file
// use GenerateKeySet. Clients with a rejected token get a new one by refreshing.
func (s *KeySet) Rotate(now time.Time, overlap time.Duration) (*KeySet, error) {
	if s.algorithm == AlgorithmHS256 {
		return nil, errors.New("rotating keys: a secret has no key set to rotate")
	}
	if overlap < 0 {
		return nil, errors.New("rotating keys: the overlap must not be negative")
	}
	var standby, retired []*tokenKey
	for _, key := range s.keys {
		switch {
		case key == s.active:
			if overlap > 0 {
				retired = append(retired, key.retire(now.Add(overlap)))
			}
		case key.private != nil:
			standby = append(standby, key)
		case !key.isOver(now):
			retired = append(retired, key)
		}
	}
	for len(standby) < 2 {
		key, err := generateKey(s.algorithm)
		if err != nil {
			return nil, err
		}
		standby = append(standby, key)
	}
	rotated, err := newKeySet(standby[0], append(standby, retired...))
	if err != nil {
		return nil, fmt.Errorf("rotating keys: %w", err)
	}
	return rotated, nil
}

func (k *tokenKey) retire(expires time.Time) *tokenKey {
	retired := *k
	retired.private, retired.expires = nil, expires.Truncate(time.Second)
	return &retired
}

// newTokenKey returns a key of any algorithm except HS256; private is nil for a retired key.
func newTokenKey(algorithm string, public crypto.PublicKey, private crypto.Signer) (*tokenKey, error) {
	jwk, err := encodePublic(public)
	if err != nil {
		return nil, err
	}
	key := &tokenKey{
		id: jwk.KeyID, algorithm: algorithm, method: signingMethod(algorithm), public: public, jwk: jwk,
	}
	if private != nil {
		key.private = private // never a typed nil
	}
	if err := key.setHeader(); err != nil {
		return nil, err
	}
	return key, nil
}

func (k *tokenKey) setHeader() error {
	header, err := json.Marshal(tokenHeader{Algorithm: k.algorithm, KeyID: k.id, Type: accessTokenType})
	if err != nil {
		return fmt.Errorf("encoding header: %w", err)
	}
	k.header = base64.RawURLEncoding.EncodeToString(header)
	return nil
}
