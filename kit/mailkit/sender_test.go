package mailkit_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/kit/mailkit"
	"example.com/plinth/kit/servertest"
	"example.com/plinth/kit/smtptest"
)

var hello = mailkit.Message{
	To: "ada@example.com", Subject: "Hello", Text: "Hello,\n\nsee https://app.example.com/#token=secret", HTML: "<p>Hello</p>",
}

// newSender returns a sender to a server that it trusts.
func newSender(t *testing.T, server *smtptest.Server, options mailkit.Options) *mailkit.Sender {
	t.Helper()
	options.TLS = server.ClientTLS()
	return newSenderTo(t, server.URL(), options)
}

func newSenderTo(t *testing.T, url string, options mailkit.Options) *mailkit.Sender {
	t.Helper()
	options.From = mail.Address{Name: "Plinth", Address: "no-reply@example.com"}
	sender, err := mailkit.NewSender(url, time.Now, rand.Reader, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sender.Close)
	return sender
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]smtptest.Options{
		"STARTTLS":       {},
		"TLS":            {ImplicitTLS: true},
		"STARTTLS, user": {User: "plinth@example.com", Password: "p@ss:w/rd"},
		"TLS, user":      {ImplicitTLS: true, User: "plinth", Password: "secret"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := smtptest.New(t, options)
			must(t, newSender(t, server, mailkit.Options{RequireTLS: true}).Send(t.Context(), hello))
			got := server.Await(t, hello.To)
			if got.From != "no-reply@example.com" || !got.Encrypted || got.Subject != hello.Subject ||
				got.HTML != hello.HTML || strings.ReplaceAll(got.Text, "\r\n", "\n") != hello.Text {
				t.Errorf("received %+v", got)
			}
		})
	}
}

func TestTLSIsRequired(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{NoTLS: true, User: "plinth", Password: "canary"})
	err := newSender(t, server, mailkit.Options{RequireTLS: true}).Send(t.Context(), hello)
	wantTemporary(t, err, "TLS is required")
	must(t, newSender(t, server, mailkit.Options{}).Send(t.Context(), hello)) // a server on this machine

	untrusted := newSenderTo(t, smtptest.New(t, smtptest.Options{}).URL(), mailkit.Options{})
	wantTemporary(t, untrusted.Send(t.Context(), hello), "certificate")
	untrusted = newSenderTo(t, smtptest.New(t, smtptest.Options{ImplicitTLS: true}).URL(), mailkit.Options{})
	wantTemporary(t, untrusted.Send(t.Context(), hello), "certificate")
	if len(server.Mails()) != 1 {
		t.Errorf("the server received %d mails, want 1", len(server.Mails()))
	}
}

// A server that refuses the service refuses all mails until an operator acts: retry them.
func TestWrongCredentialsAreTemporary(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{User: "plinth", Password: "right"})
	wrong := strings.Replace(server.URL(), "right", "canary", 1)
	for url, want := range map[string]string{
		wrong: "535", strings.Replace(server.URL(), "plinth:right@", "", 1): "502",
	} {
		err := newSenderTo(t, url, mailkit.Options{TLS: server.ClientTLS()}).Send(t.Context(), hello)
		wantTemporary(t, err, want)
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}

func wantTemporary(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || errors.Is(err, mailkit.ErrRejected) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want a temporary failure with %q", err, want)
	}
	if err != nil && (strings.Contains(err.Error(), "ada@") || strings.Contains(err.Error(), "token")) {
		t.Errorf("the error has personal data: %v", err)
	}
}

