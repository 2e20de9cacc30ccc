package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
)

// ReserveAttempt implements domain.ThrottleStore.
func (s *Store) ReserveAttempt(
	ctx context.Context, key domain.ThrottleKey, policy domain.ThrottlePolicy,
) (domain.Reservation, error) {
	until, err := s.queries.ReserveAttempt(ctx, dbsqlc.ReserveAttemptParams{
		AccountKey: toKey(key.Account), NetworkKey: toKey(key.Source), Free: int32(policy.Free), //nolint:gosec // G115: a setting
		ForgivenSeconds: policy.ForgiveAfter.Seconds(), FirstSeconds: policy.FirstDelay.Seconds(),
		MostSeconds: policy.MostDelay.Seconds(),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return domain.Reservation{}, s.tooManyAttempts(ctx, key)
	}
	return domain.Reservation{Key: key, Policy: policy, Until: until}, translate(err, nil)
}

// tooManyAttempts returns ErrTooManyAttempts with the time that a counter is still blocked.
func (s *Store) tooManyAttempts(ctx context.Context, key domain.ThrottleKey) error {
	seconds, err := s.queries.GetThrottleWait(ctx, dbsqlc.GetThrottleWaitParams{
		AccountKey: toKey(key.Account), NetworkKey: toKey(key.Source),
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // which means that it has just been cleared
		return translate(err, nil)
	}
	return domain.ErrTooManyAttempts.After(time.Duration(seconds * float64(time.Second)))
}

// toKey makes no key the empty key, not NULL.
func toKey(key []byte) []byte { return append([]byte{}, key...) }

// RefundAttempt implements domain.ThrottleStore.
func (s *Store) RefundAttempt(ctx context.Context, reservation domain.Reservation) error {
	return translate(s.queries.RefundAttempt(ctx, dbsqlc.RefundAttemptParams{
		AccountKey: toKey(reservation.Key.Account), NetworkKey: toKey(reservation.Key.Source),
		ForgivenSeconds: reservation.Policy.ForgiveAfter.Seconds(), ReservedUntil: reservation.Until,
	}), nil)
}

// ForgiveAttempts implements domain.ThrottleStore.
func (s *Store) ForgiveAttempts(ctx context.Context, key domain.ThrottleKey) error {
	return translate(s.queries.ForgiveAttempts(ctx, dbsqlc.ForgiveAttemptsParams{
		AccountKey: toKey(key.Account), NetworkKey: toKey(key.Source),
	}), nil)
}

// ClearThrottle implements domain.ThrottleStore.
func (s *Store) ClearThrottle(ctx context.Context, account []byte) error {
	return translate(s.queries.ClearThrottle(ctx, account), nil)
}

// GetThrottleKey implements domain.ThrottleStore.
func (s *Store) GetThrottleKey(ctx context.Context, candidate []byte) ([]byte, error) {
	get := func() ([]byte, error) { return s.queries.GetThrottleKey(ctx) }
	key, err := read(ctx, s, get)
	if errors.Is(err, pgx.ErrNoRows) {
		if err := s.queries.CreateThrottleKey(ctx, candidate); err != nil {
			return nil, translate(err, nil)
		}
		key, err = read(ctx, s, get)
	}
	return key, translate(err, nil)
}

// IsKnownDevice implements domain.ThrottleStore.
func (s *Store) IsKnownDevice(ctx context.Context, email string, device []byte, lately time.Duration) (bool, error) {
	known, err := read(ctx, s, func() (bool, error) {
		return s.queries.IsKnownDevice(ctx, dbsqlc.IsKnownDeviceParams{
			Email: email, DeviceKey: device, AgeSeconds: lately.Seconds(),
		})
	})
	return known, translate(err, nil)
}

// RememberDevice implements domain.ThrottleStore.
func (s *Store) RememberDevice(ctx context.Context, userID string, device []byte, most int) error {
	err := s.queries.RememberDevice(ctx, dbsqlc.RememberDeviceParams{UserID: userID, DeviceKey: device})
	if err == nil {
		err = s.queries.ForgetExcessDevices(ctx, dbsqlc.ForgetExcessDevicesParams{UserID: userID, MaxDevices: toLimit(most)})
	}
	return translate(err, nil)
}

// ForgetDevices implements domain.ThrottleStore.
func (s *Store) ForgetDevices(ctx context.Context, userID string) error {
	return translate(s.queries.ForgetDevices(ctx, userID), nil)
}

// PurgeThrottles implements domain.ThrottleStore.
func (s *Store) PurgeThrottles(ctx context.Context, most int) (int, error) {
	n, err := s.queries.PurgeThrottles(ctx, toLimit(most))
	return int(n), translate(err, nil)
}

// PurgeKnownDevices implements domain.ThrottleStore.
func (s *Store) PurgeKnownDevices(ctx context.Context, age time.Duration, most int) (int, error) {
	n, err := s.queries.PurgeKnownDevices(ctx, dbsqlc.PurgeKnownDevicesParams{
		AgeSeconds: age.Seconds(), MaxRows: toLimit(most),
	})
	return int(n), translate(err, nil)
}

// PurgeKnownNetworks implements domain.ThrottleStore.
func (s *Store) PurgeKnownNetworks(ctx context.Context, age time.Duration, most int) (int, error) {
	n, err := s.queries.PurgeKnownNetworks(ctx, dbsqlc.PurgeKnownNetworksParams{
		AgeSeconds: age.Seconds(), MaxRows: toLimit(most),
	})
	return int(n), translate(err, nil)
}
