package auth

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/crypto/bcrypt"
)

const (
	argon2idPrefix = "$argon2id$v=19$"
	// maxEncodedLength is more than the longest hash within the bounds below (184 characters).
	maxEncodedLength = 256
	minSaltLength    = 8
	maxSaltLength    = 48
	minKeyLength     = 16
	maxKeyLength     = 64

	bcryptLength      = 60
	bcryptAlphabet    = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	bcryptMaxPassword = 72
)

// argon2idHash is a parsed PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$key, salt and key in
// unpadded standard base64. https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
type argon2idHash struct {
	params PasswordParams
	salt   []byte
	key    []byte
}

func (h argon2idHash) String() string {
	return fmt.Sprintf(argon2idPrefix+"m=%d,t=%d,p=%d$%s$%s",
		h.params.MemoryKiB, h.params.Iterations, h.params.Parallelism,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

// current reports whether Hash uses the same parameters.
func (h argon2idHash) current(configured PasswordParams) bool {
	return h.params == configured && len(h.salt) == saltLength && len(h.key) == keyLength
}

// parseArgon2id accepts exactly the strings that String writes, with all numbers in bounds. It
// fails with ErrMalformedHash.
func parseArgon2id(encoded string) (argon2idHash, error) {
	if len(encoded) > maxEncodedLength {
		return argon2idHash{}, fmt.Errorf("%w: too long", ErrMalformedHash)
	}
	rest, ok := strings.CutPrefix(encoded, argon2idPrefix)
	if !ok {
		return argon2idHash{}, fmt.Errorf("%w: not an argon2id hash of version 19", ErrMalformedHash)
	}
	fields := strings.Split(rest, "$")
	if len(fields) != 3 {
		return argon2idHash{}, fmt.Errorf("%w: wrong number of fields", ErrMalformedHash)
	}
	params, err := parseParams(fields[0])
	if err != nil {
		return argon2idHash{}, err
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(fields[1])
	key, keyErr := base64.RawStdEncoding.DecodeString(fields[2])
	hash := argon2idHash{params: params, salt: salt, key: key}
	// This rejects every other encoding: leading zeros, spare base64 bits, line breaks.
	if saltErr != nil || keyErr != nil || hash.String() != encoded {
		return argon2idHash{}, fmt.Errorf("%w: not in canonical form", ErrMalformedHash)
	}
	if len(salt) < minSaltLength || len(salt) > maxSaltLength || len(key) < minKeyLength || len(key) > maxKeyLength {
		return argon2idHash{}, fmt.Errorf("%w: salt or key length out of bounds", ErrMalformedHash)
	}
	return hash, nil
}

func parseParams(field string) (PasswordParams, error) {
	parts := strings.Split(field, ",")
	if len(parts) != 3 {
		return PasswordParams{}, fmt.Errorf("%w: wrong number of parameters", ErrMalformedHash)
	}
	var numbers [3]uint64
	for i, name := range [3]string{"m=", "t=", "p="} {
		digits, named := strings.CutPrefix(parts[i], name)
		number, err := strconv.ParseUint(digits, 10, []int{32, 32, 8}[i])
		if !named || err != nil {
			return PasswordParams{}, fmt.Errorf("%w: unreadable parameters", ErrMalformedHash)
		}
		numbers[i] = number
	}
	params := PasswordParams{
		MemoryKiB:   uint32(numbers[0]), //nolint:gosec // parsed as 32 bits
		Iterations:  uint32(numbers[1]), //nolint:gosec // parsed as 32 bits
		Parallelism: uint8(numbers[2]),  //nolint:gosec // parsed as 8 bits
	}
	if err := params.validate(); err != nil {
		return PasswordParams{}, fmt.Errorf("%w: %w", ErrMalformedHash, err)
	}
	return params, nil
}

// bcryptHash is a valid bcrypt string with the prefix $2a$, $2b$ or $2y$, which are one algorithm
// in Go, or $2x$, of a faulty implementation that agrees for ASCII only.
type bcryptHash struct{ encoded string }

func isBcrypt(encoded string) bool { return strings.HasPrefix(encoded, "$2") }

// parseBcrypt fails with ErrMalformedHash for any other form, and for a cost that takes seconds,
// with which one row could occupy a processor.
func parseBcrypt(encoded string) (bcryptHash, error) {
	if len(encoded) != bcryptLength || encoded[3] != '$' || encoded[6] != '$' ||
		!strings.ContainsRune("abxy", rune(encoded[2])) || strings.Trim(encoded[7:], bcryptAlphabet) != "" {
		return bcryptHash{}, fmt.Errorf("%w: not a bcrypt hash", ErrMalformedHash)
	}
	cost, err := strconv.ParseUint(encoded[4:6], 10, 8)
	if err != nil || cost < minBcryptCost || cost > maxBcryptCost {
		return bcryptHash{}, fmt.Errorf("%w: bcrypt cost is not within %d and %d",
			ErrMalformedHash, minBcryptCost, maxBcryptCost)
	}
	return bcryptHash{encoded: encoded}, nil
}

// dummyBcryptHash returns a hash with a salt and a key of zero bits, which takes as long to verify
// as a real hash.
func dummyBcryptHash(cost int) (bcryptHash, error) {
	if cost < minBcryptCost || cost > maxBcryptCost {
		return bcryptHash{}, fmt.Errorf("bcrypt cost %d is not within %d and %d", cost, minBcryptCost, maxBcryptCost)
	}
	return parseBcrypt(fmt.Sprintf("$2b$%02d$", cost) + strings.Repeat(".", bcryptLength-len("$2b$10$")))
}

// matches compares the bytes as typed. A password of more than 72 bytes never matches, because
// bcrypt ignores the rest. Its first 72 bytes are hashed nevertheless, so that it takes the same
// time.
func (h bcryptHash) matches(password string) bool {
	err := bcrypt.CompareHashAndPassword([]byte(h.encoded), []byte(password[:min(len(password), bcryptMaxPassword)]))
	isASCII := strings.IndexFunc(password, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	return err == nil && len(password) <= bcryptMaxPassword && (isASCII || h.encoded[2] != 'x')
}
