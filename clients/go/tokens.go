package plinth

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Tokens prove a session. A party that has them acts as the user: protect them like a password.
type Tokens struct {
	Access    string
	Refresh   string
	ExpiresAt time.Time // of the access token, by this machine's clock
	// Device marks this device as one that the user has logged in from. It outlives sessions and proves nothing.
	Device string
}

// Format hides the tokens from every verb.
func (Tokens) Format(state fmt.State, _ rune) { fmt.Fprint(state, "Tokens([redacted])") }

// LogValue hides the tokens from logs.
func (Tokens) LogValue() slog.Value { return slog.StringValue("[redacted]") }

// TokenStore keeps the tokens of a session. Programs that share a session share the store. It must be safe for concurrent
// use.
type TokenStore interface {
	// Load returns the tokens that were saved last, or the zero Tokens. Without Refresh there is no session.
	Load(ctx context.Context) (Tokens, error)
	// Save replaces the tokens. When a session ends, all but Device are empty.
	Save(ctx context.Context, tokens Tokens) error
}

// MemoryTokens keeps the tokens for as long as the program runs. The zero value is empty.
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
