package domain

import "context"

// Services are the rules, ready to use.
type Services struct {
	Users     *UserService
	Sessions  *SessionService
	Throttles *ThrottleService
	Audit     *AuditService
	Keys      *KeyService
}

// Store is what the rules need of a database.
type Store interface {
	UserStore
	SessionStore
	RefreshTokenStore
	DeletedSessionStore
	ThrottleStore
	DeviceStore
	AuditStore

	// InTx runs fn in one transaction (READ COMMITTED), commits it if fn returns nil and rolls it
	// back otherwise. It runs fn again after a deadlock or a serialization failure, so fn must have
	// no effects outside of its store.
	InTx(ctx context.Context, fn func(Store) error) error
}
