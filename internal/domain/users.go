package domain

import (
	"context"
	"errors"
	"time"

	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

// Role is a set of rights.
type Role string

// The roles, as the contract names them.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// User is an account. Its fields are the columns of the users table, in order.
type User struct {
	ID           string // ULID
	Email        string // as typed; compared without regard to case
	PasswordHash string // argon2id or bcrypt; never leaves the service
	Name         *string
	Role         Role
	IsActive     bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Version      int64 // incremented by each change that clients can see, not by a rehash of the password

	EmailVerifiedAt *time.Time // nil if no mailbox has confirmed Email
	PendingEmail    *string    // replaces Email once its mailbox has confirmed it
}

// NewUser is an account to create.
type NewUser struct {
	ID           string
	Email        string
	PasswordHash string
	Name         *string
	Role         Role

	EmailVerified bool
}

// UserUpdate changes an account. A nil pointer keeps a field; SetName with a nil Name clears the
// name, and SetPendingEmail the pending e-mail. Another e-mail is unverified without VerifyEmail.
type UserUpdate struct {
	Email           *string
	PasswordHash    *string
	SetName         bool
	Name            *string
	Role            *Role
	IsActive        *bool
	SetPendingEmail bool
	PendingEmail    *string
	VerifyEmail     bool
}

// Failures of users.
var (
	ErrUserNotFound = &Error{Code: "user_not_found", Message: "There is no such user."}
	ErrEmailTaken   = &Error{Code: "email_taken", Message: "Another account has this e-mail."}
)

// Events of users.
const (
	EventUserActivated   EventType = "user_activated"
	EventUserCreated     EventType = "user_created"
	EventUserDeactivated EventType = "user_deactivated"
	EventUserDeleted     EventType = "user_deleted"
	EventEmailChanged    EventType = "user_email_change"
	EventUserUpdated     EventType = "user_updated"
	EventPasswordChanged EventType = "authn_password_change"
	EventRoleChanged     EventType = "authz_change"
)

// UserStore stores users.
type UserStore interface {
	// CreateUser fails with ErrEmailTaken.
	CreateUser(ctx context.Context, user NewUser) (User, error)
	// GetUser fails with ErrUserNotFound.
	GetUser(ctx context.Context, id string) (User, error)
	// LockUser is GetUser, and locks the account against changes until the transaction ends.
	LockUser(ctx context.Context, id string) (User, error)
	// LockUserAndAdmins is LockUser, locks all active admins too, and returns how many others there
	// are. It locks the accounts in the order of their ids; a transaction must not lock another
	// account before.
	LockUserAndAdmins(ctx context.Context, id string) (user User, otherAdmins int, err error)
	// GetUserByEmail compares without regard to case and fails with ErrUserNotFound.
	GetUserByEmail(ctx context.Context, email string) (User, error)
	// ListUsers returns the users of the query's range, in its order.
	ListUsers(ctx context.Context, query UserQuery) ([]User, error)
	// UpdateUser fails with ErrUserNotFound or ErrEmailTaken.
	UpdateUser(ctx context.Context, id string, update UserUpdate) (User, error)
	// DeleteUser deletes an account with all of its sessions, or fails with ErrUserNotFound.
	DeleteUser(ctx context.Context, id string) error
	// RehashUserPassword replaces oldHash by newHash; it does nothing if the account has another
	// hash by now.
	RehashUserPassword(ctx context.Context, id, oldHash, newHash string) error
}

// UserOptions are optional settings of accounts.
type UserOptions struct {
	Mails *MailService // nil sends none
	// BeforeDelete runs in the transaction that deletes an account, before its row is deleted.
	// Other nouns delete or hand over what the account owns here, or refuse the deletion with an
	// *Error.
	BeforeDelete []func(ctx context.Context, tx Store, user User) error
}

// UserService has the rules of accounts.
type UserService struct {
	store     Store
	passwords *Passwords
	throttles *ThrottleService
	events    Recorder
	ids       *idgen.Generator
	mails     *MailService
	options   UserOptions
}

// NewUserService returns the rules of accounts.
func NewUserService(
	store Store, passwords *Passwords, throttles *ThrottleService, events Recorder, ids *idgen.Generator,
	options UserOptions,
) *UserService {
	return &UserService{
		store: store, passwords: passwords, throttles: throttles, events: recorderOrNone(events), ids: ids,
		mails: options.Mails, options: options,
	}
}

// GetCurrentUser returns the actor's own account.
func (*UserService) GetCurrentUser(_ context.Context, actor Actor) (User, error) {
	return actor.User, nil
}

// CurrentUserChange is what users may change about their own accounts. A nil pointer keeps a field;
// SetName with a nil Name clears the name.
type CurrentUserChange struct {
	Email           *string
	Password        *string
	SetName         bool
	Name            *string
	CurrentPassword *string // required with Email and Password; verified whenever it is set
	OnlyIf          VersionCheck
}

// UpdateCurrentUser changes the actor's own account. It fails with ErrPreconditionFailed or
// ErrInvalidToken. A change of e-mail or password has more failures: see updateCredentials.
func (s *UserService) UpdateCurrentUser(
	ctx context.Context, actor Actor, change CurrentUserChange,
) (user User, err error) {
	if change.Email != nil || change.Password != nil || change.CurrentPassword != nil {
		return s.updateCredentials(ctx, actor, change)
	}
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		current, err := lockCurrentUser(ctx, tx, actor)
		if err != nil {
			return err
		}
		if err := change.OnlyIf.check(current.Version); err != nil {
			return err
		}
		user, err = s.updateIfChanged(ctx, tx, actor, current, UserUpdate{SetName: change.SetName, Name: change.Name})
		return err
	})
	return user, err
}

