package domain

import (
	"context"
	"errors"
	"slices"
)

// Versions are those of an account that a change is meant for, so that it does not undo what its author has not seen. Nil
// means all of them, and an empty list means none.
type Versions []int64

// check fails with ErrPreconditionFailed. It counts only while the account is locked.
func (v Versions) check(user User) error {
	if v != nil && !slices.Contains(v, user.Version) {
		return ErrPreconditionFailed
	}
	return nil
}

// CurrentUserChange is what users may change about themselves. Nil pointers change nothing; SetName with a nil Name
// clears the name.
type CurrentUserChange struct {
	Email           *string
	Password        *string
	SetName         bool
	Name            *string
	CurrentPassword *string // needed with Email and Password; where it is given, it has to be right
	OnlyIf          Versions
}

func (c CurrentUserChange) check() error {
	if (c.Email != nil || c.Password != nil) && c.CurrentPassword == nil {
		return invalidField("/current_password", "required", "Is required with email and password.")
	}
	if c.Email != nil {
		return CheckEmail(*c.Email)
	}
	return nil
}

// UpdateCurrentUser changes the actor's own account. A new password ends all other sessions of the account in the same
// transaction. It fails with ErrReauthenticationFailed, ErrEmailTaken, ErrPreconditionFailed, ErrInvalidToken,
// ErrOverloaded or validation_failed.
func (s *UserService) UpdateCurrentUser(ctx context.Context, actor Actor, change CurrentUserChange) (User, error) {
	if err := change.check(); err != nil {
		return User{}, err
	}
	if err := s.reauthenticate(ctx, actor.User, change.CurrentPassword); err != nil {
		return User{}, err
	}
	update := UserUpdate{Email: change.Email, SetName: change.SetName, Name: change.Name}
	if change.Password != nil {
		email := actor.User.Email
		if change.Email != nil {
			email = *change.Email
		}
		hash, err := s.passwords.HashNew(ctx, *change.Password, email)
		if err != nil {
			return User{}, err
		}
		update.PasswordHash = &hash
	}
	var user User
	err := s.asCurrentUser(ctx, actor, change.CurrentPassword, staysAdmin, func(tx Store, current User) (err error) {
		if err := change.OnlyIf.check(current); err != nil {
			return err
		}
		if user = current; update == (UserUpdate{}) {
			return nil
		}
		if user, err = tx.UpdateUser(ctx, current.ID, update); err != nil || update.PasswordHash == nil {
			return err
		}
		return tx.RevokeOtherSessions(ctx, user.ID, actor.SessionID, RevokedByPasswordChange)
	})
	return user, err
}

// DeleteCurrentUser deletes the actor's account and all of its sessions for good. It fails with ErrReauthenticationFailed,
// ErrLastAdmin, ErrInvalidToken, ErrOverloaded or validation_failed.
func (s *UserService) DeleteCurrentUser(ctx context.Context, actor Actor, currentPassword string) error {
	if err := s.reauthenticate(ctx, actor.User, &currentPassword); err != nil {
		return err
	}
	return s.asCurrentUser(ctx, actor, &currentPassword, mayCeaseAsAdmin, func(tx Store, current User) error {
		return tx.DeleteUser(ctx, current.ID)
	})
}

// UserChange is what admins may change about any account. Nil pointers change nothing; SetName with a nil Name clears the
// name.
type UserChange struct {
	Role     *Role
	IsActive *bool
	SetName  bool
	Name     *string
	OnlyIf   Versions
}

// UpdateUser changes any account. One that is deactivated, and one whose role changes, has no session afterwards. It is
// for admins and fails with ErrForbidden, ErrUserNotFound, ErrLastAdmin, ErrPreconditionFailed or ErrInvalidToken.
func (s *UserService) UpdateUser(ctx context.Context, actor Actor, id string, change UserChange) (User, error) {
	if !actor.HasRole(RoleAdmin) {
		return User{}, ErrForbidden
	}
	role := staysAdmin
	if change.Role != nil && *change.Role != RoleAdmin || change.IsActive != nil && !*change.IsActive {
		role = mayCeaseAsAdmin
	}
	var user User
	err := s.store.InTx(ctx, func(tx Store) error {
		current, err := lockUser(ctx, tx, id, role)
		if err != nil {
			return err
		}
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		if err := change.OnlyIf.check(current); err != nil {
			return err
		}
		user, err = tx.UpdateUser(ctx, id, UserUpdate{
			Role: change.Role, IsActive: change.IsActive, SetName: change.SetName, Name: change.Name,
		})
		if err != nil {
			return err
		}
		return endSessionsOf(ctx, tx, current, user)
	})
	return user, err
}

