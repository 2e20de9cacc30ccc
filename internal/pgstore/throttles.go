package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/throttle"
)

func (s *Store) ReserveAttempt(
	ctx context.Context, key throttle.Key, policy throttle.Policy,
) (throttle.Reservation, error) {
	until, err := s.queries.ReserveAttempt(ctx, dbsqlc.ReserveAttemptParams{
		AccountKey: toKey(key.Account), NetworkKey: toKey(key.Source),
		Free:            int32(policy.Free), //nolint:gosec // G115: a setting
		ForgivenSeconds: policy.ForgiveAfter.Seconds(), FirstSeconds: policy.FirstDelay.Seconds(),
		MostSeconds: policy.MostDelay.Seconds(),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return throttle.Reservation{}, s.refused(ctx, key, domain.ErrTooManyAttempts)
	}
	return throttle.Reservation{Key: key, Policy: policy, Until: until}, translate(err, nil)
}

// refused returns a refusal with the time until the counter is free.
func (s *Store) refused(ctx context.Context, key throttle.Key, refusal *domain.Error) error {
	seconds, err := s.queries.GetThrottleWait(ctx, dbsqlc.GetThrottleWaitParams{
		AccountKey: toKey(key.Account), NetworkKey: toKey(key.Source),
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) { // the counter was just cleared
		return translate(err, nil)
	}
	return refusal.After(time.Duration(seconds * float64(time.Second)))
}

// toKey returns an empty key for nil, which would be NULL.
func toKey(key []byte) []byte { return append([]byte{}, key...) }

func (s *Store) RefundAttempt(ctx context.Context, reservation throttle.Reservation) error {
	return translate(s.queries.RefundAttempt(ctx, dbsqlc.RefundAttemptParams{
		AccountKey: toKey(reservation.Key.Account), NetworkKey: toKey(reservation.Key.Source),
		ForgivenSeconds: reservation.Policy.ForgiveAfter.Seconds(), ReservedUntil: reservation.Until,
	}), nil)
}

func (s *Store) ForgiveAttempts(ctx context.Context, key throttle.Key) error {
	return translate(s.queries.ForgiveAttempts(ctx, dbsqlc.ForgiveAttemptsParams{
		AccountKey: toKey(key.Account), NetworkKey: toKey(key.Source),
	}), nil)
}

func (s *Store) ClearThrottle(ctx context.Context, account []byte) error {
	return translate(s.queries.ClearThrottle(ctx, account), nil)
}

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

func (s *Store) ReserveMail(ctx context.Context, mailbox []byte, quota throttle.Quota) error {
	_, err := s.queries.ReserveMail(ctx, dbsqlc.ReserveMailParams{
		AccountKey: mailbox, IntervalSeconds: quota.Interval.Seconds(),
		RefillSeconds: quota.Refill().Seconds(), MaxDebtSeconds: throttle.Day.Seconds(),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return s.refused(ctx, throttle.Key{Account: mailbox}, domain.ErrTooManyMails)
	}
	return translate(err, nil)
}

func (s *Store) PurgeThrottles(ctx context.Context, most int) (int, error) {
	return counted(s.queries.PurgeThrottles(ctx, toLimit(most)))
}
