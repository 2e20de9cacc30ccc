package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// ErrMalformedHash means that a stored password hash is neither an argon2id PHC string nor a bcrypt
// or PBKDF2 hash within the bounds of this package. The error never quotes the hash.
var ErrMalformedHash = errors.New("malformed password hash")

const (
	saltLength = 16 // RFC 9106, section 3.1
	keyLength  = 32
)

// PasswordMatch is the result of a verification.
type PasswordMatch struct {
	OK bool
	// NeedsRehash is true for a password that matches if Hash would use other parameters now. Store
	// a new hash then.
	NeedsRehash bool
}

// PasswordHasher hashes and verifies passwords: new ones with argon2id and the configured
// parameters, stored ones with any bounded argon2id, bcrypt or PBKDF2-SHA256 hash. A gate bounds
// concurrent hashes, see HashingStats. It is safe for concurrent use. A process needs exactly one,
// because two would have twice the slots.
//
// # Time
//
// The time of a failed login should not reveal whether the account exists:
//
//   - For an unknown e-mail, VerifyDummy verifies a hash that nothing matches, with the configured
//     parameters.
//   - A hash with cheaper argon2id parameters is topped up to the configured work: the time of
//     argon2id is proportional to memory × iterations, within about 10 %. So raised parameters do
//     not reveal accounts without a login since.
//   - A hash with more expensive parameters takes longer than an unknown e-mail until the next
//     login of its account.
//   - A bcrypt hash of cost 10 takes about twice as long as argon2id with the default parameters,
//     cost 12 eight times, a PBKDF2 hash of Django far longer. While such hashes remain, set
//     PasswordHasherOptions.ImportedBcryptCost: every verification then does both kinds of work.
//
// The comparison is constant-time, and a match takes as long as a mismatch.
type PasswordHasher struct {
	params      PasswordParams
	dummy       argon2idHash
	dummyBcrypt bcryptHash // empty without ImportedBcryptCost
	gate        *hashingGate
	rand        io.Reader
	argon2id    func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte
}

// PasswordHasherOptions tune a PasswordHasher; the zero value is right for production.
type PasswordHasherOptions struct {
	Gate HashingGateOptions
	// ImportedBcryptCost is the bcrypt cost of imported hashes, 4 to 14, or 0 without any. It makes
	// them indistinguishable by time, see PasswordHasher.
	ImportedBcryptCost int
	// Waited is called before each hash with the time that it waited for its slot; nil if not
	// needed. It must not block.
	Waited func(time.Duration)
	// Rand is the source of salts, safe for concurrent use; nil means crypto/rand.
	Rand io.Reader
}

// NewPasswordHasher returns a hasher for the given parameters. Its error names the parameter out of
// bounds. It computes no hash, so it costs no time at the start.
func NewPasswordHasher(params PasswordParams, opts PasswordHasherOptions) (*PasswordHasher, error) {
	if err := params.validate(); err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	gate, err := newHashingGate(opts.Gate, opts.Waited)
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	h := &PasswordHasher{params: params, gate: gate, rand: opts.Rand, argon2id: argon2.IDKey}
	if h.rand == nil {
		h.rand = rand.Reader
	}
	// A random key is the hash of no known password, and verifying it is as much work as verifying
	// a real one.
	h.dummy = argon2idHash{params: params, salt: make([]byte, saltLength), key: make([]byte, keyLength)}
	if err := errors.Join(readRandom(h.rand, h.dummy.salt), readRandom(h.rand, h.dummy.key)); err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	if opts.ImportedBcryptCost != 0 {
		if h.dummyBcrypt, err = dummyBcryptHash(opts.ImportedBcryptCost); err != nil {
			return nil, fmt.Errorf("password hashing: imported %w", err)
		}
	}
	return h, nil
}

// Hash returns the argon2id PHC string of a password, normalized with NFKC, with the configured
// parameters and a new salt. It checks only the maximum length (ErrPasswordTooLong), see
// CheckPassword. Other errors are ErrOverloaded, and the context's if it ends before a slot is
// free.
func (h *PasswordHasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > maxPasswordBytes {
		return "", ErrPasswordTooLong
	}
	leave, err := h.gate.enter(ctx, h.params.Parallelism)
	if err != nil {
		return "", err
	}
	defer leave()

	hash := argon2idHash{params: h.params, salt: make([]byte, saltLength)}
	if err := readRandom(h.rand, hash.salt); err != nil {
		return "", fmt.Errorf("hashing password: %w", err)
	}
	hash.key = h.derive(password, hash.salt, h.params, keyLength)
	return hash.String(), nil
}