// endSessionsOf ends the sessions of an account that may do less, or something else, than it could before.
func endSessionsOf(ctx context.Context, tx Store, before, after User) error {
	switch {
	case before.IsActive && !after.IsActive:
		return tx.RevokeOtherSessions(ctx, after.ID, "", RevokedByDeactivation)
	case before.Role != after.Role:
		return tx.RevokeOtherSessions(ctx, after.ID, "", RevokedByRoleChange)
	}
	return nil
}

// adminship says what a change may do to an admin.
type adminship bool

const (
	staysAdmin      adminship = false
	mayCeaseAsAdmin adminship = true
)

// lockUser keeps an account as it is until the transaction ends. If it may cease to be that of an active admin, those are
// all locked first: of several that go at once, each sees who is left, and the last one stays (ErrLastAdmin). It also
// fails with ErrUserNotFound.
func lockUser(ctx context.Context, tx Store, id string, change adminship) (User, error) {
	if change == mayCeaseAsAdmin {
		admins, err := tx.LockActiveAdmins(ctx)
		if err != nil {
			return User{}, err
		}
		if len(admins) == 1 && admins[0] == id {
			return User{}, ErrLastAdmin
		}
	}
	return tx.LockUser(ctx, id)
}

// lockCurrentUser keeps the actor's account as it is until the transaction ends, and looks again whether the session still
// lives: it may have ended since the request was authenticated. It fails with ErrInvalidToken, or ErrLastAdmin.
func lockCurrentUser(ctx context.Context, tx Store, actor Actor, change adminship) (User, error) {
	_, err := lockUser(ctx, tx, actor.User.ID, change)
	if errors.Is(err, ErrUserNotFound) {
		return User{}, ErrInvalidToken
	}
	if err != nil {
		return User{}, err
	}
	current, err := tx.GetActor(ctx, actor.SessionID, actor.User.ID)
	return current.User, err
}

// recheckAdmin looks again whether the actor may do what admins may. Whoever waited for a lock may have lost that in the
// meantime, and with it the session. It fails with ErrInvalidToken or ErrForbidden.
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

// asCurrentUser makes a change to the actor's account while nobody else can. A password, nil if the change needs none, has
// been verified by reauthenticate; if the account's has been replaced since, by another hash of it or by another
// password, it is verified once more.
func (s *UserService) asCurrentUser(
	ctx context.Context, actor Actor, password *string, role adminship, change func(Store, User) error,
) error {
	for range 2 {
		var current User
		err := s.store.InTx(ctx, func(tx Store) (err error) {
			if current, err = lockCurrentUser(ctx, tx, actor, role); err != nil {
				return err
			}
			if password != nil && current.PasswordHash != actor.User.PasswordHash {
				return errHashReplaced
			}
			return change(tx, current)
		})
		if !errors.Is(err, errHashReplaced) {
			return err
		}
		if err := s.reauthenticate(ctx, current, password); err != nil {
			return err
		}
		actor.User = current
	}
	return ErrReauthenticationFailed
}

// reauthenticate makes sure that whoever holds a session also knows the account's password, for what a borrowed session
// must not do; a nil password is not asked for. Every such attempt comes through here. It fails with
// ErrReauthenticationFailed, ErrOverloaded or validation_failed.
func (s *UserService) reauthenticate(ctx context.Context, user User, password *string) error {
	if password == nil {
		return nil
	}
	if len(*password) > maxPasswordBytes {
		return invalidField("/current_password", "too_long", "Must have at most 1,024 bytes.")
	}
	match, err := s.passwords.Verify(ctx, &user, *password)
	if err != nil {
		return err
	}
	if !match.OK {
		return ErrReauthenticationFailed
	}
	return nil
}
