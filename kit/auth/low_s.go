package auth

import (
	"crypto/elliptic"
	"math/big"

	"github.com/golang-jwt/jwt/v5"
)

// lowSES256 is ES256 that accepts, of the signatures (r, s) and (r, n-s), only the one with the
// lower s. ECDSA accepts both, so that a third party could change a token into another valid one.
type lowSES256 struct{ jwt.SigningMethod }

// signingMethod returns the method of an algorithm, or nil.
func signingMethod(algorithm string) jwt.SigningMethod {
	if algorithm == AlgorithmES256 {
		return lowSES256{jwt.SigningMethodES256}
	}
	return jwt.GetSigningMethod(algorithm)
}

// Sign implements [jwt.SigningMethod].
func (m lowSES256) Sign(signed string, key any) ([]byte, error) {
	signature, err := m.SigningMethod.Sign(signed, key)
	if err != nil || isLowS(signature) {
		return signature, err
	}
	s := signature[len(signature)/2:]
	new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(s)).FillBytes(s)
	return signature, nil
}

// Verify implements [jwt.SigningMethod].
func (m lowSES256) Verify(signed string, signature []byte, key any) error {
	if !isLowS(signature) {
		return jwt.ErrECDSAVerification
	}
	return m.SigningMethod.Verify(signed, signature, key)
}

// isLowS reports whether the s of a signature is at most n/2.
func isLowS(signature []byte) bool {
	s := new(big.Int).SetBytes(signature[len(signature)/2:])
	return s.Lsh(s, 1).Cmp(elliptic.P256().Params().N) <= 0
}
