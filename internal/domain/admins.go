package domain

import (
	"context"
	"errors"
)

// What follows is for operators at a terminal, so there is no actor: the right to run the admin command is the right to
// change the data.

// AdminRequest describes the administrator that an operator asks for.
type AdminRequest struct {
	Email    string
	Password string // of a new account, or the new one of an existing account
	// PasswordChosen says that the operator chose Password: it is set or refused, never ignored.
	PasswordChosen bool
	Promote        bool // make an existing account an administrator, with the password that it has
	ResetPassword  bool // make an existing account an administrator, with the new password
}

// AdminOutcome says what EnsureAdmin did.
type AdminOutcome string

// The outcomes.
const (
	AdminCreated       AdminOutcome = "created"
	AdminPromoted      AdminOutcome = "promoted"
	AdminAlready       AdminOutcome = "already an admin"
	AdminPasswordReset AdminOutcome = "password reset"
)

// AdminReport says what EnsureAdmin did and, of an existing account, what it found.
type AdminReport struct {
	Outcome AdminOutcome
	User    User
	// LastSession is the session that was used last before, nil if none is on record.
	LastSession *Session
}

// Failures of EnsureAdmin, for the operator.
var (
	ErrAccountExists   = errors.New("the account exists")
	ErrPasswordNotUsed = errors.New("the account exists and would keep its own password")
)

// EnsureAdmin makes sure that an active admin with this e-mail exists. It fails with ErrAccountExists on an existing
// account that is no active admin, unless the operator asks to promote it or to reset its password: its password is
// known to the party that registered it, which need not be the owner of the e-mail. It also fails with ErrPasswordNotUsed,
// ErrUserNotFound (there is nothing to promote), ErrOverloaded or validation_failed. With the first two, the report
// describes the account. A reset, and another role, ends all sessions of the account.
func (s *UserService) EnsureAdmin(ctx context.Context, request AdminRequest) (AdminReport, error) {
	if err := CheckEmail(request.Email); err != nil {
		return AdminReport{}, err
	}
	current, err := s.store.GetUserByEmail(ctx, request.Email)
	if errors.Is(err, ErrUserNotFound) && !request.Promote {
		user, err := s.CreateUser(ctx, request.Email, request.Password, nil, RoleAdmin)
		return AdminReport{Outcome: AdminCreated, User: user}, err
	}
	if err != nil {
		return AdminReport{}, err
	}
	report := AdminReport{User: current}
	last, err := s.store.GetLastSession(ctx, current.ID)
	switch {
	case err == nil:
		report.LastSession = &last
	case !errors.Is(err, ErrSessionNotFound):
		return report, err
	}
	switch isAdmin := current.Role == RoleAdmin && current.IsActive; {
	case request.ResetPassword:
		report.Outcome = AdminPasswordReset
	case request.PasswordChosen:
		return report, ErrPasswordNotUsed
	case isAdmin:
		report.Outcome = AdminAlready
		return report, nil
	case request.Promote:
		report.Outcome = AdminPromoted
	default:
		return report, ErrAccountExists
	}
	report.User, err = s.makeAdmin(ctx, current, request)
	return report, err
}

// makeAdmin makes an account that of an active admin, with a new password if the request asks for that.
func (s *UserService) makeAdmin(ctx context.Context, current User, request AdminRequest) (user User, err error) {
	admin, active := RoleAdmin, true
	update := UserUpdate{Role: &admin, IsActive: &active}
	if request.ResetPassword {
		hash, err := s.passwords.HashNew(ctx, request.Password, request.Email)
		if err != nil {
			return User{}, err
		}
		update.PasswordHash = &hash
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		before, err := tx.LockUser(ctx, current.ID)
		if err != nil {
			return err
		}
		if before.Email != current.Email { // the operator means an e-mail, not the account that had it
			return ErrUserNotFound
		}
		if user, err = tx.UpdateUser(ctx, current.ID, update); err != nil {
			return err
		}
		by := NewAuditEvent{TargetID: user.ID}
		if err := recordChanges(ctx, tx, s.ids, by, before, user); err != nil {
			return err
		}
		if request.ResetPassword {
			return forgetLogins(ctx, tx, s.ids, by, "")
		}
		return endSessionsOf(ctx, tx, s.ids, by, before, user)
	})
	return user, err
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
