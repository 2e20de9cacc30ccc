package domain

import (
	"context"
	"time"

	"example.com/plinth/kit/idgen"
)

// Role says what a user may do.
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
	Version      int64 // goes up with each change that others can see; not when the password is hashed anew
}

// NewUser is an account to be created.
type NewUser struct {
	ID           string
	Email        string
	PasswordHash string
	Name         *string
	Role         Role
}

// UserUpdate changes an account. A nil pointer leaves a field as it is; SetName with a nil Name clears the name.
type UserUpdate struct {
	Email        *string
	PasswordHash *string
	SetName      bool
	Name         *string
	Role         *Role
	IsActive     *bool
}

// Failures that are about users.
var (
	ErrUserNotFound = &Error{Code: CodeUserNotFound, Message: "There is no such user."}
	ErrEmailTaken   = &Error{Code: CodeEmailTaken, Message: "Another account has this e-mail."}
	ErrLastAdmin    = &Error{
		Code: CodeLastAdmin, Message: "This is the last active administrator. Make another one first.",
	}
	ErrReauthenticationFailed = &Error{
		Code: CodeReauthenticationFailed, Message: "The current password is not right.",
	}
)

// UserStore keeps users.
type UserStore interface {
	// CreateUser fails with ErrEmailTaken.
	CreateUser(ctx context.Context, user NewUser) (User, error)
	// GetUser fails with ErrUserNotFound.
	GetUser(ctx context.Context, id string) (User, error)
	// LockUser is GetUser, and keeps others from changing the account until the transaction ends.
	LockUser(ctx context.Context, id string) (User, error)
	// LockUserAndAdmins is LockUser, and locks all active admins too. It returns how many others there are. It locks the
	// accounts in the order of their ids; a transaction must not lock another account before.
	LockUserAndAdmins(ctx context.Context, id string) (user User, otherAdmins int, err error)
	// GetUserByEmail compares without regard to case and fails with ErrUserNotFound.
	GetUserByEmail(ctx context.Context, email string) (User, error)
	// ListUsers returns the users of the query's range, in its order.
	ListUsers(ctx context.Context, query UserQuery) ([]User, error)
	// UpdateUser fails with ErrUserNotFound or ErrEmailTaken.
	UpdateUser(ctx context.Context, id string, update UserUpdate) (User, error)
	// DeleteUser deletes an account with all of its sessions, or fails with ErrUserNotFound.
	DeleteUser(ctx context.Context, id string) error
	// RehashUserPassword replaces oldHash by newHash; it does nothing if the hash is another by now.
	RehashUserPassword(ctx context.Context, id, oldHash, newHash string) error
}

// UserService holds the rules about accounts.
type UserService struct {
	store     Store
	passwords *Passwords
	throttles *ThrottleService
	ids       *idgen.Generator
}

// NewUserService returns the rules about accounts.
func NewUserService(store Store, passwords *Passwords, throttles *ThrottleService, ids *idgen.Generator) *UserService {
	return &UserService{store: store, passwords: passwords, throttles: throttles, ids: ids}
}

// GetCurrentUser returns the actor's own account.
func (*UserService) GetCurrentUser(_ context.Context, actor Actor) (User, error) {
	return actor.User, nil
}

// GetUser returns any account. It is for admins and fails with ErrForbidden or ErrUserNotFound.
func (s *UserService) GetUser(ctx context.Context, actor Actor, id string) (User, error) {
	if !actor.HasRole(RoleAdmin) {
		return User{}, ErrForbidden
	}
	return s.store.GetUser(ctx, id)
}
