package domain

import (
	"context"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/paging"
	"example.com/plinth/kit/sweep"
)

// Invitation is an account that an administrator offers. It is its own one-time token: accepting it
// deletes it, and the account gets its id.
type Invitation struct {
	ID        string // ULID
	Email     string
	Role      Role
	Name      *string
	TokenHash []byte  // nil until the mail is sent
	InvitedBy *string // nil if that account was deleted
	CreatedAt time.Time
	ExpiresAt time.Time
}

// NewInvitation is an invitation to store. It expires after Lifetime, by the store's clock.
type NewInvitation struct {
	ID        string
	Email     string
	Role      Role
	Name      *string
	InvitedBy string
	Lifetime  time.Duration
}

// Failures of invitations.
var (
	ErrInvitationNotFound = &Error{Code: "invitation_not_found", Message: "There is no such invitation."}
	ErrAlreadyInvited     = &Error{
		Code: "already_invited", Message: "This e-mail has an invitation. Delete it to send another one.",
	}
)

// Events of invitations.
const (
	EventInvitationCreated EventType = "invitation_created"
	EventInvitationDeleted EventType = "invitation_deleted"
)

// InvitationStore stores invitations. An expired one does not exist.
type InvitationStore interface {
	// CreateInvitation fails with ErrAlreadyInvited.
	CreateInvitation(ctx context.Context, invitation NewInvitation) (Invitation, error)
	// MintInvitation sets the token of an invitation, and its expiry. It fails with
	// ErrInvalidOneTimeToken.
	MintInvitation(ctx context.Context, id string, hash []byte, lifetime time.Duration) (Invitation, error)
	// GetInvitationByToken fails with ErrInvalidOneTimeToken.
	GetInvitationByToken(ctx context.Context, hash []byte) (Invitation, error)
	// UseInvitation deletes an invitation, or fails with ErrInvalidOneTimeToken.
	UseInvitation(ctx context.Context, hash []byte) (Invitation, error)
	// ListInvitations returns the invitations of a range, the newest first.
	ListInvitations(ctx context.Context, selected paging.Range) ([]Invitation, error)
	// DeleteInvitation fails with ErrInvitationNotFound.
	DeleteInvitation(ctx context.Context, id string) error
	// PurgeInvitations deletes up to most expired invitations, and returns how many. It waits for
	// no lock.
	PurgeInvitations(ctx context.Context, most int) (int, error)
}

// InvitationService has the rules of invitations.
type InvitationService struct {
	sessions *SessionService
	mails    *MailService
}

// NewInvitationService returns the rules of invitations.
func NewInvitationService(sessions *SessionService, mails *MailService) *InvitationService {
	return &InvitationService{sessions: sessions, mails: mails}
}

// InvitationMail is the job that sends an invitation.
type InvitationMail struct{ InvitationID string }

// Kind implements Job.
func (InvitationMail) Kind() string { return "invitation_mail" }

// CreateInvitation invites the owner of an e-mail. Its ID and InvitedBy are set here. It is for
// admins and fails with ErrForbidden, ErrEmailTaken, ErrAlreadyInvited, ErrInvalidToken or
// validation_failed.
func (s *InvitationService) CreateInvitation(
	ctx context.Context, actor Actor, invited NewInvitation,
) (created Invitation, err error) {
	if !actor.HasRole(RoleAdmin) {
		return Invitation{}, ErrForbidden
	}
	if err := CheckEmail(invited.Email); err != nil {
		return Invitation{}, err
	}
	if invited.ID, err = s.sessions.ids.New(); err != nil {
		return Invitation{}, err
	}
	invited.InvitedBy, invited.Lifetime = actor.User.ID, s.mails.options.InvitationLifetime
	err = s.sessions.store.InTx(ctx, func(tx Store) error {
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		if err := checkEmailIsUnused(ctx, tx, invited.Email); err != nil {
			return err
		}
		if created, err = tx.CreateInvitation(ctx, invited); err != nil {
			return err
		}
		event := actor.did(EventInvitationCreated, created.ID)
		event.Detail = string(created.Role)
		if err := s.sessions.events.Record(ctx, tx, event); err != nil {
			return err
		}
		return s.mails.enqueue(ctx, tx, InvitationMail{InvitationID: created.ID})
	})
	return created, err
}

