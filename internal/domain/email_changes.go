package domain

import (
	"context"
	"errors"

	"example.com/plinth/kit/auth"
)

// Events of changes of the e-mail.
const (
	EventEmailChangeCanceled  EventType = "user_email_change_cancel"
	EventEmailChangeRequested EventType = "user_email_change_request"
	EventEmailChangeUndone    EventType = "user_email_change_undo"
)

// changeEmail adds a new e-mail to the update of a locked account, and sends the mails about it. It
// fails with ErrEmailTaken or ErrTooManyMails.
func (s *UserService) changeEmail(ctx context.Context, tx Store, current User, email string, update *UserUpdate) error {
	update.SetPendingEmail = true
	if isSameEmail(email, current.Email) {
		update.Email = &email
		return nil
	}
	if err := checkEmailIsFree(ctx, tx, email, current.ID); err != nil {
		return err
	}
	if s.mails.isOff() || s.mails.options.ChangeEmailsImmediately {
		update.Email = &email
		if _, err := s.mails.sendLink(ctx, tx, current.ID, TokenVerification, email); err != nil {
			return err
		}
		return s.tellOldAddress(ctx, tx, current, email)
	}
	if err := checkEmailIsUnused(ctx, tx, email); err != nil {
		return err
	}
	update.PendingEmail = &email
	if err := s.mails.reserve(ctx, tx, TokenEmailChange, email); err != nil {
		return err
	}
	if _, err := s.mails.sendLink(ctx, tx, current.ID, TokenEmailChange, email); err != nil {
		return err
	}
	return s.offerUndo(ctx, tx, current, email)
}

// checkEmailIsUnused fails with ErrEmailTaken if an account has the e-mail.
func checkEmailIsUnused(ctx context.Context, tx Store, email string) error {
	_, err := tx.GetUserByEmail(ctx, email)
	switch {
	case err == nil:
		return ErrEmailTaken
	case errors.Is(err, ErrUserNotFound):
		return nil
	}
	return err
}

// offerUndo sends the link that undoes a change to the e-mail before it. If there was another change
// lately, the link stays with the e-mail before that one: otherwise a stranger could change the
// e-mail twice, and keep the account. The owner of an unverified e-mail gets no link, because the
// e-mail may be a stranger's.
func (s *UserService) offerUndo(ctx context.Context, tx Store, current User, email string) error {
	if current.EmailVerifiedAt == nil {
		return nil
	}
	stored, err := s.mails.sendLink(ctx, tx, current.ID, TokenEmailUndo, current.Email)
	if err != nil || stored {
		return err
	}
	return s.tellOldAddress(ctx, tx, current, email)
}

func (s *UserService) tellOldAddress(ctx context.Context, tx Store, current User, email string) error {
	if current.EmailVerifiedAt == nil {
		return nil
	}
	return s.mails.tell(ctx, tx, current.ID, Mail{Template: MailEmailChanged, To: current.Email, NewEmail: email})
}

// ConfirmEmailChange makes the pending e-mail of an account its verified e-mail. It fails with
// ErrInvalidOneTimeToken or ErrEmailTaken.
func (s *UserService) ConfirmEmailChange(ctx context.Context, token string, client Client) error {
	_, hash, err := s.ownerOf(ctx, TokenEmailChange, token)
	if err != nil {
		return err
	}
	return s.useToken(ctx, TokenEmailChange, hash, func(tx Store, user User, sentTo string) error {
		if err := checkEmailIsFree(ctx, tx, sentTo, user.ID); err != nil {
			return err
		}
		_, err := s.update(ctx, tx, Actor{User: user, Client: client}, user, UserUpdate{
			Email: &sentTo, SetPendingEmail: true, VerifyEmail: true,
		})
		return err
	})
}

// UndoEmailChange gives an account the e-mail back that it had before a change, or before the first
// of several, and takes it from the party that changed it: all sessions end, the password stops
// working, and a link that resets it is sent to that e-mail. It fails with ErrInvalidOneTimeToken,
// ErrEmailTaken or ErrOverloaded.
func (s *UserService) UndoEmailChange(ctx context.Context, token string, client Client) error {
	_, tokenHash, err := s.ownerOf(ctx, TokenEmailUndo, token)
	if err != nil {
		return err
	}
	unknown, err := auth.NewOneTimeToken(s.throttles.rand)
	if err != nil {
		return err
	}
	hash, err := s.passwords.hasher.Hash(ctx, unknown.Reveal())
	if err != nil {
		return hashingError(err)
	}
	return s.useToken(ctx, TokenEmailUndo, tokenHash, func(tx Store, user User, sentTo string) error {
		by := Actor{User: user, Client: client}
		if err := s.events.Record(ctx, tx, by.did(EventEmailChangeUndone, user.ID)); err != nil {
			return err
		}
		undo := UserUpdate{Email: &sentTo, SetPendingEmail: true, VerifyEmail: true, PasswordHash: &hash}
		if _, err := s.update(ctx, tx, by, user, undo); err != nil {
			return err
		}
		return s.mails.enqueue(ctx, tx, PasswordResetMail{Email: sentTo})
	})
}
