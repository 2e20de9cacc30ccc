package clientkit

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Tokens are the credentials of a session. Protect them like a password.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresAt time.Time // expiry of the access token by the local clock
	// Device identifies a device that the user has logged in from. It outlives sessions and grants
	// no access.
	Device string
}

// Format hides the tokens from every verb.
func (Tokens) Format(state fmt.State, _ rune) { fmt.Fprint(state, "Tokens([redacted])") }

// LogValue hides the tokens from logs.
func (Tokens) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// TokenStore stores the tokens of a session. Programs that share a session share the store. It must
// be safe for concurrent use.
type TokenStore interface {
	// Load returns the tokens saved last, or the zero Tokens. An empty Refresh means that there is
	// no session.
	Load(ctx context.Context) (Tokens, error)
	// Save replaces the tokens. When a session ends, all fields but Device are empty.
	Save(ctx context.Context, tokens Tokens) error
}

// MemoryTokens stores the tokens in memory. The zero value is empty.
type MemoryTokens struct {
	mu     sync.Mutex
	tokens Tokens
}

// Load implements TokenStore.
func (m *MemoryTokens) Load(context.Context) (Tokens, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tokens, nil
}

// Save implements TokenStore.
func (m *MemoryTokens) Save(_ context.Context, tokens Tokens) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens = tokens
	return nil
}
