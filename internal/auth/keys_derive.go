package auth

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
)

// Derive returns 32 secret bytes for another purpose than signing, which tell nothing of the key (RFC 5869). Whoever has
// the same active key gets the same bytes; after a rotation they are others.
func (s *KeySet) Derive(purpose string) ([]byte, error) {
	secret, ok := s.active.private.([]byte)
	if !ok {
		var err error
		if secret, err = x509.MarshalPKCS8PrivateKey(s.active.private); err != nil {
			return nil, fmt.Errorf("deriving a key: %w", err)
		}
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, purpose, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("deriving a key: %w", err)
	}
	return derived, nil
}
