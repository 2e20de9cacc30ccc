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

// Network is the network that the client's requests are counted by: its address or, for IPv6, where
// one client has a whole /64, that. It is the zero Prefix if the address is unknown.
func (c Client) Network() netip.Prefix {
	bits := c.IP.BitLen()
	if c.IP.Is6() {
		bits = 64
	}
	network, err := c.IP.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// WiderNetwork is a network that contains many of the size that Network returns. Its limits are
// Percent of theirs.
type WiderNetwork struct {
	Prefix  netip.Prefix
	Percent int
}

// WiderNetworks returns the networks that guesses are counted by besides Network. IPv6 providers
// give a customer a /64, a /56 or a /48, so one client can have addresses in 65,536 different /64.
func (c Client) WiderNetworks() []WiderNetwork {
	narrowest := c.Network().Addr()
	if !narrowest.Is6() {
		return nil
	}
	return []WiderNetwork{
		{netip.PrefixFrom(narrowest, 56).Masked(), 150},
		{netip.PrefixFrom(narrowest, 48).Masked(), 200},
	}
}
