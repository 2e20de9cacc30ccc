// Package domain has the rules: what users and sessions are, and who may do what with them. Each
// noun has a file, with the interface of its store, its failures and its events.
//
// It knows neither HTTP nor SQL nor logging. pgstore implements Store; services take the actor as
// an argument, and return each failure that the caller can act on as *Error.
package domain

import "context"

// Services are the rules, ready to use.
type Services struct {
	Users       *UserService
	Sessions    *SessionService
	Throttles   *ThrottleService
	Mails       *MailService
	Audit       *AuditService      // scaffold:only audit
	Invitations *InvitationService // scaffold:only invitations
	Keys        *KeyService
}

// Store is what the rules need of a database.
type Store interface {
	UserStore
	SessionStore
	RefreshTokenStore
	DeletedSessionStore
	ThrottleStore
	DeviceStore
	OneTimeTokenStore
	JobStore
	AuditStore      // scaffold:only audit
	InvitationStore // scaffold:only invitations

	// InTx runs fn in one transaction (READ COMMITTED), commits it if fn returns nil and rolls it
	// back otherwise. It runs fn again after a deadlock or a serialization failure, so fn must have
	// no effects outside of its store.
	InTx(ctx context.Context, fn func(Store) error) error
}
