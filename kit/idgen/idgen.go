package idgen

import (
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"
)

// Generator makes identifiers. It is safe for concurrent use if rand is.
type Generator struct {
	now  func() time.Time
	rand io.Reader
}

// New returns a Generator. rand must be cryptographically secure and safe for concurrent use.
func New(now func() time.Time, rand io.Reader) *Generator { return &Generator{now: now, rand: rand} }

// New returns a new identifier: 26 upper-case characters of Crockford's Base32.
func (g *Generator) New() (string, error) {
	id, err := ulid.New(ulid.Timestamp(g.now()), g.rand)
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return id.String(), nil
}

// Valid reports whether text is an identifier in canonical form.
func Valid(text string) bool {
	id, err := ulid.ParseStrict(text)
	return err == nil && id.String() == text
}
