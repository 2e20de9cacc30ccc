package mail_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/mail"
	"example.com/plinth/kit/mailkit"
)

var now = time.Date(2026, 11, 30, 14, 5, 0, 0, time.UTC)

// transport keeps mails, and fails with err.
type transport struct {
	sent []mailkit.Message
	err  error
}

func (t *transport) Send(_ context.Context, message mailkit.Message) error {
	t.sent = append(t.sent, message)
	return t.err
}

func newMailer(t *testing.T, to mail.Transport, ended func(domain.MailTemplate, mail.Outcome)) *mail.Mailer {
	t.Helper()
	mailer, err := mail.New(to, mail.Options{AppName: "Plinth & Co", AppURL: "https://app.example.com/", Ended: ended})
	if err != nil {
		t.Fatal(err)
	}
	return mailer
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	mailer := newMailer(t, nil, nil)
	samples := mail.Samples(now)
	if len(samples) != len(domain.MailTemplates()) {
		t.Fatalf("%d samples of %d templates", len(samples), len(domain.MailTemplates()))
	}
	for _, sample := range samples {
		t.Run(string(sample.Template), func(t *testing.T) {
			t.Parallel()
			message, err := mailer.Render(sample)
			if err != nil {
				t.Fatal(err)
			}
			if err := message.Check(); err != nil {
				t.Error(err)
			}
			for _, want := range []string{"Hello Ada Lovelace,", "Plinth & Co", "https://app.example.com"} {
				if !strings.Contains(message.Text, want) {
					t.Errorf("the text lacks %q:\n%s", want, message.Text)
				}
				if !strings.Contains(message.HTML, strings.ReplaceAll(want, "&", "&amp;")) {
					t.Errorf("the HTML lacks %q:\n%s", want, message.HTML)
				}
			}
			for part, text := range map[string]string{"text": message.Text, "HTML": message.HTML} {
				for _, broken := range []string{"no value", "ZgotmplZ", "{{", "}}", "%!", "01-01-01"} {
					if strings.Contains(text, broken) {
						t.Errorf("the %s has %q:\n%s", part, broken, text)
					}
				}
			}
			for line := range strings.Lines(message.Text) {
				if len(line) > 73 && !strings.Contains(line, "://") {
					t.Errorf("a line of the text is %d wide: %s", len(line), line)
				}
			}
		})
	}
}

// needs are the fields that a mail cannot do without, from the comments of the templates in domain.
func TestMissingFieldIsRejected(t *testing.T) {
	t.Parallel()
	link := func(m *domain.Mail) { m.Link = "" }
	expires := func(m *domain.Mail) { m.Expires = time.Time{} }
	at := func(m *domain.Mail) { m.At = time.Time{} }
	newEmail := func(m *domain.Mail) { m.NewEmail = "" }
	needs := map[domain.MailTemplate][]func(*domain.Mail){
		domain.MailVerification:       {link, expires},
		domain.MailPasswordReset:      {link, expires},
		domain.MailPasswordChanged:    {link, at},
		domain.MailEmailChangeConfirm: {link, expires},
		domain.MailEmailChangeNotice:  {link, expires, newEmail},
		domain.MailEmailChanged:       {at, newEmail},
		domain.MailInvitation:         {link, expires}, // scaffold:only invitations
		domain.MailNewDeviceSignIn:    {link, at},
	}
	var to transport
	outcomes := make(map[mail.Outcome]int)
	mailer := newMailer(t, &to, func(_ domain.MailTemplate, outcome mail.Outcome) { outcomes[outcome]++ })
	for _, sample := range mail.Samples(now) {
		for i, omit := range needs[sample.Template] {
			incomplete := sample
			omit(&incomplete)
			if err := mailer.Send(t.Context(), incomplete); !errors.Is(err, domain.ErrMailRejected) {
				t.Errorf("%s without field %d: got %v", sample.Template, i, err)
			}
		}
		if needs[sample.Template] == nil {
			t.Errorf("%s is not in the table", sample.Template)
		}
	}
	if err := mailer.Send(t.Context(), domain.Mail{Template: "unknown"}); !errors.Is(err, domain.ErrMailRejected) {
		t.Errorf("an unknown template: got %v", err)
	}
	attempts := 1 // the unknown one
	for _, fields := range needs {
		attempts += len(fields)
	}
	if len(to.sent) > 0 || outcomes[mail.Rejected] != attempts {
		t.Errorf("%d mails were sent, the outcomes are %v", len(to.sent), outcomes)
	}
}

