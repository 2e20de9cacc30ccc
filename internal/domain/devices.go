package domain

import (
	"context"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/throttle"
)

const (
	// KnownDeviceAge is how long a device is known after its last login.
	KnownDeviceAge = 90 * 24 * time.Hour
	// maxKnownDevices bounds the use of stolen device tokens of an account.
	maxKnownDevices = 10
)

// DeviceStore stores the devices that accounts have logged in from.
type DeviceStore interface {
	// IsKnownDevice reports whether the account with this e-mail exists and has logged in from the
	// device lately.
	IsKnownDevice(ctx context.Context, email string, device []byte, lately time.Duration) (bool, error)
	// RememberDevice stores a device of a user, and deletes all but the most devices that logged in
	// last. It reports whether the device was unknown.
	RememberDevice(ctx context.Context, userID string, device []byte, most int) (isNew bool, err error)
	ForgetDevices(ctx context.Context, userID string) error

	// PurgeKnownDevices and PurgeKnownNetworks delete up to most rows without a recent login, and
	// return how many. They wait for no lock.
	PurgeKnownDevices(ctx context.Context, age time.Duration, most int) (int, error)
	PurgeKnownNetworks(ctx context.Context, age time.Duration, most int) (int, error)
}

// device is a device that a user logs in from.
type device struct {
	token  auth.DeviceToken
	digest []byte
}

// device returns the device whose token the client sends or, if that is not valid, a new one.
func (s *ThrottleService) device(ctx context.Context, client Client) (device, error) {
	digests, err := s.digests.Load(ctx)
	if err != nil {
		return device{}, err
	}
	token := auth.ParseDeviceToken(client.DeviceToken, digests.Key())
	if token.IsZero() {
		if token, err = auth.NewDeviceToken(s.rand, digests.Key()); err != nil {
			return device{}, err
		}
	}
	return device{token, digests.Device(token.Reveal())}, nil
}

// ownDigest returns the digest of the actor's session or, for a login, of the device if the account knows
// it; otherwise nil.
func ownDigest(
	ctx context.Context, tx Store, digests throttle.Digests, email string, by Actor,
) ([]byte, error) {
	if by.SessionID != "" {
		return digests.Session(by.SessionID), nil
	}
	token := auth.ParseDeviceToken(by.Client.DeviceToken, digests.Key())
	if token.IsZero() {
		return nil, nil
	}
	device := digests.Device(token.Reveal())
	known, err := tx.IsKnownDevice(ctx, email, device, KnownDeviceAge)
	if err != nil || !known {
		return nil, err
	}
	return device, nil
}
