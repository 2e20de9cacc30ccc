package domain

import (
	"context"
	"errors"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
)

// ErrInvalidCredentials means that a login is refused. It does not say why.
var ErrInvalidCredentials = &Error{
	Code: "invalid_credentials", Message: "No active account has this e-mail and password.",
}

// Events of logins.
const (
	EventLoginSucceeded EventType = "authn_login_success"
	EventLoginFailed    EventType = "authn_login_fail"
)

// LoginOutcome says how a login ended. It is for operators: clients must not learn why a login is
// refused.
type LoginOutcome string

// The outcomes of logins.
const (
	LoginSucceeded     LoginOutcome = "succeeded"
	LoginUnknownEmail  LoginOutcome = "unknown_email"
	LoginWrongPassword LoginOutcome = "wrong_password"
	LoginInactive      LoginOutcome = "inactive" // with the right password
	LoginUnreadable    LoginOutcome = "unreadable_hash"
	LoginThrottled     LoginOutcome = "throttled"
	LoginOverloaded    LoginOutcome = "overloaded"
	LoginFailed        LoginOutcome = "failed" // by a fault of the service, or before the password was verified
)

// LoginOutcomes returns all outcomes.
func LoginOutcomes() []LoginOutcome {
	return []LoginOutcome{
		LoginSucceeded, LoginUnknownEmail, LoginWrongPassword, LoginInactive, LoginUnreadable, LoginThrottled,
		LoginOverloaded, LoginFailed,
	}
}

// Internal causes of ErrInvalidCredentials.
var (
	errUnknownEmail  = errors.New("there is no such account")
	errWrongPassword = errors.New("the password is wrong")
	errInactive      = errors.New("the account is inactive")
)

func loginOutcome(err error) LoginOutcome {
	switch {
	case err == nil:
		return LoginSucceeded
	case errors.Is(err, errUnknownEmail):
		return LoginUnknownEmail
	case errors.Is(err, errInactive):
		return LoginInactive
	case errors.Is(err, ErrUnreadableHash):
		return LoginUnreadable
	case errors.Is(err, ErrInvalidCredentials):
		return LoginWrongPassword
	case errors.Is(err, ErrTooManyAttempts), errors.Is(err, &Error{Code: CodeRateLimited}):
		return LoginThrottled
	case errors.Is(err, ErrOverloaded):
		return LoginOverloaded
	default:
		return LoginFailed
	}
}

// Shed reports whether a login or a registration would fail with ErrOverloaded now, and counts it
// as refused if so.
func (s *SessionService) Shed() bool { return s.passwords.hasher.Shed() }

// Registration is a request for an account.
type Registration struct {
	Email    string
	Password string
	Name     *string
}

// newUser checks a registration. It fails with ErrOverloaded or validation_failed.
func (r Registration) newUser(
	ctx context.Context, passwords *Passwords, ids *idgen.Generator, role Role,
) (NewUser, error) {
	if err := CheckEmail(r.Email); err != nil {
		return NewUser{}, err
	}
	hash, err := passwords.HashNew(ctx, r.Password, r.Email)
	if err != nil {
		return NewUser{}, err
	}
	id, err := ids.New()
	return NewUser{ID: id, Email: r.Email, PasswordHash: hash, Name: r.Name, Role: role}, err
}

// RegisterUser creates an account and its first session. It fails with ErrEmailTaken, ErrOverloaded
// or validation_failed.
func (s *SessionService) RegisterUser(ctx context.Context, registration Registration, client Client) (Tokens, error) {
	user, err := registration.newUser(ctx, s.passwords, s.ids, RoleUser)
	if err != nil {
		return Tokens{}, err
	}
	created := Event{Type: EventUserCreated, Detail: string(RoleUser)}
	return s.open(ctx, client, created, func(tx Store) (User, error) {
		if err := checkEmailIsFree(ctx, tx, user.Email, user.ID); err != nil {
			return User{}, err
		}
		registered, err := tx.CreateUser(ctx, user)
		if err != nil {
			return User{}, err
		}
		_, err = s.mails.sendLink(ctx, tx, registered.ID, TokenVerification, registered.Email)
		return registered, err
	})
}

