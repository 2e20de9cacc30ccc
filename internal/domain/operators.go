package domain

import (
	"context"
	"errors"
)

// What follows is for operators at a terminal, so there is no actor: whoever can run the admin command owns the data.

// AdminOutcome says what EnsureAdmin did.
type AdminOutcome string

// The outcomes.
const (
	AdminCreated       AdminOutcome = "created"
	AdminPromoted      AdminOutcome = "promoted"
	AdminAlready       AdminOutcome = "already an admin"
	AdminPasswordReset AdminOutcome = "password reset"
)

// EnsureAdmin makes sure that an active admin with this e-mail exists. A new account gets the password; an existing one
// keeps its own, unless resetPassword is set. That, and another role, ends all of its sessions. It fails with
// validation_failed.
func (s *UserService) EnsureAdmin(
	ctx context.Context, email, password string, resetPassword bool,
) (User, AdminOutcome, error) {
	if err := CheckEmail(email); err != nil {
		return User{}, "", err
	}
	current, err := s.store.GetUserByEmail(ctx, email)
	if errors.Is(err, ErrUserNotFound) {
		user, err := s.CreateUser(ctx, email, password, nil, RoleAdmin)
		return user, AdminCreated, err
	}
	if err != nil {
		return User{}, "", err
	}
	outcome := AdminPromoted
	if current.Role == RoleAdmin && current.IsActive {
		outcome = AdminAlready
	}
	admin, active := RoleAdmin, true
	update := UserUpdate{Role: &admin, IsActive: &active}
	if resetPassword {
		hash, err := s.passwords.HashNew(ctx, password, email)
		if err != nil {
			return User{}, "", err
		}
		update.PasswordHash = &hash
		outcome = AdminPasswordReset
	}
	if outcome == AdminAlready {
		return current, outcome, nil
	}
	var user User
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		before, err := tx.LockUser(ctx, current.ID)
		if err != nil {
			return err
		}
		if user, err = tx.UpdateUser(ctx, current.ID, update); err != nil {
			return err
		}
		by := NewAuditEvent{TargetID: user.ID}
		if err := recordChanges(ctx, tx, s.ids, by, before, user); err != nil {
			return err
		}
		if resetPassword {
			return endSessions(ctx, tx, s.ids, by, "", RevokedByPasswordChange)
		}
		return endSessionsOf(ctx, tx, s.ids, by, before, user)
	})
	return user, outcome, err
}

// CreateUser creates an account without logging it in. It fails with ErrEmailTaken or validation_failed.
func (s *UserService) CreateUser(
	ctx context.Context, email, password string, name *string, role Role,
) (User, error) {
	if err := CheckEmail(email); err != nil {
		return User{}, err
	}
	hash, err := s.passwords.HashNew(ctx, password, email)
	if err != nil {
		return User{}, err
	}
	id, err := s.ids.New()
	if err != nil {
		return User{}, err
	}
	var user User
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		user, err = tx.CreateUser(ctx, NewUser{ID: id, Email: email, PasswordHash: hash, Name: name, Role: role})
		if err != nil {
			return err
		}
		return record(ctx, tx, s.ids, NewAuditEvent{Type: AuditUserCreated, TargetID: user.ID, Detail: string(role)})
	})
	return user, err
}
