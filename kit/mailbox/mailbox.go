package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/mailkit"
)

// limit is the number of mails that are kept.
const limit = 200

// Mail is a kept mail.
type Mail struct {
	ID      string    `json:"id"`
	Date    time.Time `json:"date"`
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
}

// Options of a Mailbox; the zero value works.
type Options struct {
	// Title is the name of the service.
	Title string
	// Dir is a folder that processes share. Empty keeps mails in memory.
	Dir string
	// Previews returns a mail of each kind; nil has none.
	Previews func() ([]mailkit.Message, error)
}

// Mailbox keeps mails. It is safe for concurrent use if rand is.
type Mailbox struct {
	options Options
	now     func() time.Time
	ids     *idgen.Generator

	mutex sync.Mutex
	mails []Mail // without a folder; the newest is the last
}

// New returns an empty Mailbox, or the one in a folder.
func New(now func() time.Time, rand io.Reader, options Options) *Mailbox {
	return &Mailbox{options: options, now: now, ids: idgen.New(now, rand)}
}

// Send keeps a mail. It fails with [mailkit.ErrRejected] if the mail could not be sent.
func (m *Mailbox) Send(_ context.Context, message mailkit.Message) error {
	if err := message.Check(); err != nil {
		return err
	}
	id, err := m.ids.New()
	if err != nil {
		return err
	}
	mail := newMail(id, m.now(), message)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.options.Dir != "" {
		return m.write(mail)
	}
	m.mails = append(m.mails, mail)
	m.mails = m.mails[max(0, len(m.mails)-limit):]
	return nil
}

func newMail(id string, date time.Time, message mailkit.Message) Mail {
	return Mail{ID: id, Date: date, To: message.To, Subject: message.Subject, Text: message.Text, HTML: message.HTML}
}

// Mails returns the mails, the newest first.
func (m *Mailbox) Mails() ([]Mail, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	mails := slices.Clone(m.mails)
	if m.options.Dir != "" {
		var err error
		if mails, err = m.read(); err != nil {
			return nil, err
		}
	}
	slices.Reverse(mails)
	return mails, nil
}

const suffix = ".json"

// write writes a mail to the folder, and deletes the oldest beyond the limit. The name of a file is
// the id, which sorts by time.
func (m *Mailbox) write(mail Mail) error {
	const ownerOnly = 0o700
	if err := os.MkdirAll(m.options.Dir, ownerOnly); err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	encoded, err := json.Marshal(mail)
	if err != nil {
		return err
	}
	path := filepath.Join(m.options.Dir, mail.ID+suffix)
	if err := os.WriteFile(path+".new", encoded, 0o600); err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil { // readers see all of it
		return fmt.Errorf("keeping a mail: %w", err)
	}
	names, err := m.names()
	for _, name := range names[:max(0, len(names)-limit)] {
		_ = os.Remove(filepath.Join(m.options.Dir, name)) // another process may have done it
	}
	return err
}

// names lists the files of the folder, the oldest first.
func (m *Mailbox) names() ([]string, error) {
	entries, err := os.ReadDir(m.options.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, entry := range entries {
		if id, isMail := strings.CutSuffix(entry.Name(), suffix); isMail && idgen.Valid(id) {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

func (m *Mailbox) read() ([]Mail, error) {
	names, err := m.names()
	if err != nil {
		return nil, err
	}
	var mails []Mail
	for _, name := range names {
		encoded, err := os.ReadFile(filepath.Join(m.options.Dir, name)) //nolint:gosec // G304: from the folder itself
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process has deleted it
		}
		if err != nil {
			return nil, err
		}
		var mail Mail
		if err := json.Unmarshal(encoded, &mail); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		mails = append(mails, mail)
	}
	return mails, nil
}
