package domain

import (
	"context"
	"net/netip"
)

// Actor is the sender of a request: an active user in a live session. The zero Actor is an operator
// at a terminal.
type Actor struct {
	User      User
	SessionID string
	Client    Client // of this request, which may differ from that of the login
}

// HasRole reports whether the actor has the rights of role. Admins have all rights of users.
func (a Actor) HasRole(role Role) bool {
	return a.User.Role == role || a.User.Role == RoleAdmin
}

// did returns the event of something that the actor did. targetID is the affected account, empty
// for none.
func (a Actor) did(what EventType, targetID string) Event {
	return Event{Type: what, ActorID: a.User.ID, TargetID: targetID, SessionID: a.SessionID, Client: a.Client}
}

// recheckAdmin reads the actor's rights again, in the transaction of a change: they, or the
// session, may have ended while the transaction waited for a lock. It fails with ErrInvalidToken or
// ErrForbidden.
func recheckAdmin(ctx context.Context, tx Store, actor Actor) error {
	current, err := tx.GetActor(ctx, actor.SessionID, actor.User.ID)
	if err != nil {
		return err
	}
	if !current.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	return nil
}

// Client is the program that sends a request. The zero Client is an operator at a terminal.
type Client struct {
	UserAgent string
	IP        netip.Addr // the zero Addr if unknown
	RequestID string     // 1 to 128 of A-Z, a-z, 0-9, dot, underscore and hyphen
	// DeviceToken is what the client sends as its device token, valid or not. It is a secret of the
	// client.
	DeviceToken string
}
