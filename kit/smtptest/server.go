package smtptest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options of a server; the zero value has STARTTLS and requires no user.
type Options struct {
	NoTLS       bool // neither TLS nor STARTTLS
	ImplicitTLS bool // TLS from the start, as smtps expects
	// User and Password are required if User is set.
	User, Password string
	// Address is where to listen; empty picks a free port of this machine.
	Address string
}

// Stage is a point in the protocol.
type Stage string

// The stages at which a server can fail.
const (
	Hello    Stage = "EHLO"
	MailFrom Stage = "MAIL FROM"
	RcptTo   Stage = "RCPT TO"
	Data     Stage = "DATA" // at its end, when the content was received
)

// Fault says how a server fails at a stage.
type Fault struct {
	Stage Stage
	// Code is a reply such as 451 or 550; its text quotes the recipient, as those of real servers
	// do. 0 replies with success after Delay.
	Code  int
	Delay time.Duration
	// HangUp closes the connection without a reply.
	HangUp bool
	// Hang never replies.
	Hang bool
}

// Server is a mail server. Its methods are safe for concurrent use.
type Server struct {
	options  Options
	server   *smtp.Server
	listener net.Listener
	address  string
	roots    *x509.CertPool
	closed   chan struct{}
	closing  sync.Once

	mutex   sync.Mutex
	changed chan struct{} // closed and replaced when one of the fields below changes
	mails   []Mail
	fault   Fault
	failed  int // how often since the last call of Fail
	greeted int
	open    int
}

// New starts a server, which is closed when the test ends.
func New(t testing.TB, options Options) *Server {
	t.Helper()
	s := &Server{
		options: options, closed: make(chan struct{}), changed: make(chan struct{}), roots: x509.NewCertPool(),
	}
	certified := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	defer certified.Close()
	s.roots.AddCert(certified.Certificate())
	s.server = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.server.Domain = "mail.test"
	s.server.AllowInsecureAuth = options.NoTLS
	s.server.ErrorLog = discard{}
	config := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: certified.TLS.Certificates}
	if !options.NoTLS {
		s.server.TLSConfig = config
	}
	if options.Address == "" {
		options.Address = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", options.Address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	if options.ImplicitTLS {
		listener = tls.NewListener(listener, config)
	}
	s.listener = listener
	var serving sync.WaitGroup
	serving.Go(func() { _ = s.server.Serve(listener) })
	t.Cleanup(func() {
		s.Close()
		serving.Wait()
	})
	return s
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

// Close stops the server and closes its connections.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.closed)
		_ = s.server.Close()
		_ = s.listener.Close() // which the server does not know before it serves
	})
}

// Address returns where the server listens.
func (s *Server) Address() string { return s.address }

// URL returns the URL of the server, with the credentials that it requires.
func (s *Server) URL() string {
	u := url.URL{Scheme: "smtp", Host: s.address}
	if s.options.ImplicitTLS {
		u.Scheme = "smtps"
	}
	if s.options.User != "" {
		u.User = url.UserPassword(s.options.User, s.options.Password)
	}
	return u.String()
}

// ClientTLS returns a configuration that trusts the server.
func (s *Server) ClientTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.roots}
}

// Fail makes the server fail from now on; the zero Fault ends that.
func (s *Server) Fail(fault Fault) {
	s.change(func() { s.fault, s.failed = fault, 0 })
}

// AwaitFault waits until the server begins to fail as the last call of Fail said. The test fails after
// a minute.
func (s *Server) AwaitFault(t testing.TB) {
	t.Helper()
	s.await(t, "a fault", func() bool { return s.failed > 0 })
}

// Greetings returns how often the server was greeted: twice by a connection with STARTTLS.
func (s *Server) Greetings() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.greeted
}

// AwaitDisconnected waits until no client is connected. The test fails after a minute.
func (s *Server) AwaitDisconnected(t testing.TB) {
	t.Helper()
	s.await(t, "the end of all connections", func() bool { return s.open == 0 })
}

// Mails returns the mails received so far, those without a reply included.
func (s *Server) Mails() []Mail {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.mails)
}

// Await waits for a mail to an address and returns the first one. The test fails after a minute.
func (s *Server) Await(t testing.TB, to string) (found Mail) {
	t.Helper()
	s.await(t, "a mail to "+to, func() bool {
		i := slices.IndexFunc(s.mails, func(mail Mail) bool { return mail.To == to })
		if i >= 0 {
			found = s.mails[i]
		}
		return i >= 0
	})
	return found
}

// change changes fields that await looks at.
func (s *Server) change(fields func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	fields()
	close(s.changed)
	s.changed = make(chan struct{})
}

// await waits until happened, which it calls with the lock, after each change.
func (s *Server) await(t testing.TB, what string, happened func() bool) {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		s.mutex.Lock()
		isOver, changed := happened(), s.changed
		s.mutex.Unlock()
		if isOver {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// keep keeps a mail, unless the server is about to refuse it.
func (s *Server) keep(mail Mail) {
	s.change(func() {
		if s.fault.Stage != Data || s.fault.Code == 0 {
			s.mails = append(s.mails, mail)
		}
	})
}

// at applies the fault of a stage.
func (s *Server) at(stage Stage, conn *smtp.Conn, to string) error {
	var fault Fault
	s.change(func() {
		fault = s.fault
		if fault.Stage == stage {
			s.failed++
		}
	})
	if fault.Stage != stage {
		return nil
	}
	if fault.HangUp {
		_ = conn.Conn().Close()
		return errors.New("hung up")
	}
	delay := time.After(fault.Delay)
	if fault.Hang {
		delay = nil // forever
	}
	select {
	case <-delay:
	case <-s.closed:
		return errors.New("closed")
	}
	if fault.Code == 0 {
		return nil
	}
	return &smtp.SMTPError{
		Code: fault.Code, EnhancedCode: smtp.EnhancedCode{fault.Code / 100, 1, 1}, Message: "<" + to + ">: as the test wants",
	}
}

func (s *Server) newSession(conn *smtp.Conn) (smtp.Session, error) {
	if err := s.at(Hello, conn, ""); err != nil {
		return nil, err
	}
	s.change(func() {
		s.greeted++
		s.open++
	})
	session := &session{server: s, conn: conn}
	if s.options.User == "" {
		return session, nil
	}
	return &userSession{session: session}, nil
}

// session implements smtp.Session.
type session struct {
	server *Server
	conn   *smtp.Conn
	mail   Mail
}

func (s *session) Reset() { s.mail = Mail{} }

func (s *session) Logout() error {
	s.server.change(func() { s.server.open-- })
	return nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	_, s.mail.Encrypted = s.conn.TLSConnectionState()
	s.mail.From = from
	return s.server.at(MailFrom, s.conn, s.mail.To)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.To = to
	return s.server.at(RcptTo, s.conn, s.mail.To)
}

// userSession implements smtp.AuthSession.
type userSession struct {
	*session

	authenticated bool
}

func (*userSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *userSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		options := s.server.options
		s.authenticated = user == options.User && password == options.Password
		if !s.authenticated {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *userSession) Mail(from string, options *smtp.MailOptions) error {
	if !s.authenticated {
		return smtp.ErrAuthRequired
	}
	return s.session.Mail(from, options)
}
