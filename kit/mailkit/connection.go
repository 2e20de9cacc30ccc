package mailkit

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// server is where mails are sent.
type server struct {
	host, port     string
	user, password string // no user means no authentication
	implicitTLS    bool   // smtps
	requireTLS     bool
	tls            *tls.Config
	helo           string
}

// connection is an authenticated session with a server.
type connection struct {
	raw    net.Conn
	client *smtp.Client
	expiry *time.Timer // while it is idle
}

// envelope is a mail on its way.
type envelope struct {
	from, to string
	msg      *gomail.Msg
}

// dial connects, encrypts and authenticates.
func (s server) dial(ctx context.Context) (*connection, error) {
	raw, err := s.dialer().DialContext(ctx, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		return nil, &failure{action: "connecting", err: err}
	}
	c := &connection{raw: raw}
	defer c.watch(ctx)()
	if err := s.start(c); err != nil {
		c.close()
		return nil, explain(ctx, err)
	}
	return c, nil
}

func (s server) dialer() interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
} {
	if s.implicitTLS {
		return &tls.Dialer{Config: s.tlsConfig()}
	}
	return &net.Dialer{}
}

func (s server) tlsConfig() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.tls != nil {
		config = s.tls.Clone()
	}
	config.ServerName = cmp.Or(config.ServerName, s.host)
	return config
}

// start begins the session of a connection.
func (s server) start(c *connection) (err error) {
	if c.client, err = smtp.NewClient(c.raw, s.host); err != nil {
		return &failure{action: "connecting", err: err}
	}
	if err := c.client.Hello(s.helo); err != nil {
		return &failure{action: "EHLO", err: err}
	}
	hasStartTLS, _ := c.client.Extension("STARTTLS")
	switch {
	case s.implicitTLS:
	case hasStartTLS:
		if err := c.client.StartTLS(s.tlsConfig()); err != nil {
			return &failure{action: "STARTTLS", err: err}
		}
	case s.requireTLS:
		return &failure{action: "STARTTLS", err: errors.New("the server does not offer it, and TLS is required")}
	}
	return s.authenticate(c)
}

func (s server) authenticate(c *connection) error {
	if s.user == "" {
		return nil
	}
	_, offered := c.client.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(offered))
	var auth smtp.Auth
	switch has := func(name string) bool { return slices.Contains(mechanisms, name) }; {
	case has("SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(s.user, s.password)
	case has("PLAIN"): // not without TLS, except on this machine
		auth = smtp.PlainAuth("", s.user, s.password, s.host, false)
	case has("LOGIN"): // as above
		auth = smtp.LoginAuth(s.user, s.password, s.host, false)
	default:
		return &failure{action: "AUTH", err: errors.New("the server offers none of SCRAM-SHA-256, PLAIN, LOGIN")}
	}
	if err := c.client.Auth(auth); err != nil {
		return &failure{action: "AUTH", err: err}
	}
	return nil
}

// wake fails if an idle connection does not work anymore.
func (c *connection) wake(ctx context.Context) error {
	defer c.watch(ctx)()
	return c.client.Noop()
}

// send sends a mail. After an error the connection must be closed.
func (c *connection) send(ctx context.Context, mail envelope) error {
	defer c.watch(ctx)()
	return explain(ctx, c.transmit(mail))
}

func (c *connection) transmit(mail envelope) error {
	c.client.SkipSMTPUTF8(isASCII(mail.from + mail.to)) // servers on the way may lack it
	if err := c.client.Mail(mail.from); err != nil {
		return &failure{action: "MAIL FROM", err: err}
	}
	if err := c.client.Rcpt(mail.to); err != nil {
		return &failure{action: "RCPT TO", err: err, isOfMail: true}
	}
	body, err := c.client.Data()
	if err != nil {
		return &failure{action: "DATA", err: err, isOfMail: true}
	}
	if _, err := mail.msg.WriteTo(body); err != nil {
		return &failure{action: "sending the content", err: err}
	}
	if err := body.Close(); err != nil {
		return &failure{action: "end of DATA", err: err, isOfMail: true}
	}
	return nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > '~' })
}

// watch applies the deadline of ctx, and closes the connection if ctx ends before the returned
// function is called.
func (c *connection) watch(ctx context.Context) (stop func() bool) {
	deadline, _ := ctx.Deadline()
	_ = c.raw.SetDeadline(deadline) // a closed connection fails at its next use
	return context.AfterFunc(ctx, c.close)
}

// explain names the reason for a connection that watch closed.
func explain(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

func (c *connection) close() { _ = c.raw.Close() }

// quit ends the session, and waits for the server only briefly.
func (c *connection) quit() {
	const patience = time.Second
	_ = c.raw.SetDeadline(time.Now().Add(patience)) //nolint:forbidigo // deadlines are of the real clock
	_ = c.client.Quit()
	c.close()
}
