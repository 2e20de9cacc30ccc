package mail

import (
	"net/netip"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/mailkit"
)

// Previews renders a mail of each template.
func Previews(options Options, now time.Time) ([]mailkit.Message, error) {
	mailer, err := New(nil, options)
	if err != nil {
		return nil, err
	}
	var messages []mailkit.Message
	for _, sample := range Samples(now) {
		message, err := mailer.Render(sample)
		if err != nil {
			return nil, err
		}
		messages = append(messages, message)
	}
	return messages, nil
}

// Samples returns a mail of each template, for previews and tests.
func Samples(now time.Time) []domain.Mail {
	name := "Ada Lovelace"
	var samples []domain.Mail
	for _, template := range domain.MailTemplates() {
		samples = append(samples, domain.Mail{
			Template: template, To: "ada@example.com", Name: &name, NewEmail: "ada.lovelace@example.org",
			Link:    "/preview#token=Kq3vT0cX9bJmYw2sZrE7uLhN4pFaGdQ8iOe1RkV5xBM",
			Expires: now.Add(24 * time.Hour), At: now, IP: netip.MustParseAddr("203.0.113.7"),
			UserAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0",
		})
	}
	return samples
}
