package auth

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

const (
	pbkdf2Prefix        = "pbkdf2_sha256$"
	maxPBKDF2Iterations = 2_000_000 // about a second; Django 6 stores 1,200,000
	maxPBKDF2Salt       = 128
)

// pbkdf2Hash is a parsed PBKDF2 hash in Django's form: pbkdf2_sha256$iterations$salt$key, with the
// salt as text and the key in standard base64.
type pbkdf2Hash struct {
	iterations int
	salt       []byte
	key        []byte
}

func isPBKDF2(encoded string) bool { return strings.HasPrefix(encoded, pbkdf2Prefix) }

// parsePBKDF2 fails with ErrMalformedHash for any other form, and for numbers out of bounds.
func parsePBKDF2(encoded string) (pbkdf2Hash, error) {
	fields := strings.Split(strings.TrimPrefix(encoded, pbkdf2Prefix), "$")
	if len(encoded) > maxEncodedLength || len(fields) != 3 {
		return pbkdf2Hash{}, fmt.Errorf("%w: not a PBKDF2 hash", ErrMalformedHash)
	}
	iterations, err := strconv.ParseUint(fields[0], 10, 32)
	if err != nil || iterations < 1 || iterations > maxPBKDF2Iterations {
		return pbkdf2Hash{}, fmt.Errorf("%w: PBKDF2 iterations are not within 1 and %d",
			ErrMalformedHash, maxPBKDF2Iterations)
	}
	key, err := base64.StdEncoding.DecodeString(fields[2])
	isCanonical := err == nil && base64.StdEncoding.EncodeToString(key) == fields[2]
	if !isCanonical || len(key) != sha256.Size || fields[1] == "" || len(fields[1]) > maxPBKDF2Salt {
		return pbkdf2Hash{}, fmt.Errorf("%w: salt or key of PBKDF2", ErrMalformedHash)
	}
	return pbkdf2Hash{iterations: int(iterations), salt: []byte(fields[1]), key: key}, nil
}

// matches compares the bytes as typed, as Django does.
func (h pbkdf2Hash) matches(password string) bool {
	key, err := pbkdf2.Key(sha256.New, password, h.salt, h.iterations, len(h.key))
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}