func TestReplies(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stage     smtptest.Stage
		code      int
		permanent bool
	}{
		{smtptest.Hello, 421, false},
		{smtptest.Hello, 554, false},
		{smtptest.MailFrom, 451, false},
		{smtptest.MailFrom, 550, false}, // the sender is not allowed, which is about all mails
		{smtptest.RcptTo, 450, false},
		{smtptest.RcptTo, 550, true},
		{smtptest.Data, 452, false},
		{smtptest.Data, 554, true},
	} {
		t.Run(fmt.Sprintf("%s %d", test.stage, test.code/100), func(t *testing.T) {
			t.Parallel()
			server := smtptest.New(t, smtptest.Options{})
			sender := newSender(t, server, mailkit.Options{})
			server.Fail(smtptest.Fault{Stage: test.stage, Code: test.code})
			err := sender.Send(t.Context(), hello)
			if err == nil || errors.Is(err, mailkit.ErrRejected) != test.permanent {
				t.Errorf("got %v, want a failure that is permanent: %t", err, test.permanent)
			}
			if strings.Contains(err.Error(), hello.To) || !strings.Contains(err.Error(), "as the test wants") {
				t.Errorf("the error has the recipient, or lacks the reply: %v", err)
			}
			server.Fail(smtptest.Fault{})
			must(t, sender.Send(t.Context(), hello))
		})
	}
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	sender := newSenderTo(t, "smtp://"+servertest.UnusedAddress(t), mailkit.Options{})
	wantTemporary(t, sender.Send(t.Context(), hello), "connecting")
}

func TestServerThatHangsOrHangsUp(t *testing.T) {
	t.Parallel()
	for _, stage := range []smtptest.Stage{smtptest.Hello, smtptest.MailFrom, smtptest.RcptTo, smtptest.Data} {
		t.Run(string(stage), func(t *testing.T) {
			t.Parallel()
			server := smtptest.New(t, smtptest.Options{})
			sender := newSender(t, server, mailkit.Options{Timeout: 200 * time.Millisecond})
			server.Fail(smtptest.Fault{Stage: stage, Hang: true})
			if err := sender.Send(t.Context(), hello); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want a timeout", err)
			}
			server.Fail(smtptest.Fault{Stage: stage, HangUp: true})
			patient := newSender(t, server, mailkit.Options{})
			wantTemporary(t, patient.Send(t.Context(), hello), "")
			server.Fail(smtptest.Fault{})
			must(t, patient.Send(t.Context(), hello))
		})
	}
}

// A job that is told to stop does not wait for the server.
func TestCancel(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	server.Fail(smtptest.Fault{Stage: smtptest.Data, Hang: true})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		server.Await(t, hello.To) // it has the content
		cancel()
	}()
	if err := newSender(t, server, mailkit.Options{}).Send(ctx, hello); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancellation", err)
	}
}

func TestSlowServerInTime(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	server.Fail(smtptest.Fault{Stage: smtptest.Data, Delay: 100 * time.Millisecond})
	must(t, newSender(t, server, mailkit.Options{}).Send(t.Context(), hello))
}

func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	sender := newSender(t, server, mailkit.Options{MaxConns: 2})
	for range 5 {
		must(t, sender.Send(t.Context(), hello))
	}
	if n := server.Greetings(); n != 2 { // EHLO, and again after STARTTLS
		t.Errorf("5 mails in a row were sent after %d greetings, want those of one connection", n)
	}
	server.Fail(smtptest.Fault{Stage: smtptest.Data, Delay: 10 * time.Millisecond})
	var sending sync.WaitGroup
	for range 10 {
		sending.Go(func() {
			if err := sender.Send(t.Context(), hello); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	if n := server.Greetings(); n > 4 {
		t.Errorf("10 mails at once were sent after %d greetings, want those of at most two connections", n)
	}
	if n := len(server.Mails()); n != 15 {
		t.Errorf("the server received %d mails, want 15", n)
	}
}

// A server may close idle connections at any time.
func TestDeadIdleConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	first := smtptest.New(t, smtptest.Options{})
	sender := newSender(t, first, mailkit.Options{})
	must(t, sender.Send(t.Context(), hello))
	first.Close()
	wantTemporary(t, sender.Send(t.Context(), hello), "connecting")
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	sender := newSender(t, server, mailkit.Options{IdleTimeout: time.Nanosecond})
	must(t, sender.Send(t.Context(), hello))
	server.AwaitDisconnected(t)
	sender = newSender(t, server, mailkit.Options{})
	must(t, sender.Send(t.Context(), hello))
	sender.Close()
	server.AwaitDisconnected(t)
}

func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	from := mail.Address{Address: "no-reply@example.com"}
	for url, from := range map[string]mail.Address{
		"http://user:canary@mail.example.com": from,
		"smtp://":                             from,
		"smtp://%zz:canary@mail.example.com":  from,
		"smtp://mail.example.com":             {Address: "no-reply"},
	} {
		_, err := mailkit.NewSender(url, time.Now, rand.Reader, mailkit.Options{From: from})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
