package throttle

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"sync/atomic"

	"example.com/plinth/kit/emailaddr"
)

// Digests names accounts, networks, devices and sessions by HMACs.
type Digests struct{ key []byte }

// NewDigests returns digests with a key.
func NewDigests(key []byte) Digests { return Digests{key} }

// Key returns the key of the digests.
func (d Digests) Key() []byte { return d.key }

// Account returns the digest of an e-mail, folded as stores compare it.
func (d Digests) Account(email string) []byte { return d.of("account", emailaddr.Fold(email)) }

// Device returns the digest of a device token.
func (d Digests) Device(token string) []byte { return d.of("device", token) }

// Session returns the digest of the id of a session.
func (d Digests) Session(id string) []byte { return d.of("session", id) }

// Mailbox returns the digest of the mails of a kind to an address.
func (d Digests) Mailbox(kind, address string) []byte {
	return d.of("mail", kind+"\x00"+emailaddr.Fold(address))
}

func (d Digests) of(kind, text string) []byte {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(kind + "\x00" + text))
	return mac.Sum(nil)
}

// SharedDigests are Digests with a key that all servers of a database share.
type SharedDigests struct {
	rand   io.Reader
	getKey func(ctx context.Context, candidate []byte) ([]byte, error)
	key    atomic.Pointer[[]byte] // nil until it is read
}

// NewSharedDigests returns digests whose key getKey reads from a store. It is the candidate of the
// first call of all servers. rand must be cryptographically secure.
func NewSharedDigests(
	rand io.Reader, getKey func(ctx context.Context, candidate []byte) ([]byte, error),
) *SharedDigests {
	return &SharedDigests{rand: rand, getKey: getKey}
}

// Load returns the digests. It reads the key once.
func (s *SharedDigests) Load(ctx context.Context) (Digests, error) {
	if key := s.key.Load(); key != nil {
		return Digests{*key}, nil
	}
	candidate := make([]byte, sha256.Size)
	if _, err := io.ReadFull(s.rand, candidate); err != nil {
		return Digests{}, fmt.Errorf("making the key of throttles: %w", err)
	}
	key, err := s.getKey(ctx, candidate)
	if err != nil {
		return Digests{}, err
	}
	s.key.Store(&key)
	return Digests{key}, nil
}
