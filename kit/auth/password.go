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

// ErrMalformedHash means that a stored password hash is neither an argon2id PHC string nor a bcrypt or PBKDF2 hash
// within the bounds that this package computes. The text of the hash is never part of the error.
var ErrMalformedHash = errors.New("malformed password hash")

const (
	saltLength = 16 // RFC 9106, section 3.1
	keyLength  = 32
)

// PasswordMatch is the answer of a verification.
type PasswordMatch struct {
	OK bool
	// NeedsRehash tells, for a password that matched, that its hash was not made by Hash with today's
	// parameters: store a new one while the password is at hand.
	NeedsRehash bool
}

// PasswordHasher hashes and verifies passwords: argon2id with today's parameters for new ones, any bounded argon2id,
// bcrypt or PBKDF2-SHA256 hash for stored ones. Every hash runs behind one gate, see HashingStats. It is safe
// for concurrent use; a process needs exactly one, since two would have twice the slots.
//
// # Time
//
// A failed login should not tell, by its time, whether the account exists:
//
//   - An unknown e-mail costs VerifyDummy, which is Verify on a hash that nothing matches, with today's
//     parameters.
//   - A row with cheaper argon2id parameters is topped up to today's work: the time of argon2id is
//     proportional to memory × iterations, within about 10 %. So a raise of the parameters does not mark
//     the accounts that have not signed in since.
//   - A row with dearer parameters, after a cut, takes longer than an unknown e-mail until its owner signs in.
//     Nothing can be subtracted.
//   - A bcrypt row of cost 10 takes about twice as long as argon2id with the default parameters, cost 12
//     eight times, a PBKDF2 row of Django far longer. While such imports remain, set PasswordHasherOptions.ImportedBcryptCost: every
//     verification then does both kinds of work, and every login pays for it.
//
// The comparison itself is constant-time, and a match takes as long as a mismatch.
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
	// ImportedBcryptCost is the bcrypt cost of imported rows, 4 to 14, or 0 when there are none (left).
	// It makes them indistinguishable by time, see PasswordHasher.
	ImportedBcryptCost int
	// Waited is told, before each hash, how long it waited for its slot; nil for nobody. It must not block.
	Waited func(time.Duration)
	// Rand gives salts and must be safe for concurrent use; nil means crypto/rand.
	Rand io.Reader
}

// NewPasswordHasher returns a hasher for the given parameters, or an error that names what is out of
// bounds. It computes no hash, so it costs no start-up time.
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
	// A random key is not the hash of any password that someone could find, and verifying against it
	// is the same work as against a real one.
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

// Hash returns the argon2id PHC string of a password, NFKC-normalised, with today's parameters and a new
// salt. It checks no rule but the upper bound (ErrPasswordTooLong): see CheckPassword. Other errors are
// ErrOverloaded, and the context's when it ended before a slot was free.
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

// Verify compares a password with a stored hash. An argon2id hash takes the NFKC form of the password, bcrypt and PBKDF2
// hashes the bytes as typed, and bcrypt none over 72 of them, since it would ignore the rest.
// Errors are ErrMalformedHash, ErrOverloaded, and the context's when it ended before a slot was free.
func (h *PasswordHasher) Verify(ctx context.Context, encoded, password string) (PasswordMatch, error) {
	if len(password) > maxPasswordBytes {
		return PasswordMatch{}, h.VerifyDummy(ctx, "") // Hash made none such: no match, in the usual time
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

// VerifyDummy does the work of Verify for an account that does not exist. It returns ErrOverloaded and the
// context's error as Verify does, and otherwise nil, which is never a match.
func (h *PasswordHasher) VerifyDummy(ctx context.Context, password string) error {
	_, err := h.verifyArgon2id(ctx, h.dummy, password[:min(len(password), maxPasswordBytes)])
	return err
}

// Shed reports whether the gate's queue is full, and counts the caller as refused then: a request that needs a hash can be
// refused before its body is read. False promises nothing; the gate itself decides.
func (h *PasswordHasher) Shed() bool { return h.gate.shedEarly() }

// Stats returns the gate's gauges.
func (h *PasswordHasher) Stats() HashingStats { return h.gate.stats() }

func (h *PasswordHasher) verifyArgon2id(ctx context.Context, stored argon2idHash, password string) (PasswordMatch, error) {
	leave, err := h.gate.enter(ctx, max(stored.params.Parallelism, h.params.Parallelism))
	if err != nil {
		return PasswordMatch{}, err
	}
	defer leave()

	key := h.derive(password, stored.salt, stored.params, uint32(len(stored.key))) //nolint:gosec // parsed: at most maxKeyLength
	ok := subtle.ConstantTimeCompare(key, stored.key) == 1
	h.topUp(stored.params)
	if h.dummyBcrypt.encoded != "" {
		h.dummyBcrypt.matches(password)
	}
	return PasswordMatch{OK: ok, NeedsRehash: ok && !stored.current(h.params)}, nil
}

// importedHash is one that another system has made.
type importedHash interface{ matches(password string) bool }

func (h *PasswordHasher) verifyImported(ctx context.Context, stored importedHash, password string) (PasswordMatch, error) {
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

// topUp spends the work by which a verification with the spent parameters fell short of today's. Matches
// pay too: an inactive account must not answer sooner than a wrong password.
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
