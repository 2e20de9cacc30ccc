package domain

import (
	"context"
	"errors"
	"io"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/throttle"
)

// ErrTooManyMails has the time until the next mail to the address.
var ErrTooManyMails = &Error{Code: CodeRateLimited, Message: "A mail was sent there already. Try again later."}

// mailQuota limits the mails of one kind that clients can cause to one address.
var mailQuota = throttle.Quota{Interval: time.Minute, PerDay: 10} // read only

// MailOptions say which mails are sent, and how long their links are valid.
type MailOptions struct {
	// Off means that no mail can be sent: no link is requested, and no owner is told.
	Off bool
	// ChangeEmailsImmediately means that a new e-mail needs no confirmation. Off implies it.
	ChangeEmailsImmediately bool
	NewDevices              bool // tell owners of logins from devices never seen before
	Lifetimes               map[TokenPurpose]time.Duration
	InvitationLifetime      time.Duration // scaffold:only invitations
}

// MailService sends the mails about accounts. The rules enqueue jobs in the transaction of a change;
// the jobs make the tokens of links, so that neither a queue nor a copy of the database has one.
type MailService struct {
	store     Store
	mailer    Mailer
	throttles *ThrottleService
	events    Recorder
	rand      io.Reader
	now       func() time.Time
	options   MailOptions
}

// NewMailService returns the mails about accounts; rand must be cryptographically secure.
func NewMailService(
	store Store, mailer Mailer, throttles *ThrottleService, events Recorder, rand io.Reader, now func() time.Time,
	options MailOptions,
) *MailService {
	return &MailService{store, mailer, throttles, recorderOrNone(events), rand, now, options}
}

// isOff reports whether no mail is sent; the nil MailService sends none.
func (s *MailService) isOff() bool { return s == nil || s.options.Off }

// LinkMail is the job that sends a requested link.
type LinkMail struct {
	UserID  string
	Purpose TokenPurpose
}

// Kind implements Job.
func (LinkMail) Kind() string { return "link_mail" }

// PasswordResetMail is the job that sends a link to the e-mail that a client typed, if an active
// account has it.
type PasswordResetMail struct{ Email string }

// Kind implements Job.
func (PasswordResetMail) Kind() string { return "password_reset_mail" }

// NoticeMail is the job that tells the owner of an account what happened to it. Mail lacks what the
// account has: the name and, if it is empty, the address.
type NoticeMail struct {
	UserID string
	Mail   Mail
}

// Kind implements Job.
func (NoticeMail) Kind() string { return "notice_mail" }

// reserve counts a mail to an address, and fails with ErrTooManyMails. It does not look for an
// account.
func (s *MailService) reserve(ctx context.Context, tx Store, kind TokenPurpose, address string) error {
	if s.isOff() {
		return nil
	}
	digests, err := s.throttles.digests.Load(ctx)
	if err != nil {
		return err
	}
	return tx.ReserveMail(ctx, digests.Mailbox(string(kind), address), mailQuota)
}

// enqueue adds a job to the transaction.
func (s *MailService) enqueue(ctx context.Context, tx Store, job Job) error {
	if s.isOff() {
		return nil
	}
	return tx.EnqueueJob(ctx, job)
}

// sendLink requests a link for an address, and enqueues its mail. It reports whether the link
// replaced the one before.
func (s *MailService) sendLink(
	ctx context.Context, tx Store, userID string, purpose TokenPurpose, address string,
) (stored bool, err error) {
	if s.isOff() {
		return true, nil
	}
	stored, err = tx.RequestOneTimeToken(ctx, NewOneTimeToken{
		UserID: userID, Purpose: purpose, SentTo: address, Lifetime: s.options.Lifetimes[purpose],
	})
	if err != nil {
		return false, err
	}
	return stored, tx.EnqueueJob(ctx, LinkMail{UserID: userID, Purpose: purpose})
}

// tell enqueues a mail to the owner of an account about what just happened.
func (s *MailService) tell(ctx context.Context, tx Store, userID string, mail Mail) error {
	if s.isOff() {
		return nil
	}
	mail.At = s.now().UTC()
	return tx.EnqueueJob(ctx, NoticeMail{UserID: userID, Mail: mail})
}

