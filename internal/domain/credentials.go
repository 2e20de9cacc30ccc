package domain

import (
	"context"
	"errors"

	"example.com/plinth/kit/idgen"
)

// CurrentUserChange is what users may change about themselves. Nil pointers change nothing; SetName with a nil Name
// clears the name.
type CurrentUserChange struct {
	Email           *string
	Password        *string
	SetName         bool
	Name            *string
	CurrentPassword *string // needed with Email and Password; where it is given, it has to be right
	OnlyIf          VersionCheck
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

// refused is the audit event of a change whose author did not know the current password.
func (c CurrentUserChange) refused(actor Actor) NewAuditEvent {
	event := actor.did(AuditReauthenticationFailed, actor.User.ID)
	switch {
	case c.Password != nil:
		event.Type = AuditPasswordChangeFailed
	case c.Email != nil:
		event.Detail = "email_change"
	default:
		event.Detail = "name_change"
	}
	return event
}

// UpdateCurrentUser changes the actor's own account. A new password ends all other sessions of the account in the same
// transaction. It fails with ErrReauthenticationFailed, ErrTooManyAttempts, ErrEmailTaken, ErrPreconditionFailed,
// ErrInvalidToken, ErrOverloaded or validation_failed.
func (s *UserService) UpdateCurrentUser(
	ctx context.Context, actor Actor, change CurrentUserChange,
) (user User, err error) {
	if err := change.check(); err != nil {
		return User{}, err
	}
	proof, err := s.reauthenticate(ctx, actor, change.CurrentPassword, change.refused(actor))
	if err != nil {
		return User{}, err
	}
	defer func() { proof.settle(ctx, err) }()
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
	err = s.asCurrentUser(ctx, proof, staysAdmin, func(tx Store, current User) (err error) {
		if err := change.OnlyIf.check(current.Version); err != nil {
			return err
		}
		if user = current; update == (UserUpdate{}) {
			return nil
		}
		if user, err = tx.UpdateUser(ctx, current.ID, update); err != nil {
			return err
		}
		by := actor.did(AuditUserUpdated, user.ID)
		if err := recordChanges(ctx, tx, s.ids, by, current, user); err != nil || update.PasswordHash == nil {
			return err
		}
		return forgetLogins(ctx, tx, s.ids, by, actor.SessionID)
	})
	return user, err
}

// DeleteCurrentUser deletes the actor's account and all of its sessions for good. It fails with ErrReauthenticationFailed,
// ErrTooManyAttempts, ErrLastAdmin, ErrInvalidToken, ErrOverloaded or validation_failed.
func (s *UserService) DeleteCurrentUser(ctx context.Context, actor Actor, currentPassword string) (err error) {
	refused := actor.did(AuditReauthenticationFailed, actor.User.ID)
	refused.Detail = "deletion"
	proof, err := s.reauthenticate(ctx, actor, &currentPassword, refused)
	if err != nil {
		return err
	}
	defer func() { proof.settle(ctx, err) }()
	return s.asCurrentUser(ctx, proof, mayCeaseAsAdmin, func(tx Store, current User) error {
		if err := tx.DeleteUser(ctx, current.ID); err != nil {
			return err
		}
		return record(ctx, tx, s.ids, actor.did(AuditUserDeleted, current.ID))
	})
}

// UserChange is what admins may change about any account. Nil pointers change nothing; SetName with a nil Name clears the
// name.
type UserChange struct {
	Role     *Role
	IsActive *bool
	SetName  bool
	Name     *string
	OnlyIf   VersionCheck
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
		if err := change.OnlyIf.check(current.Version); err != nil {
			return err
		}
		user, err = tx.UpdateUser(ctx, id, UserUpdate{
			Role: change.Role, IsActive: change.IsActive, SetName: change.SetName, Name: change.Name,
		})
		if err != nil {
			return err
		}
		by := actor.did(AuditUserUpdated, user.ID)
		if err := recordChanges(ctx, tx, s.ids, by, current, user); err != nil {
			return err
		}
		return endSessionsOf(ctx, tx, s.ids, by, current, user)
	})
	return user, err
}