// LoginUser opens a session. An unknown e-mail, a wrong password and an inactive account are the
// same ErrInvalidCredentials, after the same work. It also fails with ErrTooManyAttempts,
// ErrOverloaded or validation_failed.
func (s *SessionService) LoginUser(
	ctx context.Context, email, password string, client Client,
) (tokens Tokens, err error) {
	defer func() { s.options.Observer.LoginEnded(loginOutcome(err)) }()
	if len(password) > maxPasswordBytes {
		return Tokens{}, invalidField("/password", "too_long", "Must have at most 1,024 bytes.")
	}
	attempt, err := s.throttles.reserve(ctx, email, Actor{Client: client})
	if err != nil {
		return Tokens{}, err
	}
	defer func() { attempt.settle(ctx, err) }()
	tokens, user, err := s.login(ctx, attempt, email, password, client)
	if errors.Is(err, errHashReplaced) { // by a rehash in a concurrent login, or by a new password
		tokens, user, err = s.login(ctx, attempt, email, password, client)
	}
	if errors.Is(err, errHashReplaced) {
		err = ErrInvalidCredentials
	}
	if errors.Is(err, ErrInvalidCredentials) {
		attempt.isWrong = true
		refused := Event{Type: EventLoginFailed, TargetID: user.ID, Client: client, Detail: string(loginOutcome(err))}
		if err := recordDetached(ctx, s.events, s.store, refused); err != nil {
			return Tokens{}, err
		}
	}
	return tokens, err
}

// errHashReplaced means that the password hash of an account was replaced while the old one was
// verified.
var errHashReplaced = errors.New("the password hash was replaced")

// login returns the account of the e-mail also if it fails.
func (s *SessionService) login(
	ctx context.Context, attempt *attempt, email, password string, client Client,
) (Tokens, User, error) {
	user, match, err := s.verifyLogin(ctx, email, password)
	if err != nil {
		return Tokens{}, user, err
	}
	tokens, err := s.open(ctx, client, Event{Type: EventLoginSucceeded}, func(tx Store) (User, error) {
		// The account may have been deactivated or got a new password during the verification. The
		// lock makes later changes wait, so that they end the new session, too, and serializes
		// logins, which count sessions.
		current, err := tx.LockUser(ctx, user.ID)
		switch {
		case errors.Is(err, ErrUserNotFound), err == nil && !current.IsActive:
			return User{}, ErrInvalidCredentials.Because(errInactive)
		case err != nil:
			return User{}, err
		case current.PasswordHash != user.PasswordHash:
			return User{}, errHashReplaced
		}
		return current, attempt.succeed(ctx, tx)
	})
	if err == nil && match.NeedsRehash {
		s.rehash(ctx, user, password)
	}
	return tokens, user, err
}

func (s *SessionService) verifyLogin(ctx context.Context, email, password string) (User, auth.PasswordMatch, error) {
	user, err := s.store.GetUserByEmail(ctx, email)
	candidate, cause := &user, errWrongPassword
	if errors.Is(err, ErrUserNotFound) {
		candidate, cause, err = nil, errUnknownEmail, nil
	}
	if err != nil {
		return User{}, auth.PasswordMatch{}, err
	}
	match, err := s.passwords.Verify(ctx, candidate, password)
	switch {
	case errors.Is(err, ErrUnreadableHash):
		return user, match, ErrInvalidCredentials.Because(err)
	case err != nil:
		return user, match, err
	case candidate == nil || !match.OK:
		return user, match, ErrInvalidCredentials.Because(cause)
	case !user.IsActive:
		return user, match, ErrInvalidCredentials.Because(errInactive)
	}
	return user, match, nil
}

// rehash stores a hash with the current parameters, after the login has succeeded. If that fails,
// the next login tries again.
func (s *SessionService) rehash(ctx context.Context, user User, password string) {
	if hash, err := s.passwords.hasher.Hash(ctx, password); err == nil {
		_ = s.store.RehashUserPassword(ctx, user.ID, user.PasswordHash, hash)
	}
}