// ListInvitations returns a page of invitations, the newest first. It is for admins and fails with
// ErrForbidden.
func (s *InvitationService) ListInvitations(
	ctx context.Context, actor Actor, selected paging.Range,
) (paging.Page[Invitation], error) {
	if !actor.HasRole(RoleAdmin) {
		return paging.Page[Invitation]{}, ErrForbidden
	}
	position := func(invitation Invitation) paging.Position {
		return paging.Position{Time: invitation.CreatedAt, ID: invitation.ID}
	}
	return paging.Read(selected, position, func(r paging.Range) ([]Invitation, error) {
		return s.sessions.store.ListInvitations(ctx, r)
	})
}

// DeleteInvitation withdraws an invitation. It is for admins and fails with ErrForbidden,
// ErrInvitationNotFound or ErrInvalidToken.
func (s *InvitationService) DeleteInvitation(ctx context.Context, actor Actor, id string) error {
	if !actor.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	return s.sessions.store.InTx(ctx, func(tx Store) error {
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		if err := tx.DeleteInvitation(ctx, id); err != nil {
			return err
		}
		return s.sessions.events.Record(ctx, tx, actor.did(EventInvitationDeleted, id))
	})
}

// AcceptInvitation creates the account of an invitation, with a verified e-mail, and its first
// session. A nil name means that of the invitation. It fails with ErrInvalidOneTimeToken,
// ErrEmailTaken, ErrOverloaded or validation_failed, which leave the invitation as it is.
func (s *InvitationService) AcceptInvitation(
	ctx context.Context, token, password string, name *string, client Client,
) (Tokens, error) {
	parsed, err := auth.ParseOneTimeToken(token)
	if err != nil {
		return Tokens{}, ErrInvalidOneTimeToken.Because(err)
	}
	tokenHash := parsed.Hash()
	invitation, err := s.sessions.store.GetInvitationByToken(ctx, tokenHash[:])
	if err != nil {
		return Tokens{}, err
	}
	hash, err := s.sessions.passwords.HashNew(ctx, password, invitation.Email)
	if err != nil {
		return Tokens{}, err
	}
	created := Event{Type: EventUserCreated, Detail: string(invitation.Role)}
	return s.sessions.open(ctx, client, created, func(tx Store) (User, error) {
		used, err := tx.UseInvitation(ctx, tokenHash[:])
		if err != nil {
			return User{}, err
		}
		if err := checkEmailIsFree(ctx, tx, used.Email, used.ID); err != nil {
			return User{}, err
		}
		if name == nil {
			name = used.Name
		}
		return tx.CreateUser(ctx, NewUser{
			ID: used.ID, Email: used.Email, PasswordHash: hash, Name: name, Role: used.Role, EmailVerified: true,
		})
	})
}

// SendInvitation does an InvitationMail. It does nothing if the invitation was deleted or accepted.
func (s *InvitationService) SendInvitation(ctx context.Context, job InvitationMail) error {
	return s.mails.sendToken(ctx, func(hash []byte) (Mail, error) {
		lifetime := s.mails.options.InvitationLifetime
		minted, err := s.sessions.store.MintInvitation(ctx, job.InvitationID, hash, lifetime)
		return Mail{
			Template: MailInvitation, To: minted.Email, Link: "/accept-invitation", Expires: minted.ExpiresAt,
		}, err
	})
}

// PurgeInvitations deletes expired invitations. It may run on several servers at once.
func (s *InvitationService) PurgeInvitations(ctx context.Context) (int, error) {
	return sweep.Batches(ctx, cleanupBatch, s.sessions.store.PurgeInvitations)
}
