package domain

import "context"

// ReplaceDummy changes what a login costs whose account is not there.
func (s *SessionService) ReplaceDummy(dummy func(ctx context.Context, password string) error) {
	s.passwords.dummy = dummy
}
