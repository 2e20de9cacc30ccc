package domain

import (
	"cmp"
	"context"
	"errors"

	"example.com/plinth/kit/emailaddr"
)

// ErrReauthenticationFailed means that the current password is wrong.
var ErrReauthenticationFailed = &Error{
	Code: "reauthentication_failed", Message: "The current password is incorrect.",
}

// Events of refused changes.
const (
	EventPasswordChangeFailed   EventType = "authn_password_change_fail"
	EventReauthenticationFailed EventType = "authn_reauthentication_fail"
)

// updateCredentials changes the e-mail, the password or both, and the name with them. A new
// password ends all other sessions of the account. It fails with ErrReauthenticationFailed,
// ErrTooManyAttempts, ErrTooManyMails, ErrEmailTaken, ErrPreconditionFailed, ErrInvalidToken,
// ErrOverloaded or validation_failed.
func (s *UserService) updateCredentials(
	ctx context.Context, actor Actor, change CurrentUserChange,
) (user User, err error) {
	if change.CurrentPassword == nil {
		return User{}, invalidField("/current_password", "required", "Is required with email and password.")
	}
	if change.Email != nil {
		if err := CheckEmail(*change.Email); err != nil {
			return User{}, err
		}
	}
	proof, err := s.reauthenticate(ctx, actor, *change.CurrentPassword, change.refused(actor))
	if err != nil {
		return User{}, err
	}
	defer func() { proof.settle(ctx, err) }()
	update := UserUpdate{SetName: change.SetName, Name: change.Name}
	if change.Password != nil {
		hash, err := s.passwords.HashNew(ctx, *change.Password, *cmp.Or(change.Email, &actor.User.Email))
		if err != nil {
			return User{}, err
		}
		update.PasswordHash = &hash
		update.SetPendingEmail = true // a party that knew the old password may have chosen it
	}
	err = proof.inTx(ctx, lockCurrentUser, func(tx Store, current User) error {
		if err := change.OnlyIf.check(current.Version); err != nil {
			return err
		}
		user, err = s.applyCredentials(ctx, tx, actor, current, change, update)
		return err
	})
	return user, err
}

// applyCredentials makes a change of a locked account, and sends the mails about it.
func (s *UserService) applyCredentials(
	ctx context.Context, tx Store, actor Actor, current User, change CurrentUserChange, update UserUpdate,
) (User, error) {
	if change.Email != nil {
		if err := s.changeEmail(ctx, tx, current, *change.Email, &update); err != nil {
			return User{}, err
		}
	}
	if update.PasswordHash != nil {
		if err := s.mails.tell(ctx, tx, current.ID, Mail{Template: MailPasswordChanged}); err != nil {
			return User{}, err
		}
	}
	return s.updateIfChanged(ctx, tx, actor, current, update)
}

// refused returns the event of a change whose sender does not know the current password.
func (c CurrentUserChange) refused(actor Actor) Event {
	event := actor.did(EventReauthenticationFailed, actor.User.ID)
	switch {
	case c.Password != nil:
		event.Type = EventPasswordChangeFailed
	case c.Email != nil:
		event.Detail = "email_change"
	default:
		event.Detail = "name_change"
	}
	return event
}

// proof is the proof that the holder of a session knows the password of the account, which a
// borrowed session lacks. It must be settled.
type proof struct {
	*attempt

	service  *UserService
	actor    Actor // as read last
	password string
	refused  Event // recorded if the password is wrong
}

// reauthenticate verifies the current password of an account. It fails with
// ErrReauthenticationFailed, ErrTooManyAttempts, ErrOverloaded or validation_failed.
func (s *UserService) reauthenticate(ctx context.Context, actor Actor, password string, refused Event) (*proof, error) {
	if len(password) > maxPasswordBytes {
		return nil, invalidField("/current_password", "too_long", "Must have at most 1,024 bytes.")
	}
	attempt, err := s.throttles.reserve(ctx, actor.User.Email, actor)
	if err != nil {
		return nil, err
	}
	proof := &proof{attempt, s, actor, password, refused}
	if err := proof.verify(ctx); err != nil {
		proof.settle(ctx, err)
		return nil, err
	}
	return proof, nil
}

func (p *proof) verify(ctx context.Context) error {
	match, err := p.service.passwords.Verify(ctx, &p.actor.User, p.password)
	if err != nil && !errors.Is(err, ErrUnreadableHash) {
		return err
	}
	if !match.OK {
		return p.refuse(ctx)
	}
	return nil
}

func (p *proof) refuse(ctx context.Context) error {
	p.isWrong = true
	if err := recordDetached(ctx, p.service.events, p.service.store, p.refused); err != nil {
		return err
	}
	return ErrReauthenticationFailed
}

// inTx runs change in a transaction that has locked the actor's account. If the account got another
// password hash since the password was verified, of the same password or another one, inTx verifies
// it once more.
func (p *proof) inTx(
	ctx context.Context, lock func(context.Context, Store, Actor) (User, error), change func(Store, User) error,
) error {
	for range 2 {
		var current User
		err := p.store.InTx(ctx, func(tx Store) (err error) {
			if current, err = lock(ctx, tx, p.actor); err != nil {
				return err
			}
			if current.PasswordHash != p.actor.User.PasswordHash {
				return errHashReplaced
			}
			if err := p.succeed(ctx, tx); err != nil {
				return err
			}
			return change(tx, current)
		})
		if !errors.Is(err, errHashReplaced) {
			return err
		}
		p.actor.User = current
		if err := p.verify(ctx); err != nil {
			return err
		}
	}
	return p.refuse(ctx)
}

// CheckEmail fails with validation_failed unless email can be the address of an account, see
// [emailaddr.Valid]. The contract is stricter; this applies to all sources, such as the admin command.
func CheckEmail(email string) error {
	if !emailaddr.Valid(email) {
		return invalidField("/email", "invalid_format", "Must be an e-mail address in ASCII.")
	}
	return nil
}
