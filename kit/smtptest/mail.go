package smtptest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"

	"github.com/emersion/go-smtp"
)

// Mail is a received mail.
type Mail struct {
	From, To  string // of the envelope
	Encrypted bool
	Raw       string
	Header    mail.Header
	Subject   string
	Text      string
	HTML      string
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	received := s.mail
	if err := received.parse(raw); err != nil {
		return &smtp.SMTPError{Code: 554, Message: "malformed: " + err.Error()}
	}
	s.server.keep(received)
	return s.server.at(Data, s.conn, received.To)
}

// Parse reads a message as New's server does, from another server. It has no envelope.
func Parse(raw []byte) (Mail, error) {
	var m Mail
	err := m.parse(raw)
	return m, err
}

// parse reads a multipart/alternative message.
func (m *Mail) parse(raw []byte) error {
	m.Raw = string(raw)
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	m.Header = parsed.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return err
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return fmt.Errorf("it is a %s (%w)", kind, err)
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return err
		}
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "text/plain":
			m.Text = string(body)
		case "text/html":
			m.HTML = string(body)
		}
	}
}
