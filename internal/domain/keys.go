package domain

import (
	"context"
	"time"

	"example.com/plinth/kit/auth"
)

// KeyService publishes the keys that verify access tokens.
type KeyService struct {
	keys *auth.KeySet
	now  func() time.Time
}

// NewKeyService returns the rules about keys.
func NewKeyService(keys *auth.KeySet, now func() time.Time) *KeyService {
	return &KeyService{keys: keys, now: now}
}

// GetJSONWebKeySet returns the public keys, none with HS256. It is public.
func (s *KeyService) GetJSONWebKeySet(context.Context) []auth.PublicJWK {
	return s.keys.PublicKeys(s.now())
}
