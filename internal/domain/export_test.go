package domain

import "context"

// ReplaceDummy changes what a login to an unknown account does in place of verifying a password.
func (s *SessionService) ReplaceDummy(dummy func(ctx context.Context, password string) error) {
	s.passwords.hasher = dummyHasher{s.passwords.hasher, dummy}
}

type dummyHasher struct {
	PasswordHasher

	dummy func(ctx context.Context, password string) error
}

func (h dummyHasher) VerifyDummy(ctx context.Context, password string) error {
	return h.dummy(ctx, password)
}