// lockCurrentUser locks the actor's account until the transaction ends, and reads the session again,
// which may have ended since the request was authenticated. It fails with ErrInvalidToken.
func lockCurrentUser(ctx context.Context, tx Store, actor Actor) (User, error) {
	if _, err := tx.LockUser(ctx, actor.User.ID); err != nil && !errors.Is(err, ErrUserNotFound) {
		return User{}, err
	}
	current, err := tx.GetActor(ctx, actor.SessionID, actor.User.ID)
	return current.User, err
}

// DeleteCurrentUser deletes the actor's account and all of its sessions for good. It fails with
// ErrReauthenticationFailed, ErrTooManyAttempts, ErrLastAdmin, ErrInvalidToken, ErrOverloaded or
// validation_failed.
func (s *UserService) DeleteCurrentUser(ctx context.Context, actor Actor, currentPassword string) (err error) {
	refused := actor.did(EventReauthenticationFailed, actor.User.ID)
	refused.Detail = "deletion"
	proof, err := s.reauthenticate(ctx, actor, currentPassword, refused)
	if err != nil {
		return err
	}
	defer func() { proof.settle(ctx, err) }()
	return proof.inTx(ctx, lockRemovedUser, func(tx Store, current User) error {
		for _, before := range s.options.BeforeDelete {
			if err := before(ctx, tx, current); err != nil {
				return err
			}
		}
		if err := tx.DeleteUser(ctx, current.ID); err != nil {
			return err
		}
		return s.events.Record(ctx, tx, actor.did(EventUserDeleted, current.ID))
	})
}

// GetUser returns any account. It is for admins and fails with ErrForbidden or ErrUserNotFound.
func (s *UserService) GetUser(ctx context.Context, actor Actor, id string) (User, error) {
	if !actor.HasRole(RoleAdmin) {
		return User{}, ErrForbidden
	}
	return s.store.GetUser(ctx, id)
}

// UserChange is what admins may change about any account. A nil pointer keeps a field; SetName with
// a nil Name clears the name.
type UserChange struct {
	Role     *Role
	IsActive *bool
	SetName  bool
	Name     *string
	OnlyIf   VersionCheck
}

// UpdateUser changes any account. Deactivation and a new role end all sessions of the account. It
// is for admins and fails with ErrForbidden, ErrUserNotFound, ErrLastAdmin, ErrPreconditionFailed
// or ErrInvalidToken.
func (s *UserService) UpdateUser(
	ctx context.Context, actor Actor, id string, change UserChange,
) (user User, err error) {
	if !actor.HasRole(RoleAdmin) {
		return User{}, ErrForbidden
	}
	err = s.store.InTx(ctx, func(tx Store) error {
		current, err := lockForChange(ctx, tx, id, change)
		if err != nil {
			return err
		}
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		if err := change.OnlyIf.check(current.Version); err != nil {
			return err
		}
		user, err = s.update(ctx, tx, actor, current, UserUpdate{
			Role: change.Role, IsActive: change.IsActive, SetName: change.SetName, Name: change.Name,
		})
		return err
	})
	return user, err
}

