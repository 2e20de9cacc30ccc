package domain

import "context"

// EventEmailVerified is the event of an e-mail that its mailbox has confirmed.
const EventEmailVerified EventType = "user_email_verification"

// ErrEmailNotVerified means that the operation needs a verified e-mail.
var ErrEmailNotVerified = &Error{
	Code: "email_not_verified", Message: "Verify your e-mail first, by the link in the mail.",
}

// RequestVerification sends a link that verifies the actor's e-mail, unless it is verified. It fails
// with ErrTooManyMails or ErrInvalidToken.
func (s *UserService) RequestVerification(ctx context.Context, actor Actor) error {
	return s.store.InTx(ctx, func(tx Store) error {
		current, err := lockCurrentUser(ctx, tx, actor)
		if err != nil || current.EmailVerifiedAt != nil {
			return err
		}
		if err := s.mails.reserve(ctx, tx, TokenVerification, current.Email); err != nil {
			return err
		}
		_, err = s.mails.sendLink(ctx, tx, current.ID, TokenVerification, current.Email)
		return err
	})
}

// ConfirmVerification verifies an e-mail. It fails with ErrInvalidOneTimeToken.
func (s *UserService) ConfirmVerification(ctx context.Context, token string, client Client) error {
	_, hash, err := s.ownerOf(ctx, TokenVerification, token)
	if err != nil {
		return err
	}
	return s.useToken(ctx, TokenVerification, hash, func(tx Store, user User, _ string) error {
		_, err := s.update(ctx, tx, Actor{User: user, Client: client}, user, UserUpdate{VerifyEmail: true})
		return err
	})
}
