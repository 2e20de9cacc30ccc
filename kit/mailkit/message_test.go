package mailkit_test

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/mailkit"
	"example.com/plinth/kit/smtptest"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	sender := newSender(t, server, mailkit.Options{})
	message := hello
	message.Subject = "Grüße aus Zürich: " + strings.Repeat("ein langer Betreff ", 10)
	must(t, sender.Send(t.Context(), message))
	must(t, sender.Send(t.Context(), message))
	mails := server.Mails()
	header := mails[0].Header
	if date, err := header.Date(); err != nil || time.Since(date) > time.Minute {
		t.Errorf("Date is %s (%v)", header.Get("Date"), err)
	}
	if id := header.Get("Message-Id"); !strings.HasSuffix(id, "@example.com>") || id == mails[1].Header.Get("Message-Id") {
		t.Errorf("Message-ID is %s, and then %s", id, mails[1].Header.Get("Message-Id"))
	}
	if mails[0].Subject != message.Subject {
		t.Errorf("the subject is %q", mails[0].Subject)
	}
	for name, want := range map[string]string{
		"From": `"Plinth" <no-reply@example.com>`, "To": "<ada@example.com>", "Auto-Submitted": "auto-generated",
		"Mime-Version": "1.0", "List-Unsubscribe": "", "Precedence": "", "User-Agent": "", "X-Mailer": "",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	head, _, _ := strings.Cut(mails[0].Raw, "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		if len(line) > 78 {
			t.Errorf("a line has %d characters: %s", len(line), line)
		}
	}
	if text, html := strings.Index(mails[0].Raw, "text/plain"), strings.Index(mails[0].Raw, "text/html"); text > html {
		t.Error("the HTML, which clients prefer if it is last, is first")
	}
}

func TestUnsubscribe(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	sender := newSender(t, server, mailkit.Options{})
	message := hello
	message.Unsubscribe = "https://app.example.com/unsubscribe?u=1"
	must(t, sender.Send(t.Context(), message))
	header := server.Await(t, message.To).Header
	if header.Get("List-Unsubscribe") != "<"+message.Unsubscribe+">" ||
		header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("the header is %v", header)
	}
	message.Unsubscribe = "mailto:list@example.com"
	if err := sender.Send(t.Context(), message); !errors.Is(err, mailkit.ErrRejected) {
		t.Errorf("got %v", err)
	}
}

// No value that reaches a header can end it.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	sender := newSender(t, server, mailkit.Options{})
	for _, evil := range []string{
		"\r\nBcc: eve@example.com", "\nBcc: eve@example.com", "\rBcc: eve@example.com", "\x00", "\u0085Bcc: eve@example.com",
	} {
		for name, change := range map[string]func(*mailkit.Message){
			"To":          func(m *mailkit.Message) { m.To += evil },
			"To, quoted":  func(m *mailkit.Message) { m.To = `"` + evil + `"@example.com` },
			"Subject":     func(m *mailkit.Message) { m.Subject += evil },
			"Unsubscribe": func(m *mailkit.Message) { m.Unsubscribe = "https://app.example.com/" + evil },
		} {
			message := hello
			change(&message)
			if err := sender.Send(t.Context(), message); !errors.Is(err, mailkit.ErrRejected) {
				t.Errorf("%s with %q: got %v", name, evil, err)
			}
		}
	}
	for _, to := range []string{
		"", "ada", "ada@example.com, eve@example.com", "Ada <ada@example.com>", "ada@example.com>", "<ada@example.com>",
		"ada@example.com> SIZE=1",
	} {
		message := hello
		message.To = to
		if err := sender.Send(t.Context(), message); !errors.Is(err, mailkit.ErrRejected) {
			t.Errorf("To %q: got %v", to, err)
		}
	}
	if mails := server.Mails(); len(mails) > 0 {
		t.Errorf("the server received %d mails", len(mails))
	}
}

// A name of the sender is the operator's, and may have any characters that are printed.
func TestSenderName(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{})
	for _, name := range []string{`Zoë "Shop", Inc. <eve@example.com>`, "例え", ""} {
		from := mail.Address{Name: name, Address: "no-reply@example.com"}
		sender, err := mailkit.NewSender(server.URL(), time.Now, strings.NewReader(strings.Repeat("x", 16)), mailkit.Options{
			From: from, TLS: server.ClientTLS(),
		})
		must(t, err)
		t.Cleanup(sender.Close)
		must(t, sender.Send(t.Context(), hello))
		mails := server.Mails()
		got, err := mails[len(mails)-1].Header.AddressList("From")
		if err != nil || len(got) != 1 || *got[0] != from {
			t.Errorf("%q became %v (%v)", name, got, err)
		}
		if err := sender.Send(t.Context(), hello); err == nil {
			t.Error("it sends without randomness for the Message-ID")
		}
	}
}

func TestMailWithoutPartIsRejected(t *testing.T) {
	t.Parallel()
	sender := newSenderTo(t, "smtp://127.0.0.1:9", mailkit.Options{})
	for name, change := range map[string]func(*mailkit.Message){
		"text":    func(m *mailkit.Message) { m.Text = "" },
		"HTML":    func(m *mailkit.Message) { m.HTML = "" },
		"subject": func(m *mailkit.Message) { m.Subject = "" },
	} {
		message := hello
		change(&message)
		if err := sender.Send(t.Context(), message); !errors.Is(err, mailkit.ErrRejected) {
			t.Errorf("without %s: got %v", name, err)
		}
	}
}
