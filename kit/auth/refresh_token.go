package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"
)

// Errors of refresh tokens, which hold no part of a token.
var (
	ErrMalformedRefreshToken = errors.New("malformed refresh token")
	ErrSealBroken            = errors.New("sealed successor does not belong to this refresh token")
)

const (
	refreshTokenPrefix = "rt_"
	refreshSecretSize  = 32
	familySecretSize   = 16 // the first bytes of the secret, the same in all tokens of a family
	refreshTokenLength = len(refreshTokenPrefix) + (refreshSecretSize+crc32.Size)/3*4
	redacted           = "[redacted]"

	// sealPurpose separates the key of a seal from other keys derived from a token.
	sealPurpose = "refresh token: successor sealed for its parent, v1"
)

// RefreshToken is an opaque bearer secret: 128 random bits shared by all tokens of its family, and
// 128 of its own. Its text is
//
//	"rt_" base64url( secret[32] CRC-32(secret)[4] )
//
// It has 51 characters. Secret scanners find a leaked token by the prefix, and the checksum (IEEE,
// big-endian) rejects a mistyped one without a query. 36 bytes are 48 characters without padding or
// spare bits, so a token has one encoding.
//
// Printing, logging or encoding it writes "[redacted]"; only Reveal returns the text. The zero
// value is no token, and every use of it except printing panics.
type RefreshToken struct {
	// A function, because fmt prints unexported fields of a struct that holds a token, and follows
	// pointers there for a verb that does not fit.
	secret func() [refreshSecretSize]byte
}

func newRefreshToken(secret [refreshSecretSize]byte) RefreshToken {
	return RefreshToken{secret: func() [refreshSecretSize]byte { return secret }}
}

// NewRefreshToken returns the first token of a family, with 32 bytes of rand, which is
// crypto/rand.Reader outside tests.
func NewRefreshToken(rand io.Reader) (RefreshToken, error) {
	var secret [refreshSecretSize]byte
	if err := readRandom(rand, secret[:]); err != nil {
		return RefreshToken{}, fmt.Errorf("new refresh token: %w", err)
	}
	return newRefreshToken(secret), nil
}

// NewSuccessor returns another token of the family, with 16 bytes of rand.
func (t RefreshToken) NewSuccessor(rand io.Reader) (RefreshToken, error) {
	secret := t.secret()
	if err := readRandom(rand, secret[familySecretSize:]); err != nil {
		return RefreshToken{}, fmt.Errorf("new successor of a refresh token: %w", err)
	}
	return newRefreshToken(secret), nil
}

// ParseRefreshToken parses the text of a token. It fails with ErrMalformedRefreshToken.
func ParseRefreshToken(text string) (RefreshToken, error) {
	encoded, ok := strings.CutPrefix(text, refreshTokenPrefix)
	if !ok || len(text) != refreshTokenLength || !consistsOf(encoded, isBase64URLByte) {
		return RefreshToken{}, ErrMalformedRefreshToken
	}
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return RefreshToken{}, ErrMalformedRefreshToken
	}
	secret, checksum := raw[:refreshSecretSize], raw[refreshSecretSize:]
	if binary.BigEndian.Uint32(checksum) != crc32.ChecksumIEEE(secret) {
		return RefreshToken{}, ErrMalformedRefreshToken
	}
	return newRefreshToken([refreshSecretSize]byte(secret)), nil
}

// Reveal returns the text of the token, for the response to its owner.
func (t RefreshToken) Reveal() string {
	secret := t.secret()
	raw := binary.BigEndian.AppendUint32(secret[:], crc32.ChecksumIEEE(secret[:]))
	return refreshTokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
}

// Hash returns the SHA-256 of the token's text, for the database. It needs no salt and no
// stretching, because 128 random bits cannot be guessed.
func (t RefreshToken) Hash() [sha256.Size]byte { return sha256.Sum256([]byte(t.Reveal())) }

// FamilyHash returns the SHA-256 of the part that the tokens of a family share. A token with the
// same FamilyHash comes from a party that has held a token of the family.
func (t RefreshToken) FamilyHash() [sha256.Size]byte {
	secret := t.secret()
	return sha256.Sum256(secret[:familySecretSize])
}

// String returns "[redacted]".
func (RefreshToken) String() string { return redacted }

// Format writes "[redacted]" for every verb.
func (RefreshToken) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// LogValue returns "[redacted]".
func (RefreshToken) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (RefreshToken) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// SealSuccessor encrypts child, the token that replaced parent, with a key derived from parent: a
// client whose response was lost gets the same successor again, and the stored bytes alone reveal
// nothing. The 60 bytes are a random nonce, the child's secret and the tag of AES-256-GCM. The key
// is HKDF-SHA-256 of the parent's secret, the associated data is the parent's Hash.
func SealSuccessor(parent, child RefreshToken) ([]byte, error) {
	aead, err := parent.sealer()
	if err != nil {
		return nil, fmt.Errorf("sealing successor: %w", err)
	}
	hash, secret := parent.Hash(), child.secret()
	return aead.Seal(nil, nil, secret[:], hash[:]), nil //nolint:gosec // this AEAD picks a random nonce and wants none
}

// OpenSuccessor decrypts the token that SealSuccessor encrypted for parent. It fails with
// ErrSealBroken.
func OpenSuccessor(parent RefreshToken, sealed []byte) (RefreshToken, error) {
	aead, err := parent.sealer()
	if err != nil {
		return RefreshToken{}, fmt.Errorf("opening successor: %w", err)
	}
	hash := parent.Hash()
	secret, err := aead.Open(nil, nil, sealed, hash[:])
	if err != nil || len(secret) != refreshSecretSize {
		return RefreshToken{}, ErrSealBroken
	}
	return newRefreshToken([refreshSecretSize]byte(secret)), nil
}

// sealer uses random nonces, because a retried transaction seals another child with the same key.
func (t RefreshToken) sealer() (cipher.AEAD, error) {
	secret := t.secret()
	key, err := hkdf.Key(sha256.New, secret[:], nil, sealPurpose, 32)
	if err != nil {
		return nil, fmt.Errorf("deriving key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("building cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
