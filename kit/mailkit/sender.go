package mailkit

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"
)

// Options of a Sender.
type Options struct {
	// From is the sender of all mails.
	From mail.Address
	// RequireTLS refuses servers of smtp URLs without STARTTLS.
	RequireTLS bool
	// TLS is the configuration of connections; nil trusts the authorities of the system.
	TLS *tls.Config
	// Timeout bounds the sending of one mail; 0 means 30 seconds. After it the outcome may be
	// unknown, and a retry sends the mail twice.
	Timeout time.Duration
	// MaxConns is the limit of connections; 0 means 4.
	MaxConns int
	// IdleTimeout is how long an unused connection is kept; 0 means 30 seconds.
	IdleTimeout time.Duration
}

// Sender sends mails through one server. It is safe for concurrent use if rand is.
type Sender struct {
	pool    *pool
	now     func() time.Time
	rand    io.Reader
	options Options
	domain  string // of From
}

// NewSender returns a sender to the server of a URL: smtp://user:password@host:587 with STARTTLS if
// the server has it, or smtps://user:password@host:465 with TLS. The user and the port are optional.
// It does not connect yet.
func NewSender(serverURL string, now func() time.Time, rand io.Reader, options Options) (*Sender, error) {
	server, err := parse(serverURL)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(options.From.Address, "@")
	if parsed, err := mail.ParseAddress(options.From.String()); err != nil || parsed.Address != options.From.Address {
		return nil, errors.New("the sender of mails is not an address")
	}
	server.helo, server.requireTLS, server.tls = domain, options.RequireTLS, options.TLS
	options.Timeout = cmp.Or(options.Timeout, 30*time.Second)
	return &Sender{
		pool: newPool(server, cmp.Or(options.MaxConns, 4), cmp.Or(options.IdleTimeout, 30*time.Second)),
		now:  now, rand: rand, options: options, domain: domain,
	}, nil
}

// parse reads a URL. Its error does not quote it, because it may have a password.
func parse(serverURL string) (server, error) {
	u, err := url.Parse(serverURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return server{}, errors.New("the URL of the mail server is not smtp://host or smtps://host")
	}
	password, _ := u.User.Password()
	port := map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	return server{
		host: u.Hostname(), port: cmp.Or(u.Port(), port), user: u.User.Username(), password: password,
		implicitTLS: u.Scheme == "smtps",
	}, nil
}

// Send returns when the server has accepted the mail. It fails with [ErrRejected] if the mail itself
// cannot be sent, and with another error if a retry may succeed.
func (s *Sender) Send(ctx context.Context, message Message) error {
	id, err := s.messageID()
	if err != nil {
		return err
	}
	msg, err := message.compose(s.options.From, id, s.now())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	envelope := envelope{from: s.options.From.Address, to: message.To, msg: msg}
	if err := s.pool.send(ctx, envelope); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) { // the connection may notice before ctx does
			err = fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
		}
		return fmt.Errorf("sending a mail: %w", withoutPersonalData(err, message.To))
	}
	return nil
}

// Close closes idle connections. No mail may be sent afterwards.
func (s *Sender) Close() { s.pool.close() }

// messageID returns a new Message-ID. An attempt must not reuse the one of an earlier attempt:
// mailboxes may drop the second mail as a duplicate, and only its link may be valid.
func (s *Sender) messageID() (string, error) {
	var random [16]byte
	if _, err := io.ReadFull(s.rand, random[:]); err != nil {
		return "", fmt.Errorf("making a Message-ID: %w", err)
	}
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(random[:])
	return strings.ToLower(text) + "@" + s.domain, nil
}
