package domain

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"example.com/plinth/kit/auth"
)

// maxPasswordBytes is the maximum length of a password that can have been set.
const maxPasswordBytes = 1024

// PasswordHasher is auth.PasswordHasher, or one that tests observe. VerifyDummy takes as long as
// Verify, and matches nothing.
type PasswordHasher interface {
	Hash(ctx context.Context, password string) (string, error)
	Verify(ctx context.Context, hash, password string) (auth.PasswordMatch, error)
	VerifyDummy(ctx context.Context, password string) error
	Shed() bool
}

var _ PasswordHasher = (*auth.PasswordHasher)(nil)

// Passwords checks, hashes and verifies passwords.
type Passwords struct {
	hasher  PasswordHasher
	options PasswordOptions
}

// PasswordOptions are the rules for new passwords.
type PasswordOptions struct {
	AppName   string // adds nothing to the strength of a password
	MinLength int    // in characters
}

// NewPasswords returns the rules of passwords.
func NewPasswords(hasher PasswordHasher, options PasswordOptions) *Passwords {
	return &Passwords{hasher: hasher, options: options}
}

// HashNew hashes the new password of an account. It fails with validation_failed or ErrOverloaded.
func (p *Passwords) HashNew(ctx context.Context, password, email string) (string, error) {
	refused := auth.RefusePassword(password, p.options.MinLength, email, p.options.AppName)
	if refused != nil {
		return "", invalidField("/password", refused.Code, refused.Message)
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return "", hashingError(err)
	}
	return hash, nil
}

// ErrUnreadableHash is the internal cause of a refusal: the hash was imported from another system,
// and no password matches it.
var ErrUnreadableHash = errors.New("unreadable password hash")

// Verify reports whether password is that of user, and whether its hash is outdated. A nil user and
// an unreadable hash (ErrUnreadableHash) match nothing, and take as long. It also fails with
// ErrOverloaded.
func (p *Passwords) Verify(ctx context.Context, user *User, password string) (auth.PasswordMatch, error) {
	if user != nil {
		match, err := p.hasher.Verify(ctx, user.PasswordHash, password)
		if !errors.Is(err, auth.ErrMalformedHash) {
			return match, hashingError(err)
		}
		unreadable := fmt.Errorf("account %s: %w: %w", user.ID, ErrUnreadableHash, err)
		return auth.PasswordMatch{}, cmp.Or(hashingError(p.hasher.VerifyDummy(ctx, password)), unreadable)
	}
	return auth.PasswordMatch{}, hashingError(p.hasher.VerifyDummy(ctx, password))
}

func hashingError(err error) error {
	if errors.Is(err, auth.ErrOverloaded) {
		return ErrOverloaded.Because(err)
	}
	if err != nil {
		return fmt.Errorf("hashing a password: %w", err)
	}
	return nil
}
