package domain

import (
	"context"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/emailaddr"
	"example.com/plinth/kit/sweep"
)

// TokenPurpose says what a one-time token can be used for.
type TokenPurpose string

// The purposes. An account has one token of each.
const (
	TokenVerification  TokenPurpose = "verification"   // verifies the e-mail that it was sent to
	TokenPasswordReset TokenPurpose = "password_reset" // sent to the e-mail of the account
	TokenEmailChange   TokenPurpose = "email_change"   // sent to the pending e-mail
	TokenEmailUndo     TokenPurpose = "email_undo"     // sent to the e-mail before the change, if verified
)

// OneTimeToken is a link that an address shall get, or got. Its token is made by the job that sends
// the mail, and only its hash is stored.
type OneTimeToken struct {
	UserID    string
	Purpose   TokenPurpose
	TokenHash []byte // nil until the mail is sent
	SentTo    string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// NewOneTimeToken is a link to send. It expires after Lifetime, by the store's clock.
type NewOneTimeToken struct {
	UserID    string
	Purpose   TokenPurpose
	SentTo    string
	TokenHash []byte // nil: MintOneTimeToken sets it
	Lifetime  time.Duration
}

// ErrInvalidOneTimeToken does not say why.
var ErrInvalidOneTimeToken = &Error{
	Code: "invalid_one_time_token", Message: "The link is not valid any more. Ask for a new one.",
}

// OneTimeTokenStore stores the tokens in the links of mails.
type OneTimeTokenStore interface {
	// RequestOneTimeToken replaces the token of the same account and purpose. A valid
	// TokenEmailUndo is not replaced: RequestOneTimeToken reports whether it stored the token.
	RequestOneTimeToken(ctx context.Context, token NewOneTimeToken) (stored bool, err error)
	// MintOneTimeToken sets the token of a requested link, and its expiry. It fails with
	// ErrInvalidOneTimeToken if the link is no longer wanted.
	MintOneTimeToken(
		ctx context.Context, userID string, purpose TokenPurpose, hash []byte, lifetime time.Duration,
	) (OneTimeToken, error)
	// LockUserOfOneTimeToken locks the account of a valid token until the transaction ends. It
	// fails with ErrInvalidOneTimeToken.
	LockUserOfOneTimeToken(ctx context.Context, purpose TokenPurpose, hash []byte) (User, error)
	// UseOneTimeToken deletes a valid token, or fails with ErrInvalidOneTimeToken.
	UseOneTimeToken(ctx context.Context, purpose TokenPurpose, hash []byte) (OneTimeToken, error)
	DeleteOneTimeTokens(ctx context.Context, userID string, purposes ...TokenPurpose) error
	// IsEmailReserved reports whether another account can get its former e-mail back.
	IsEmailReserved(ctx context.Context, email, exceptUserID string) (bool, error)
	// PurgeOneTimeTokens deletes up to most expired tokens, and returns how many. It waits for no
	// lock.
	PurgeOneTimeTokens(ctx context.Context, most int) (int, error)
}

// ownerOf returns the account of a valid token, before work that only its owner may cause. It fails
// with ErrInvalidOneTimeToken.
func (s *UserService) ownerOf(ctx context.Context, purpose TokenPurpose, token string) (User, []byte, error) {
	parsed, err := auth.ParseOneTimeToken(token)
	if err != nil {
		return User{}, nil, ErrInvalidOneTimeToken.Because(err)
	}
	hash := parsed.Hash()
	user, err := s.store.LockUserOfOneTimeToken(ctx, purpose, hash[:])
	return user, hash[:], err
}

// useToken uses a token, and runs change in the same transaction with the locked account. It fails
// with ErrInvalidOneTimeToken.
func (s *UserService) useToken(
	ctx context.Context, purpose TokenPurpose, hash []byte, change func(tx Store, user User, sentTo string) error,
) error {
	return s.store.InTx(ctx, func(tx Store) error {
		user, err := tx.LockUserOfOneTimeToken(ctx, purpose, hash)
		if err != nil {
			return err
		}
		token, err := tx.UseOneTimeToken(ctx, purpose, hash)
		if err != nil {
			return err
		}
		if !user.IsActive || !token.isFor(user) {
			return ErrInvalidOneTimeToken
		}
		return change(tx, user, token.SentTo)
	})
}

// isFor reports whether the token proves what its purpose says: the account may have got another
// e-mail since.
func (t OneTimeToken) isFor(user User) bool {
	switch t.Purpose {
	case TokenVerification, TokenPasswordReset:
		return isSameEmail(t.SentTo, user.Email)
	case TokenEmailChange:
		return user.PendingEmail != nil && isSameEmail(t.SentTo, *user.PendingEmail)
	case TokenEmailUndo:
		return true
	}
	return false
}

func isSameEmail(a, b string) bool { return emailaddr.Fold(a) == emailaddr.Fold(b) }

// checkEmailIsFree fails with ErrEmailTaken if another account has the e-mail, or can get it back.
func checkEmailIsFree(ctx context.Context, tx Store, email, userID string) error {
	reserved, err := tx.IsEmailReserved(ctx, email, userID)
	if err == nil && reserved {
		err = ErrEmailTaken
	}
	return err
}

// PurgeOneTimeTokens deletes expired tokens. It may run on several servers at once.
func (s *UserService) PurgeOneTimeTokens(ctx context.Context) (int, error) {
	return sweep.Batches(ctx, cleanupBatch, s.store.PurgeOneTimeTokens)
}