// tellOfDevice tells the owner of an account that a device never seen before has logged in, unless
// there were too many of those: a client that never keeps its device token logs in often.
func (s *MailService) tellOfDevice(ctx context.Context, tx Store, user User, client Client) error {
	if s.isOff() || !s.options.NewDevices {
		return nil
	}
	err := s.reserve(ctx, tx, "new_device", user.Email)
	if errors.Is(err, ErrTooManyMails) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, user.ID, Mail{
		Template: MailNewDeviceSignIn, UserAgent: client.UserAgent, IP: client.IP,
	})
}

// link is the mail of a purpose, and the page of the app that its link opens.
type link struct {
	template MailTemplate
	page     string
}

var links = map[TokenPurpose]link{ // read only
	TokenVerification:  {MailVerification, "/verify"},
	TokenPasswordReset: {MailPasswordReset, resetPage},
	TokenEmailChange:   {MailEmailChangeConfirm, "/confirm-email"},
	TokenEmailUndo:     {MailEmailChangeNotice, "/undo-email-change"},
}

// resetPage asks for an e-mail if it has no token.
const resetPage = "/reset-password"

// sendToken makes a token, and sends the mail that store returns once it has stored the hash. The
// link of that mail is a page, which gets the token. A retry makes another token, which replaces the
// first. If store fails with ErrInvalidOneTimeToken or ErrUserNotFound, the link is no longer wanted.
func (s *MailService) sendToken(ctx context.Context, store func(hash []byte) (Mail, error)) error {
	token, err := auth.NewOneTimeToken(s.rand)
	if err != nil {
		return err
	}
	hash := token.Hash()
	mail, err := store(hash[:])
	if errors.Is(err, ErrInvalidOneTimeToken) || errors.Is(err, ErrUserNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	mail.Link += "#token=" + token.Reveal() // in the fragment, which browsers do not send
	return s.mailer.Send(ctx, mail)
}

// SendLink does a LinkMail.
func (s *MailService) SendLink(ctx context.Context, job LinkMail) error {
	return s.sendToken(ctx, func(hash []byte) (Mail, error) {
		minted, err := s.store.MintOneTimeToken(ctx, job.UserID, job.Purpose, hash, s.options.Lifetimes[job.Purpose])
		if err != nil {
			return Mail{}, err
		}
		user, err := s.store.GetUser(ctx, job.UserID)
		if err != nil {
			return Mail{}, err
		}
		mail := Mail{
			Template: links[job.Purpose].template, To: minted.SentTo, Link: links[job.Purpose].page,
			Expires: minted.ExpiresAt, Name: user.nameFor(minted.SentTo),
		}
		if job.Purpose == TokenEmailUndo {
			mail.Name, mail.NewEmail = user.Name, user.Email
			if user.PendingEmail != nil {
				mail.NewEmail = *user.PendingEmail
			}
		}
		return mail, nil
	})
}

// nameFor returns the name of the user, or nil if the address is not known to be the user's.
func (u User) nameFor(address string) *string {
	if u.EmailVerifiedAt == nil || !isSameEmail(u.Email, address) {
		return nil
	}
	return u.Name
}

// SendPasswordReset does a PasswordResetMail.
func (s *MailService) SendPasswordReset(ctx context.Context, job PasswordResetMail) error {
	return s.sendToken(ctx, func(hash []byte) (Mail, error) {
		user, err := s.store.GetUserByEmail(ctx, job.Email)
		if err == nil && !user.IsActive {
			err = ErrUserNotFound
		}
		if err != nil {
			return Mail{}, err
		}
		lifetime := s.options.Lifetimes[TokenPasswordReset]
		err = s.store.InTx(ctx, func(tx Store) error {
			_, err := tx.RequestOneTimeToken(ctx, NewOneTimeToken{
				UserID: user.ID, Purpose: TokenPasswordReset, SentTo: user.Email, TokenHash: hash, Lifetime: lifetime,
			})
			if err != nil {
				return err
			}
			return s.events.Record(ctx, tx, Event{Type: EventPasswordResetRequested, TargetID: user.ID})
		})
		return Mail{
			Template: MailPasswordReset, To: user.Email, Name: user.nameFor(user.Email),
			Link: resetPage, Expires: s.now().Add(lifetime),
		}, err
	})
}

// SendNotice does a NoticeMail.
func (s *MailService) SendNotice(ctx context.Context, job NoticeMail) error {
	user, err := s.store.GetUser(ctx, job.UserID)
	if errors.Is(err, ErrUserNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	mail := job.Mail
	if mail.To == "" {
		mail.To, mail.Name = user.Email, user.nameFor(user.Email)
	}
	mail.Link = resetPage
	return s.mailer.Send(ctx, mail)
}
