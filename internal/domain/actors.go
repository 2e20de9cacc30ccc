package domain

// Actor is who makes a request: an active user, in one of their live sessions.
type Actor struct {
	User      User
	SessionID string
	Client    Client // at the other end of this request, which may be another one than logged in
}

// HasRole reports whether the actor may do what role may. Admins may do all that users may.
func (a Actor) HasRole(role Role) bool {
	return a.User.Role == role || a.User.Role == RoleAdmin
}

// did is the audit event of what the actor did to an account, in their session; targetID is empty if it was to none.
func (a Actor) did(what AuditEventType, targetID string) NewAuditEvent {
	return NewAuditEvent{
		Type: what, ActorID: a.User.ID, TargetID: targetID, SessionID: a.SessionID, Client: a.Client,
	}
}
