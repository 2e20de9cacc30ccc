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
//   - standby: will sign after the next rotation; published before it is used,
//   - retired: only its public half is left, to verify what it signed until it expires.
//
// It is immutable, safe for concurrent use, and prints as nothing but its algorithm.
//
// A secret makes an HS256 set of one key (NewSymmetricKeySet). Any other set is a file (ParseKeySet), made
// by GenerateKeySet and changed by Rotate, whose form is the JWK Set of RFC 7517. Each key has kty, crv,
// alg, its public and private members and kid, the RFC 7638 thumbprint; key_ops has "sign" for the active
// key alone and is ["verify"] for the others; exp is a retired key's end in Unix seconds:
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

// tokenKey is one key, shared by the sets that hold it and never changed. For HS256, public and private are both the secret and id is empty.
type tokenKey struct {
	id        string
	algorithm string
	method    jwt.SigningMethod
	public    any       // crypto.PublicKey or []byte: what method.Verify takes
	private   any       // crypto.Signer or []byte: what method.Sign takes; nil when retired
	expires   time.Time // zero unless retired
	jwk       PublicJWK // empty for HS256
	header    string
}

// NewSymmetricKeySet returns an HS256 set with one secret of at least 32 bytes. Its tokens have no kid: a
// digest of the secret in every token would help nobody but those who guess it.
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
			return nil, fmt.Errorf("key %s is there twice", key.id)
		}
		set.byID[key.id], set.byHeader[key.header] = key, key
	}
	return set, nil
}

// Algorithm returns the one algorithm of the set, as in the alg of a token.
func (s *KeySet) Algorithm() string { return s.algorithm }

// ActiveKeyID returns the kid of new tokens, empty for HS256.
func (s *KeySet) ActiveKeyID() string { return s.active.id }

// PublicKeys returns what belongs into /.well-known/jwks.json: the public half of every key, also of those
// on standby and of the retired whose time is not over; nothing at all for HS256.
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

// isOver reports whether a key has been retired for so long that it verifies nothing any more.
func (k *tokenKey) isOver(now time.Time) bool { return !k.expires.IsZero() && !now.Before(k.expires) }

// KeyState says what a key is for.
type KeyState string

// The states; see KeySet.
const (
	KeyActive  KeyState = "active"
	KeyStandby KeyState = "standby"
	KeyRetired KeyState = "retired"
)

// KeyInfo is what may be said of a key.
type KeyInfo struct {
	ID      string // the kid of its tokens; empty for HS256
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

// GenerateKeySet returns a new set for EdDSA, ES256 or RS256: an active key and one on standby.
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

// Rotate returns the set after one rotation at the given time: the key on standby becomes active, the
// active one is retired for the overlap, a new one goes on standby, and keys whose overlap is over are
// dropped. The standby key is published by then, so replicas and consumers that still have the old set
// know the new tokens, and the new set knows theirs.
//
// The overlap must cover the roll-out of the file to every replica plus the lifetime of a token; a day
// is plenty. With 0 the active key is dropped at once, as after a leak of it alone; after a leak of the
// file use GenerateKeySet. Either way clients whose token is refused get a new one by refreshing.
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

// newTokenKey returns a key of an algorithm but HS256; private is nil for a retired key.
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
