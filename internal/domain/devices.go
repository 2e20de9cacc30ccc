package domain

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/plinth/kit/auth"
)

const (
	// knownDeviceAge is how long after the last login from it a device is known.
	knownDeviceAge = 90 * 24 * time.Hour
	// maxKnownDevices bounds what a thief of many device tokens of an account gets out of them.
	maxKnownDevices = 10
)

// digests names counters and devices by HMACs with the key of the throttles.
type digests struct{ key []byte }

// digests reads the key from the store once, and makes it if it is the first.
func (s *ThrottleService) digests(ctx context.Context) (digests, error) {
	if key := s.key.Load(); key != nil {
		return digests{*key}, nil
	}
	candidate := make([]byte, sha256.Size)
	if _, err := io.ReadFull(s.rand, candidate); err != nil {
		return digests{}, fmt.Errorf("making the key of throttles: %w", err)
	}
	key, err := s.store.GetThrottleKey(ctx, candidate)
	if err != nil {
		return digests{}, err
	}
	s.key.Store(&key)
	return digests{key}, nil
}

func (d digests) of(kind, text string) []byte {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(kind + "\x00" + text))
	return mac.Sum(nil)
}

// account is the digest of an e-mail in the case in which the store compares it: ASCII letters only.
func (d digests) account(email string) []byte {
	return d.of("account", strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, email))
}

// own is the digest of the session in which a current password is asked for or, for a login, of the device if the account
// knows it; otherwise nil.
func (d digests) own(ctx context.Context, tx Store, email string, event NewAuditEvent) ([]byte, error) {
	if event.SessionID != "" {
		return d.of("session", event.SessionID), nil
	}
	token := auth.ParseDeviceToken(event.Client.DeviceToken, d.key)
	if token.IsZero() {
		return nil, nil
	}
	device := d.device(token)
	known, err := tx.IsKnownDevice(ctx, email, device, knownDeviceAge)
	if err != nil || !known {
		return nil, err
	}
	return device, nil
}

func (d digests) device(token auth.DeviceToken) []byte { return d.of("device", token.Reveal()) }

// network is one of those that a client is in. It may fail percent of what the narrowest may.
type network struct {
	digest  []byte
	percent int
}

// networks are those that a client is counted by, the narrowest first.
func (d digests) networks(client Client) []network {
	networks := []network{{d.of("network", client.Network().String()), 100}}
	for _, wider := range client.WiderNetworks() {
		networks = append(networks, network{d.of("network", wider.Prefix.String()), wider.Percent})
	}
	return networks
}

// device is one that a user logs in from.
type device struct {
	token  auth.DeviceToken
	digest []byte
}

// device returns the device whose token the client sends or, if that is none of ours, a new one.
func (s *ThrottleService) device(ctx context.Context, client Client) (device, error) {
	digests, err := s.digests(ctx)
	if err != nil {
		return device{}, err
	}
	token := auth.ParseDeviceToken(client.DeviceToken, digests.key)
	if token.IsZero() {
		if token, err = auth.NewDeviceToken(s.rand, digests.key); err != nil {
			return device{}, err
		}
	}
	return device{token, digests.device(token)}, nil
}
