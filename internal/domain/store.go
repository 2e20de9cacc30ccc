package domain

import "context"

// Services are all of the rules, ready to use.
type Services struct {
	Users     *UserService
	Sessions  *SessionService
	Throttles *ThrottleService
	Audit     *AuditService
	Keys      *KeyService
}

// Store is all that the rules need of a database.
type Store interface {
	UserStore
	SessionStore
	ThrottleStore
	AuditStore

	// InTx runs fn in one transaction (READ COMMITTED), which is committed when fn returns nil and rolled back
	// otherwise. A transaction that fails for no fault of its own (deadlock, serialization) is run again, so fn must
	// have no effects outside of the store it is given.
	InTx(ctx context.Context, fn func(Store) error) error
}