// lockForChange locks an account until the transaction ends. It fails with ErrUserNotFound or
// ErrLastAdmin.
func lockForChange(ctx context.Context, tx Store, id string, change UserChange) (User, error) {
	if change.Role != nil && *change.Role != RoleAdmin || change.IsActive != nil && !*change.IsActive {
		return lockUnlessLastAdmin(ctx, tx, id)
	}
	return tx.LockUser(ctx, id)
}

// updateIfChanged is update, but returns the account as it is if nothing is to change.
func (s *UserService) updateIfChanged(
	ctx context.Context, tx Store, by Actor, current User, update UserUpdate,
) (User, error) {
	if update == (UserUpdate{}) {
		return current, nil
	}
	return s.update(ctx, tx, by, current, update)
}

// update changes a locked account, records what changed, and ends the sessions that the change
// affects: with a new password all but the actor's own, and with other rights all.
func (s *UserService) update(ctx context.Context, tx Store, by Actor, before User, update UserUpdate) (User, error) {
	after, err := tx.UpdateUser(ctx, before.ID, update)
	if err != nil {
		return User{}, err
	}
	if err := s.events.Record(ctx, tx, changesOf(by, before, after)...); err != nil {
		return User{}, err
	}
	switch {
	case update.PasswordHash != nil:
		// A device may belong to a party that knew the old password.
		if err := tx.ForgetDevices(ctx, after.ID); err != nil {
			return User{}, err
		}
		// So may the links that it asked for.
		if err := tx.DeleteOneTimeTokens(ctx, after.ID, TokenPasswordReset, TokenEmailChange); err != nil {
			return User{}, err
		}
		err = endSessions(ctx, tx, s.events, by, after.ID, by.SessionID, RevokedByPasswordChange)
	case before.IsActive && !after.IsActive:
		err = endSessions(ctx, tx, s.events, by, after.ID, "", RevokedByDeactivation)
	case before.Role != after.Role:
		err = endSessions(ctx, tx, s.events, by, after.ID, "", RevokedByRoleChange)
	}
	return after, err
}

// changesOf returns an event for each difference of an account.
func changesOf(by Actor, before, after User) []Event {
	var events []Event
	add := func(isChanged bool, what EventType, detail string) {
		if isChanged {
			event := by.did(what, after.ID)
			event.Detail = detail
			events = append(events, event)
		}
	}
	add(before.Email != after.Email, EventEmailChanged, "")
	add(before.EmailVerifiedAt == nil && after.EmailVerifiedAt != nil, EventEmailVerified, "")
	add(after.PendingEmail != nil && !equal(before.PendingEmail, after.PendingEmail), EventEmailChangeRequested, "")
	add(before.PendingEmail != nil && after.PendingEmail == nil && before.Email == after.Email, EventEmailChangeCanceled, "")
	add(before.PasswordHash != after.PasswordHash, EventPasswordChanged, "")
	add(before.Role != after.Role, EventRoleChanged, string(after.Role))
	add(before.IsActive && !after.IsActive, EventUserDeactivated, "")
	add(!before.IsActive && after.IsActive, EventUserActivated, "")
	add(!equal(before.Name, after.Name), EventUserUpdated, "name")
	return events
}

func equal(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// UserSort is an order of users.
type UserSort string

// The orders of users.
const (
	UsersByAge   UserSort = "created_at" // the newest first
	UsersByEmail UserSort = "email"      // without regard to case
)

// UserQuery selects a range of users. Nil filters and an empty Search select all.
type UserQuery struct {
	paging.Range

	Sort     UserSort
	Role     *Role
	IsActive *bool
	Search   string // see textsearch.Patterns; the contract describes the rule
}

// ListUsers returns a page of users. It is for admins and fails with ErrForbidden.
func (s *UserService) ListUsers(ctx context.Context, actor Actor, query UserQuery) (paging.Page[User], error) {
	if !actor.HasRole(RoleAdmin) {
		return paging.Page[User]{}, ErrForbidden
	}
	position := func(user User) paging.Position {
		return paging.Position{Time: user.CreatedAt, ID: user.ID, Text: user.Email}
	}
	return paging.Read(query.Range, position, func(r paging.Range) ([]User, error) {
		query.Range = r
		return s.store.ListUsers(ctx, query)
	})
}
