//go:build faults

package faults_test

import (
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/smtptest"
)

// aiosmtpd is a mail server that shares no code with ours. It requires STARTTLS.
type aiosmtpd struct {
	*process

	port, dir string
}

func startAiosmtpd(t *testing.T) *aiosmtpd {
	t.Helper()
	s := &aiosmtpd{port: freePort(t), dir: folder(t)}
	certified := httptest.NewTLSServer(nil) // has a certificate for 127.0.0.1
	defer certified.Close()
	key, err := x509.MarshalPKCS8PrivateKey(certified.TLS.Certificates[0].PrivateKey)
	must(t, err)
	for name, block := range map[string]pem.Block{
		s.certificate(): {Type: "CERTIFICATE", Bytes: certified.Certificate().Raw}, s.key(): {Type: "PRIVATE KEY", Bytes: key},
	} {
		must(t, os.WriteFile(name, pem.EncodeToMemory(&block), 0o600))
	}
	s.start(t)
	return s
}

func (s *aiosmtpd) certificate() string { return filepath.Join(s.dir, "certificate.pem") }
func (s *aiosmtpd) key() string         { return filepath.Join(s.dir, "key.pem") }
func (s *aiosmtpd) address() string     { return "127.0.0.1:" + s.port }

// start starts it, again after a kill, and waits until it accepts connections.
func (s *aiosmtpd) start(t *testing.T) {
	t.Helper()
	s.process = spawn(t, processOpts{}, programs["aiosmtpd"], "--nosetuid", "--listen", s.address(),
		"--tlscert", s.certificate(), "--tlskey", s.key(), "--class", "aiosmtpd.handlers.Mailbox", filepath.Join(s.dir, "mails"))
	for begin := time.Now(); ; during(t, 10*time.Millisecond) {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.address())
		if err == nil {
			must(t, conn.Close())
			return
		}
		if time.Since(begin) > patience {
			t.Fatalf("aiosmtpd does not listen: %v\n%s", err, s.output)
		}
	}
}

// settings are those of a replica that sends mails to it.
func (s *aiosmtpd) settings() map[string]string {
	return map[string]string{"MAIL_URL": "smtp://" + s.address(), "SSL_CERT_FILE": s.certificate()}
}

// mails returns what has arrived, from the Maildir.
func (s *aiosmtpd) mails(t *testing.T) (mails []smtptest.Mail) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "mails", "new", "*"))
	must(t, err)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		must(t, err)
		mail, err := smtptest.Parse(raw)
		must(t, err)
		mail.To = mail.Header.Get("X-Rcptto") // of the envelope
		mails = append(mails, mail)
	}
	return mails
}

func TestMailServerOfAnotherMaker(t *testing.T) {
	row := report(t, "mail server of another maker (aiosmtpd, STARTTLS) killed and restarted")
	databaseURL, server := pgtest.URL(t), startAiosmtpd(t)
	r := start(t, replicaOpts{databaseURL: databaseURL, changes: server.settings()})
	c := newCaller(r.url, &row.count)
	const accounts = 20
	register(t, c, accounts/2, http.StatusCreated)
	server.kill()
	register(t, c, accounts/2, http.StatusCreated)
	r.await(t, "job failed, it runs again")
	server.start(t)
	arrived, repeated := wantMails(t, databaseURL, func() []smtptest.Mail { return server.mails(t) }, c)
	if arrived != accounts {
		t.Errorf("%d accounts, want %d", arrived, accounts)
	}
	row.saw("%d mails arrived encrypted, %d of them again", arrived, repeated)
	r.stop(t)
}