// What a client chose must not become markup, a link or a message of its own.
func TestClientsCannotWriteMails(t *testing.T) {
	t.Parallel()
	mailer := newMailer(t, nil, nil)
	for name, greeting := range map[string]string{
		"Ada":                              "Hello Ada,",
		"Zoë d’Arc-Łuk":                    "Hello Zoë d’Arc-Łuk,",
		"J. R. Smith Jr.":                  "Hello J. R. Smith Jr.,",
		"अनुष्का":                          "Hello अनुष्का,",
		"":                                 "Hello,",
		"evil.example":                     "Hello,",
		"https://evil.example":             "Hello,",
		"<b>Ada</b>":                       "Hello,",
		"Ada\n\nCall 555":                  "Hello,",
		"call 0800 1234":                   "Hello,",
		"ada@example.com":                  "Hello,",
		"Ada\u202eadA":                     "Hello,",
		"{{.App}}":                         "Hello,",
		strings.Repeat("your account ", 4): "Hello,",
	} {
		sample := mail.Samples(now)[0]
		sample.Name = &name
		message, err := mailer.Render(sample)
		if err != nil || !strings.HasPrefix(message.Text, greeting+"\n") || !strings.Contains(message.HTML, ">"+greeting+"<") {
			t.Errorf("%q is greeted (%v)\n%s", name, err, message.Text)
		}
	}
	evil := `x"><a href="https://evil.example">{{.App}}`
	for _, sample := range mail.Samples(now) {
		sample.UserAgent, sample.NewEmail, sample.To, sample.Link = evil, evil, evil, "/#token="+evil
		message, err := mailer.Render(sample)
		if err != nil || strings.Contains(message.HTML, "<a href=\"https://evil") || strings.Contains(message.Subject, "evil") {
			t.Errorf("%s: %v\n%s", sample.Template, err, message.HTML)
		}
	}
}

func TestNewDevice(t *testing.T) {
	t.Parallel()
	var to transport
	sample := domain.Mail{
		Template: domain.MailNewDeviceSignIn, To: "ada@example.com", At: now, Link: "/reset-password",
		IP: netip.MustParseAddr("2001:db8::1"), UserAgent: "curl/8.14.1",
	}
	if err := newMailer(t, &to, nil).Send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	want := "Time: 30 November 2026, 14:05 UTC\nDevice: curl\nIP address: 2001:db8::1\n\n" +
		"Reset password:\nhttps://app.example.com/reset-password\n"
	if got := to.sent[0]; !strings.Contains(got.Text, want) || got.To != sample.To {
		t.Errorf("to %s was sent\n%s\nwant\n%s", got.To, got.Text, want)
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	for outcome, err := range map[mail.Outcome]error{
		mail.Sent: nil, mail.Failed: errors.New("421"), mail.Rejected: fmt.Errorf("550: %w", mailkit.ErrRejected),
	} {
		var got []mail.Outcome
		mailer := newMailer(t, &transport{err: err}, func(_ domain.MailTemplate, outcome mail.Outcome) {
			got = append(got, outcome)
		})
		sent := mailer.Send(t.Context(), mail.Samples(now)[0])
		if len(got) != 1 || got[0] != outcome || !errors.Is(sent, err) {
			t.Errorf("after %v the outcome is %v, the error %v", err, got, sent)
		}
		if errors.Is(sent, domain.ErrMailRejected) != (outcome == mail.Rejected) {
			t.Errorf("after %v the error is %v", err, sent)
		}
	}
}
