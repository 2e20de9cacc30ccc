package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxKeySetBytes = 256 << 10
	maxKeys        = 16
	newRSABits     = 3072 // NIST SP 800-57: good beyond 2030
)

// ParseKeySet parses a key file, see KeySet. It checks every kid, private half and bound, so that
// an invalid file fails at the start and not at a login. Errors name the entry and do not quote it.
func ParseKeySet(file []byte) (*KeySet, error) {
	if len(file) > maxKeySetBytes {
		return nil, fmt.Errorf("key set: over %d bytes", maxKeySetBytes)
	}
	var set privateJWKSet
	if err := json.Unmarshal(file, &set, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("key set: malformed JSON or unknown member%s", jsonLocation(err))
	}
	var active *tokenKey
	keys := make([]*tokenKey, 0, len(set.Keys))
	for i, jwk := range set.Keys {
		key, err := jwk.decode()
		if err != nil {
			return nil, fmt.Errorf("key set: keys[%d]: %w", i, err)
		}
		keys = append(keys, key)
		if !slices.Contains(jwk.KeyOps, "sign") {
			continue
		}
		if active != nil {
			return nil, fmt.Errorf("key set: keys[%d]: a second key with key_ops \"sign\"", i)
		}
		active = key
	}
	if active == nil {
		return nil, errors.New("key set: no key with key_ops \"sign\"")
	}
	keySet, err := newKeySet(active, keys)
	if err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	return keySet, nil
}

// jsonLocation returns the position of an error without its text, which may quote the file.
func jsonLocation(err error) string {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Sprintf(" at byte %d", semantic.ByteOffset)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Sprintf(" at byte %d", syntactic.ByteOffset)
	}
	return ""
}

// PrivateJWKS returns the key file of the set, private keys included, as indented JSON. Only the
// server's user must be able to read the file. It fails for an HS256 set.
func (s *KeySet) PrivateJWKS() ([]byte, error) {
	if s.algorithm == AlgorithmHS256 {
		return nil, errors.New("encoding key set: a secret has no key file")
	}
	set := privateJWKSet{Keys: make([]privateJWK, 0, len(s.keys))}
	for _, key := range s.keys {
		jwk, err := encodePrivate(key)
		if err != nil {
			return nil, fmt.Errorf("encoding key %s: %w", key.id, err)
		}
		if key == s.active {
			jwk.KeyOps = []string{"sign", "verify"}
		}
		set.Keys = append(set.Keys, jwk)
	}
	return json.Marshal(set, jsontext.WithIndent("  "))
}

// decode returns the key of an entry, and checks it apart from the other entries.
func (j privateJWK) decode() (*tokenKey, error) {
	if j.Use != "" && j.Use != "sig" {
		return nil, errors.New("use is not \"sig\"")
	}
	for _, op := range j.KeyOps {
		if op != "sign" && op != "verify" {
			return nil, errors.New("key_ops holds something other than \"sign\" and \"verify\"")
		}
	}
	if len(j.KeyOps) == 0 {
		return nil, errors.New("key_ops is missing")
	}
	public, private, err := j.material()
	if err != nil {
		return nil, err
	}
	key, err := newTokenKey(j.Algorithm, public, private)
	if err != nil {
		return nil, err
	}
	if j.KeyID != "" && j.KeyID != key.id {
		return nil, errors.New("kid is not the thumbprint of the key (RFC 7638); leave it out to have it computed")
	}
	retired := private == nil
	if retired && slices.Contains(j.KeyOps, "sign") {
		return nil, errors.New("the active key has no private half")
	}
	if retired != (j.Expires != 0) || j.Expires < 0 || j.Expires > maxUnixTime {
		return nil, errors.New("exp belongs to public keys and to each of them, as Unix seconds")
	}
	if retired {
		key.expires = time.Unix(j.Expires, 0)
	}
	return key, nil
}

// generateKey uses crypto/rand, because the key generators of Go 1.26 ignore other sources.
func generateKey(algorithm string) (*tokenKey, error) {
	var private crypto.Signer
	var err error
	switch algorithm {
	case AlgorithmEdDSA:
		_, private, err = ed25519.GenerateKey(nil)
	case AlgorithmES256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case AlgorithmRS256:
		private, err = rsa.GenerateKey(rand.Reader, newRSABits)
	default:
		return nil, fmt.Errorf("generating key: no keys for algorithm %q", algorithm)
	}
	if err != nil {
		return nil, fmt.Errorf("generating key: %w", err)
	}
	return newTokenKey(algorithm, private.Public(), private)
}