// Verify compares a password with a stored hash: the NFKC form for argon2id, the bytes as typed for
// bcrypt and PBKDF2. More than 72 bytes never match bcrypt, which ignores the rest. Errors are
// ErrMalformedHash, ErrOverloaded, and the context's if it ends before a slot is free.
func (h *PasswordHasher) Verify(ctx context.Context, encoded, password string) (PasswordMatch, error) {
	if len(password) > maxPasswordBytes {
		return PasswordMatch{}, h.VerifyDummy(ctx, "") // Hash never makes such a hash: no match, in the same time
	}
	if isBcrypt(encoded) {
		stored, err := parseBcrypt(encoded)
		if err != nil {
			return PasswordMatch{}, err
		}
		return h.verifyImported(ctx, stored, password)
	}
	if isPBKDF2(encoded) {
		stored, err := parsePBKDF2(encoded)
		if err != nil {
			return PasswordMatch{}, err
		}
		return h.verifyImported(ctx, stored, password)
	}
	stored, err := parseArgon2id(encoded)
	if err != nil {
		return PasswordMatch{}, err
	}
	return h.verifyArgon2id(ctx, stored, password)
}

// VerifyDummy does the work of Verify for an account that does not exist. Errors are ErrOverloaded,
// and the context's, as for Verify. nil is no match.
func (h *PasswordHasher) VerifyDummy(ctx context.Context, password string) error {
	_, err := h.verifyArgon2id(ctx, h.dummy, password[:min(len(password), maxPasswordBytes)])
	return err
}

// Shed reports whether the gate's queue is full, and then counts a rejection. With it a request
// that needs a hash can be rejected before its body is read. After false the gate may still reject
// the hash.
func (h *PasswordHasher) Shed() bool { return h.gate.shedEarly() }

// Stats returns the state of the gate.
func (h *PasswordHasher) Stats() HashingStats { return h.gate.stats() }

func (h *PasswordHasher) verifyArgon2id(
	ctx context.Context, stored argon2idHash, password string,
) (PasswordMatch, error) {
	leave, err := h.gate.enter(ctx, max(stored.params.Parallelism, h.params.Parallelism))
	if err != nil {
		return PasswordMatch{}, err
	}
	defer leave()

	keyLen := uint32(len(stored.key)) //nolint:gosec // parsed: at most maxKeyLength
	key := h.derive(password, stored.salt, stored.params, keyLen)
	ok := subtle.ConstantTimeCompare(key, stored.key) == 1
	h.topUp(stored.params)
	if h.dummyBcrypt.encoded != "" {
		h.dummyBcrypt.matches(password)
	}
	return PasswordMatch{OK: ok, NeedsRehash: ok && !stored.current(h.params)}, nil
}

// importedHash is a hash that another system made.
type importedHash interface{ matches(password string) bool }

func (h *PasswordHasher) verifyImported(
	ctx context.Context, stored importedHash, password string,
) (PasswordMatch, error) {
	leave, err := h.gate.enter(ctx, h.params.Parallelism)
	if err != nil {
		return PasswordMatch{}, err
	}
	defer leave()

	ok := stored.matches(password)
	if h.dummyBcrypt.encoded != "" {
		h.topUp(PasswordParams{})
	}
	return PasswordMatch{OK: ok, NeedsRehash: ok}, nil
}

// topUp does the rest of the configured work after a verification with the spent parameters. It
// also runs after a match, because an inactive account must take as long as a wrong password.
func (h *PasswordHasher) topUp(spent PasswordParams) {
	if h.params.work() <= spent.work() {
		return
	}
	rest := h.params
	rest.MemoryKiB = (h.params.work() - spent.work()) / h.params.Iterations
	h.derive("", h.dummy.salt, rest, keyLength)
}

func (h *PasswordHasher) derive(password string, salt []byte, p PasswordParams, keyLen uint32) []byte {
	return h.argon2id(norm.NFKC.Bytes([]byte(password)), salt, p.Iterations, p.MemoryKiB, p.Parallelism, keyLen)
}

func readRandom(r io.Reader, b []byte) error {
	if _, err := io.ReadFull(r, b); err != nil {
		return fmt.Errorf("reading random bytes: %w", err)
	}
	return nil
}
