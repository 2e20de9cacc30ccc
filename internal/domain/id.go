package domain

import (
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"
)

// IDs makes identifiers: ULIDs, whose order is the order of their creation to the millisecond.
type IDs struct {
	now  func() time.Time
	rand io.Reader
}

// NewIDs returns a source of identifiers; rand must be cryptographic and safe for concurrent use.
func NewIDs(now func() time.Time, rand io.Reader) *IDs { return &IDs{now: now, rand: rand} }

// New returns a new identifier in the canonical form of 26 upper-case characters.
func (i *IDs) New() (string, error) {
	id, err := ulid.New(ulid.Timestamp(i.now()), i.rand)
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return id.String(), nil
}

// IsID reports whether text is an identifier in its one canonical form.
func IsID(text string) bool {
	id, err := ulid.ParseStrict(text)
	return err == nil && id.String() == text
}
