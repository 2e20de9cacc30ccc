package domain

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// MailTemplate names the text of a mail. Package mail has the texts.
type MailTemplate string

// The mails, and the fields of Mail that each needs besides To.
const (
	MailVerification       MailTemplate = "verification"         // Link, Expires
	MailPasswordReset      MailTemplate = "password_reset"       // Link, Expires
	MailPasswordChanged    MailTemplate = "password_changed"     // Link to a reset, At; changed or reset
	MailEmailChangeConfirm MailTemplate = "email_change_confirm" // Link, Expires; to the new address
	MailEmailChangeNotice  MailTemplate = "email_change_notice"  // Link that undoes it, Expires, NewEmail; to the old one
	MailEmailChanged       MailTemplate = "email_changed"        // At, NewEmail; to the old address
	MailInvitation         MailTemplate = "invitation"           // Link, Expires // scaffold:only invitations
	MailNewDeviceSignIn    MailTemplate = "new_device_sign_in"   // Link to a reset, At, UserAgent, IP
)

// MailTemplates returns all templates.
func MailTemplates() []MailTemplate {
	return []MailTemplate{
		MailVerification, MailPasswordReset, MailPasswordChanged, MailEmailChangeConfirm, MailEmailChangeNotice,
		MailEmailChanged, MailNewDeviceSignIn,
		MailInvitation, // scaffold:only invitations
	}
}

// Mail is a message to the owner of an address.
type Mail struct {
	Template MailTemplate
	To       string
	// Name greets the owner; nil where the address is not known to be that of the account, because
	// the name is then the text of a stranger.
	Name *string
	// Link is a path of the app, with the token in its fragment: /verify-email#token=…
	Link     string
	Expires  time.Time // of the link
	At       time.Time // when it happened
	NewEmail string
	// UserAgent and IP are of the client that did it; a zero IP is unknown.
	UserAgent string
	IP        netip.Addr
}

// ErrMailRejected is the permanent failure of a mail: sending it again would fail again.
var ErrMailRejected = errors.New("the mail was rejected")

// Mailer sends mails.
type Mailer interface {
	// Send returns when the server has accepted the mail. It fails with ErrMailRejected, or with
	// another error after which the mail may be sent again. A mail whose outcome is unknown is one
	// of those, so it may arrive twice.
	Send(ctx context.Context, mail Mail) error
}
