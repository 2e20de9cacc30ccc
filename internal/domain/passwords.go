package domain

import (
	"context"
	"errors"
	"fmt"

	"example.com/plinth/internal/auth"
)

// maxPasswordBytes is as long as any password that can have been set.
const maxPasswordBytes = 1024

// Passwords checks and hashes passwords, and speaks of failures in the words of the contract.
type Passwords struct {
	hasher  *auth.PasswordHasher
	dummy   func(ctx context.Context, password string) error // what an account that is not there costs
	appName string
}

// NewPasswords returns the rules about passwords; appName is a word that a password must not be made of.
func NewPasswords(hasher *auth.PasswordHasher, appName string) *Passwords {
	return &Passwords{hasher: hasher, dummy: hasher.VerifyDummy, appName: appName}
}

// HashNew hashes a password that an account is about to get. It fails with validation_failed or ErrOverloaded.
func (p *Passwords) HashNew(ctx context.Context, password, email string) (string, error) {
	err := auth.CheckPassword(password, email, p.appName)
	switch {
	case errors.Is(err, auth.ErrPasswordTooShort):
		return "", invalidField("/password", "too_short", "Must have at least 8 characters.")
	case errors.Is(err, auth.ErrPasswordTooLong):
		return "", invalidField("/password", "too_long", "Must have at most 128 characters and 1,024 bytes.")
	case errors.Is(err, auth.ErrPasswordBlocklisted):
		return "", invalidField("/password", "password_blocklisted",
			"Too many people use this password, or it is part of the e-mail or the service's name.")
	case err != nil:
		return "", fmt.Errorf("checking a password: %w", err)
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return "", hashingError(err)
	}
	return hash, nil
}

// Verify reports whether password is the one of user, and whether its hash should be made anew. A nil user, or one whose
// stored hash cannot be read, takes as long and matches nothing. It fails with ErrOverloaded.
func (p *Passwords) Verify(ctx context.Context, user *User, password string) (auth.PasswordMatch, error) {
	if user != nil {
		match, err := p.hasher.Verify(ctx, user.PasswordHash, password)
		if !errors.Is(err, auth.ErrMalformedHash) {
			return match, hashingError(err)
		}
	}
	return auth.PasswordMatch{}, hashingError(p.dummy(ctx, password))
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
