package domain

import "context"

// Events of password resets.
const (
	EventPasswordReset          EventType = "authn_password_reset"
	EventPasswordResetRequested EventType = "authn_password_reset_request"
)

// RequestPasswordReset sends a link to an e-mail if an active account has it. It looks for no
// account, so that its time discloses none: the job does. It fails with ErrTooManyMails or
// validation_failed.
func (s *UserService) RequestPasswordReset(ctx context.Context, email string) error {
	if err := CheckEmail(email); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx Store) error {
		if err := s.mails.reserve(ctx, tx, TokenPasswordReset, email); err != nil {
			return err
		}
		return s.mails.enqueue(ctx, tx, PasswordResetMail{Email: email})
	})
}

// ConfirmPasswordReset sets a new password for the owner of the mailbox, which takes the account
// back from a stranger: all sessions end, and a pending e-mail is discarded. It fails with
// ErrInvalidOneTimeToken, ErrOverloaded or validation_failed, which leave the token unused.
func (s *UserService) ConfirmPasswordReset(ctx context.Context, token, password string, client Client) error {
	owner, tokenHash, err := s.ownerOf(ctx, TokenPasswordReset, token)
	if err != nil {
		return err
	}
	hash, err := s.passwords.HashNew(ctx, password, owner.Email)
	if err != nil {
		return err
	}
	digests, err := s.throttles.digests.Load(ctx)
	if err != nil {
		return err
	}
	return s.useToken(ctx, TokenPasswordReset, tokenHash, func(tx Store, user User, _ string) error {
		by := Actor{User: user, Client: client}
		if err := s.events.Record(ctx, tx, by.did(EventPasswordReset, user.ID)); err != nil {
			return err
		}
		reset := UserUpdate{PasswordHash: &hash, VerifyEmail: true, SetPendingEmail: true}
		if _, err := s.update(ctx, tx, by, user, reset); err != nil {
			return err
		}
		if err := tx.ClearThrottle(ctx, digests.Account(user.Email)); err != nil {
			return err
		}
		return s.mails.tell(ctx, tx, user.ID, Mail{Template: MailPasswordChanged})
	})
}