// endSessionsOf ends the sessions of an account that may do less, or something else, than it could before. by says who
// changed it.
func endSessionsOf(ctx context.Context, tx Store, ids *idgen.Generator, by NewAuditEvent, before, after User) error {
	switch {
	case before.IsActive && !after.IsActive:
		return endSessions(ctx, tx, ids, by, "", RevokedByDeactivation)
	case before.Role != after.Role:
		return endSessions(ctx, tx, ids, by, "", RevokedByRoleChange)
	}
	return nil
}

// forgetLogins ends the sessions of an account that got another password, but keepID, and forgets its devices: both may be
// those of a party that knew the last password. by says who changed it.
func forgetLogins(ctx context.Context, tx Store, ids *idgen.Generator, by NewAuditEvent, keepID string) error {
	if err := tx.ForgetDevices(ctx, by.TargetID); err != nil {
		return err
	}
	return endSessions(ctx, tx, ids, by, keepID, RevokedByPasswordChange)
}

// adminship says what a change may do to an admin.
type adminship bool

const (
	staysAdmin      adminship = false
	mayCeaseAsAdmin adminship = true
)

// lockUser keeps an account as it is until the transaction ends. If it may cease to be that of an active admin, those are
// all locked with it: of several that go at once, each sees who is left, and the last one stays (ErrLastAdmin). It also
// fails with ErrUserNotFound.
func lockUser(ctx context.Context, tx Store, id string, change adminship) (User, error) {
	if change == staysAdmin {
		return tx.LockUser(ctx, id)
	}
	user, otherAdmins, err := tx.LockUserAndAdmins(ctx, id)
	if err == nil && otherAdmins == 0 && user.Role == RoleAdmin && user.IsActive {
		return User{}, ErrLastAdmin
	}
	return user, err
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

// asCurrentUser makes a change to the actor's account while nobody else can. If the account's password has been replaced
// since the proof was verified, by another hash of it or by another password, it is verified once more.
func (s *UserService) asCurrentUser(
	ctx context.Context, proof *proof, role adminship, change func(Store, User) error,
) error {
	for range 2 {
		var current User
		err := s.store.InTx(ctx, func(tx Store) (err error) {
			if current, err = lockCurrentUser(ctx, tx, proof.actor, role); err != nil {
				return err
			}
			if proof.password != nil && current.PasswordHash != proof.actor.User.PasswordHash {
				return errHashReplaced
			}
			if err := proof.succeed(ctx, tx); err != nil {
				return err
			}
			return change(tx, current)
		})
		if !errors.Is(err, errHashReplaced) {
			return err
		}
		proof.actor.User = current
		if err := s.verify(ctx, proof); err != nil {
			return err
		}
	}
	return s.refuse(ctx, proof)
}

// proof is that whoever holds a session also knows the account's password. Its attempt has to be settled.
type proof struct {
	*attempt

	actor    Actor         // as it was read last
	password *string       // nil if none is needed
	refused  NewAuditEvent // what is recorded if it is wrong
}

// reauthenticate asks for a proof, for what a borrowed session must not do; a nil password is not asked for. Every such
// attempt comes through here. It fails with ErrReauthenticationFailed, ErrTooManyAttempts, ErrOverloaded or
// validation_failed.
func (s *UserService) reauthenticate(
	ctx context.Context, actor Actor, password *string, refused NewAuditEvent,
) (*proof, error) {
	proof := &proof{&attempt{}, actor, password, refused}
	if password == nil {
		return proof, nil
	}
	if len(*password) > maxPasswordBytes {
		return nil, invalidField("/current_password", "too_long", "Must have at most 1,024 bytes.")
	}
	var err error
	if proof.attempt, err = s.throttles.reserve(ctx, actor.User.Email, actor.did("", actor.User.ID)); err != nil {
		return nil, err
	}
	if err := s.verify(ctx, proof); err != nil {
		proof.settle(ctx, err)
		return nil, err
	}
	return proof, nil
}

func (s *UserService) verify(ctx context.Context, proof *proof) error {
	match, err := s.passwords.Verify(ctx, &proof.actor.User, *proof.password)
	if err != nil && !errors.Is(err, ErrUnreadableHash) {
		return err
	}
	if !match.OK {
		return s.refuse(ctx, proof)
	}
	return nil
}

func (s *UserService) refuse(ctx context.Context, proof *proof) error {
	proof.isWrong = true
	if err := recordWrong(ctx, s.store, s.ids, proof.refused); err != nil {
		return err
	}
	return ErrReauthenticationFailed
}
