package domain

import "errors"

// Observer is told how logins and refreshes end, to count them. It learns no names, and must not block.
type Observer interface {
	LoginEnded(outcome LoginOutcome)
	RefreshEnded(outcome RefreshOutcome)
}

// LoginOutcome says how a login ended, more exactly than its caller may know.
type LoginOutcome string

// The ways for a login to end.
const (
	LoginSucceeded     LoginOutcome = "succeeded"
	LoginUnknownEmail  LoginOutcome = "unknown_email"
	LoginWrongPassword LoginOutcome = "wrong_password"
	LoginInactive      LoginOutcome = "inactive" // the password was right
	LoginUnreadable    LoginOutcome = "unreadable_hash"
	LoginThrottled     LoginOutcome = "throttled"
	LoginOverloaded    LoginOutcome = "overloaded"
	LoginFailed        LoginOutcome = "failed" // for no fault of the caller, or without an attempt at a password
)

// LoginOutcomes returns all of them.
func LoginOutcomes() []LoginOutcome {
	return []LoginOutcome{
		LoginSucceeded, LoginUnknownEmail, LoginWrongPassword, LoginInactive, LoginUnreadable, LoginThrottled, LoginOverloaded,
		LoginFailed,
	}
}

// RefreshOutcome says how a refresh ended, more exactly than its caller may know.
type RefreshOutcome string

// The ways for a refresh to end.
const (
	RefreshRotated   RefreshOutcome = "rotated"
	RefreshRepeated  RefreshOutcome = "repeated"  // within the grace: the successor was given out again
	RefreshReused    RefreshOutcome = "reused"    // two parties hold the token, so the session was ended
	RefreshInvalid   RefreshOutcome = "invalid"   // malformed, unknown, expired, or of a session that has ended
	RefreshThrottled RefreshOutcome = "throttled" // too often for its session
	RefreshFailed    RefreshOutcome = "failed"    // for no fault of the caller
)

// RefreshOutcomes returns all of them.
func RefreshOutcomes() []RefreshOutcome {
	return []RefreshOutcome{RefreshRotated, RefreshRepeated, RefreshReused, RefreshInvalid, RefreshThrottled, RefreshFailed}
}

// Why credentials were refused: a cause, which stays inside.
var (
	errUnknownEmail  = errors.New("there is no such account")
	errWrongPassword = errors.New("the password is wrong")
	errInactive      = errors.New("the account is inactive")
	errTokenReused   = errors.New("the refresh token was used before")
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
	case hasCode(err, CodeTooManyAttempts), hasCode(err, CodeRateLimited):
		return LoginThrottled
	case errors.Is(err, ErrOverloaded):
		return LoginOverloaded
	default:
		return LoginFailed
	}
}

func refreshOutcome(repeated bool, err error) RefreshOutcome {
	switch {
	case err == nil && repeated:
		return RefreshRepeated
	case err == nil:
		return RefreshRotated
	case errors.Is(err, errTokenReused):
		return RefreshReused
	case errors.Is(err, ErrInvalidRefreshToken):
		return RefreshInvalid
	case errors.Is(err, ErrTooManyRefreshes):
		return RefreshThrottled
	default:
		return RefreshFailed
	}
}

func hasCode(err error, code Code) bool {
	failure, ok := errors.AsType[*Error](err)
	return ok && failure.Code == code
}

// unobserved is the Observer of those who have none.
type unobserved struct{}

func (unobserved) LoginEnded(LoginOutcome) {}

func (unobserved) RefreshEnded(RefreshOutcome) {}
