package domain

import (
	"context"
	"errors"
)

// ErrLastAdmin means that a change would leave no active administrator.
var ErrLastAdmin = &Error{
	Code: "last_admin", Message: "This is the last active administrator. Promote another account first.",
}

// lockUnlessLastAdmin is LockUser for a change that may remove an admin. It locks all active admins,
// too: concurrent removals wait for each other, and the last one fails with ErrLastAdmin.
func lockUnlessLastAdmin(ctx context.Context, tx Store, id string) (User, error) {
	user, otherAdmins, err := tx.LockUserAndAdmins(ctx, id)
	if err == nil && otherAdmins == 0 && user.Role == RoleAdmin && user.IsActive {
		return User{}, ErrLastAdmin
	}
	return user, err
}

// lockRemovedUser is lockCurrentUser for a removal of the account. It also fails with ErrLastAdmin.
func lockRemovedUser(ctx context.Context, tx Store, actor Actor) (User, error) {
	_, err := lockUnlessLastAdmin(ctx, tx, actor.User.ID)
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return User{}, err
	}
	current, err := tx.GetActor(ctx, actor.SessionID, actor.User.ID)
	return current.User, err
}

// The rest of this file is for operators at a terminal. It has no actor, because the right to run
// the admin command includes all others.

// AdminRequest describes the administrator that an operator wants.
type AdminRequest struct {
	Email    string
	Password string // of a new account, or the new one of an existing account
	// PasswordChosen means that the operator chose Password: it is set or refused, never ignored.
	PasswordChosen bool
	Promote        bool // make an existing account an administrator, with its current password
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

// AdminReport says what EnsureAdmin did, and describes an existing account.
type AdminReport struct {
	Outcome AdminOutcome
	User    User
	// LastSession is the session that was used last, nil if none is on record.
	LastSession *Session
}

// Failures of EnsureAdmin, for the operator.
var (
	ErrAccountExists   = errors.New("the account exists")
	ErrPasswordNotUsed = errors.New("the account exists and would keep its own password")
)

// EnsureAdmin creates an active admin with this e-mail. If the account exists and is no active
// admin, it fails with ErrAccountExists, unless the operator asks to promote it or to reset its
// password: the party that registered the account knows its password, and need not own the e-mail.
// It also fails with ErrPasswordNotUsed, ErrUserNotFound (nothing to promote), ErrOverloaded or
// validation_failed. With the first two, the report describes the account. A reset and a new role
// end all sessions of the account.
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

// makeAdmin makes an account an active admin, with a new password if the request asks for a reset.
func (s *UserService) makeAdmin(ctx context.Context, current User, request AdminRequest) (user User, err error) {
	admin, active := RoleAdmin, true
	update := UserUpdate{Role: &admin, IsActive: &active, VerifyEmail: true} // the operator vouches for it
	if request.ResetPassword {
		hash, err := s.passwords.HashNew(ctx, request.Password, request.Email)
		if err != nil {
			return User{}, err
		}
		update.PasswordHash, update.SetPendingEmail = &hash, true
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		before, err := tx.LockUser(ctx, current.ID)
		if err != nil {
			return err
		}
		if before.Email != current.Email { // the operator means the e-mail, not the account that had it
			return ErrUserNotFound
		}
		if user, err = s.update(ctx, tx, Actor{}, before, update); err != nil || !request.ResetPassword {
			return err
		}
		return s.mails.tell(ctx, tx, user.ID, Mail{Template: MailPasswordChanged})
	})
	return user, err
}

// CreateUser creates an account without a session, whose e-mail the operator vouches for. It fails
// with ErrEmailTaken, ErrOverloaded or validation_failed.
func (s *UserService) CreateUser(
	ctx context.Context, email, password string, name *string, role Role,
) (user User, err error) {
	newUser, err := Registration{Email: email, Password: password, Name: name}.newUser(ctx, s.passwords, s.ids, role)
	if err != nil {
		return User{}, err
	}
	newUser.EmailVerified = true
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		if user, err = tx.CreateUser(ctx, newUser); err != nil {
			return err
		}
		return s.events.Record(ctx, tx, Event{Type: EventUserCreated, TargetID: user.ID, Detail: string(role)})
	})
	return user, err
}
