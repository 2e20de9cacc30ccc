package domain

// Actor is who makes a request: an active user, in one of their live sessions.
type Actor struct {
	User      User
	SessionID string
}

// HasRole reports whether the actor may do what role may. Admins may do all that users may.
func (a Actor) HasRole(role Role) bool {
	return a.User.Role == role || a.User.Role == RoleAdmin
}
