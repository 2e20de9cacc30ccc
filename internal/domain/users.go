package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/plinth/internal/auth"
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
)

// UserStore keeps users.
type UserStore interface {
	// CreateUser fails with ErrEmailTaken.
	CreateUser(ctx context.Context, user NewUser) (User, error)
	// GetUser fails with ErrUserNotFound.
	GetUser(ctx context.Context, id string) (User, error)
	// LockUser is GetUser, and keeps others from changing the account until the transaction ends.
	LockUser(ctx context.Context, id string) (User, error)
	// GetUserByEmail compares without regard to case and fails with ErrUserNotFound.
	GetUserByEmail(ctx context.Context, email string) (User, error)
	// ListUsers returns up to most users from after a position on, in the order of the query.
	ListUsers(ctx context.Context, query UserQuery, most int) ([]User, error)
	// UpdateUser fails with ErrUserNotFound or ErrEmailTaken.
	UpdateUser(ctx context.Context, id string, update UserUpdate) (User, error)
	// RehashUserPassword replaces oldHash by newHash; it does nothing if the hash is another by now.
	RehashUserPassword(ctx context.Context, id, oldHash, newHash string) error
}

// UserService holds the rules about accounts.
type UserService struct {
	store     Store
	passwords *Passwords
	ids       *IDs
}

// NewUserService returns the rules about accounts.
func NewUserService(store Store, passwords *Passwords, ids *IDs) *UserService {
	return &UserService{store: store, passwords: passwords, ids: ids}
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

// CurrentUserChange is what users may change about themselves. Nil pointers change nothing; SetName with a nil Name
// clears the name.
type CurrentUserChange struct {
	Email    *string
	Password *string
	SetName  bool
	Name     *string
}

// UpdateCurrentUser changes the actor's own account. A new password ends all other sessions of the account in the same
// transaction. It fails with ErrEmailTaken, ErrOverloaded or validation_failed.
func (s *UserService) UpdateCurrentUser(ctx context.Context, actor Actor, change CurrentUserChange) (User, error) {
	update := UserUpdate{Email: change.Email, SetName: change.SetName, Name: change.Name}
	email := actor.User.Email
	if change.Email != nil {
		if err := CheckEmail(*change.Email); err != nil {
			return User{}, err
		}
		email = *change.Email
	}
	if change.Password != nil {
		hash, err := s.passwords.HashNew(ctx, *change.Password, email)
		if err != nil {
			return User{}, err
		}
		update.PasswordHash = &hash
	}

	var user User
	err := s.store.InTx(ctx, func(tx Store) (err error) {
		if user, err = tx.UpdateUser(ctx, actor.User.ID, update); err != nil {
			return err
		}
		if update.PasswordHash == nil {
			return nil
		}
		return tx.RevokeOtherSessions(ctx, user.ID, actor.SessionID, RevokedByPasswordChange)
	})
	// The account was there when the request was authenticated; it has been deleted since, and its tokens with it.
	if errors.Is(err, ErrUserNotFound) {
		return User{}, ErrInvalidToken
	}
	return user, err
}

// Passwords checks and hashes passwords, and speaks of failures in the words of the contract.
type Passwords struct {
	hasher  *auth.PasswordHasher
	appName string
}

// NewPasswords returns the rules about passwords; appName is a word that a password must not be made of.
func NewPasswords(hasher *auth.PasswordHasher, appName string) *Passwords {
	return &Passwords{hasher: hasher, appName: appName}
}

// HashNew hashes a password that an account is about to get. It fails with validation_failed or ErrOverloaded.
func (p *Passwords) HashNew(ctx context.Context, password, email string) (string, error) {
	err := auth.CheckPassword(password, email, p.appName)
	switch {
	case errors.Is(err, auth.ErrPasswordTooShort):
		return "", invalidField("/password", "too_short", "Must have at least 8 characters.")
	case errors.Is(err, auth.ErrPasswordTooLong):
		return "", invalidField("/password", "too_long", "Must have at most 128 characters and 1,024 bytes.")
	case errors.Is(err, auth.ErrPasswordBlocklisted):
		return "", invalidField("/password", "password_blocklisted",
			"Too many people use this password, or it is part of the e-mail or the service's name.")
	case err != nil:
		return "", fmt.Errorf("checking a password: %w", err)
	}
	hash, err := p.hasher.Hash(ctx, password)
	if err != nil {
		return "", hashingError(err)
	}
	return hash, nil
}

// Verify reports whether password is the one of user, and whether its hash should be made anew. A nil user, or one whose
// stored hash cannot be read, takes as long and matches nothing. It fails with ErrOverloaded.
func (p *Passwords) Verify(ctx context.Context, user *User, password string) (auth.PasswordMatch, error) {
	if user != nil {
		match, err := p.hasher.Verify(ctx, user.PasswordHash, password)
		if !errors.Is(err, auth.ErrMalformedHash) {
			return match, hashingError(err)
		}
	}
	return auth.PasswordMatch{}, hashingError(p.hasher.VerifyDummy(ctx, password))
}

func hashingError(err error) error {
	if errors.Is(err, auth.ErrOverloaded) {
		return ErrOverloaded.Because(err)
	}
	if err != nil {
		return fmt.Errorf("hashing a password: %w", err)
	}
	return nil
}
