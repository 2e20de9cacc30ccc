package main

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/emersion/go-smtp"

	"example.com/plinth/lab/bench/load"
)

// measureMails measures what mails cost requests. Each login is from a device that the account does
// not know, so that each enqueues a mail, which the server sends beside the next logins.
func measureMails(ctx context.Context, l *lab) (rows []row, err error) {
	mails, settings, err := l.startMailServer(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, mails.server.Close()) }()
	on, err := l.startServer(ctx, l.database, settings...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, on.stop()) }()
	database, err := l.newDatabase(ctx, "silent") // on one database it would run the jobs of the other, too
	if err != nil {
		return nil, err
	}
	off, err := l.startServer(ctx, database)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, off.stop()) }()
	me, err := l.compareNew(ctx, on, off, currentUserRequests)
	if err != nil {
		return nil, err
	}
	before := mails.received.Load()
	login, err := l.compareNew(ctx, on, off, successfulLogins)
	if err != nil {
		return nil, err
	}
	if mails.received.Load() == before {
		return nil, errors.New("no mails arrived")
	}
	return []row{
		{
			"GET /users/me, mails on, requests/s", "off", fmt.Sprintf("%.2f (CPU a request %.2f)", me.rate, me.cpu),
			"≥ 0.90", new(me.rate >= 0.90),
		},
		{
			"POST /auth/login, a mail about each, requests/s", "no mails",
			fmt.Sprintf("%.2f (%.0f/s, CPU a request %.2f)", login.rate, login.requestRate, login.cpu), "≥ 0.80", new(login.rate >= 0.80),
		},
	}, nil
}

// successfulLogins returns logins of two accounts: as many as two processors hash at once. More
// would be shed.
func successfulLogins(ctx context.Context, p *program) ([][]byte, error) {
	requests := make([][]byte, 2)
	for i := range requests {
		email := newEmail()
		if _, _, err := registerAs(ctx, p, email); err != nil {
			return nil, err
		}
		body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
		requests[i] = load.Request(http.MethodPost, "/api/v1/auth/login", body)
	}
	return requests, nil
}

// mailServer discards mails.
type mailServer struct {
	server   *smtp.Server
	received atomic.Int64
}

// startMailServer starts a mail server with TLS, and returns the settings that lead to it.
func (l *lab) startMailServer(ctx context.Context) (*mailServer, []string, error) {
	certified := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	defer certified.Close()
	file := filepath.Join(l.dir, "certificate.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: certified.Certificate().Raw}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, nil, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	m := new(mailServer)
	m.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return m, nil }))
	m.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: certified.TLS.Certificates}
	go m.server.Serve(listener) //nolint:errcheck // closed at the end
	return m, []string{
		"MAIL_URL=smtp://" + listener.Addr().String(), "MAIL_FROM=no-reply@example.com", "APP_URL=" + origin, "SSL_CERT_FILE=" + file,
		"RATE_LIMIT_MAIL=1000000/1m",
	}, nil
}

// Mail implements smtp.Session.
func (*mailServer) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements smtp.Session.
func (*mailServer) Rcpt(string, *smtp.RcptOptions) error { return nil }

// Data implements smtp.Session.
func (m *mailServer) Data(r io.Reader) error {
	m.received.Add(1)
	_, err := io.Copy(io.Discard, r)
	return err
}

// Reset implements smtp.Session.
func (*mailServer) Reset() {}

// Logout implements smtp.Session.
func (*mailServer) Logout() error { return nil }
