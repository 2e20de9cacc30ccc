package domain

import (
	"context"
	"encoding/hex"
	"errors"
	"io"

	"example.com/plinth/kit/sweep"
	"example.com/plinth/kit/throttle"
)

// ErrTooManyAttempts means that a password was not verified. RetryAfter is the time until the next
// attempt.
var ErrTooManyAttempts = &Error{Code: "too_many_attempts", Message: "Too many failed password attempts. Try again later."}

// Events of throttles.
const (
	EventLoginThrottled  EventType = "authn_login_fail_max"
	EventThrottleCleared EventType = "throttle_cleared"
)

// ThrottleStore counts failed passwords, by the store's clock.
type ThrottleStore interface {
	// ReserveAttempt counts an attempt as failed, or fails with ErrTooManyAttempts and counts
	// nothing.
	ReserveAttempt(ctx context.Context, key throttle.Key, policy throttle.Policy) (throttle.Reservation, error)
	// RefundAttempt uncounts an attempt.
	RefundAttempt(ctx context.Context, reservation throttle.Reservation) error
	// ForgiveAttempts forgets all failures of one counter, ClearThrottle those of an account from
	// all networks.
	ForgiveAttempts(ctx context.Context, key throttle.Key) error
	ClearThrottle(ctx context.Context, account []byte) error
	// ReserveMail counts a mail to a mailbox, or fails with ErrTooManyMails.
	ReserveMail(ctx context.Context, mailbox []byte, quota throttle.Quota) error

	// GetThrottleKey returns the key of the digests, which all servers share. It is the candidate
	// of the first call.
	GetThrottleKey(ctx context.Context, candidate []byte) ([]byte, error)

	// PurgeThrottles deletes up to most counters that have no effect any more, and returns how
	// many. It waits for no lock.
	PurgeThrottles(ctx context.Context, most int) (int, error)
}

// ThrottleOptions say how many wrong passwords cause no delay.
type ThrottleOptions = throttle.Options

// ThrottleService limits guesses at passwords, by account and by network.
//
// An attempt is counted as failed before the password is verified, so that concurrent attempts
// count too, and is uncounted if the password is right. While a counter is blocked, no password is
// verified, not even a correct one, because the response would reveal it. E-mails without an
// account are counted like all others. See [throttle.Options.Counters] for the counters.
type ThrottleService struct {
	store   Store
	events  Recorder
	rand    io.Reader
	options ThrottleOptions
	digests *throttle.SharedDigests
}

// NewThrottleService returns the rules of throttles; rand must be cryptographically secure.
func NewThrottleService(store Store, events Recorder, rand io.Reader, options ThrottleOptions) *ThrottleService {
	return &ThrottleService{
		store: store, events: recorderOrNone(events), rand: rand, options: options,
		digests: throttle.NewSharedDigests(rand, store.GetThrottleKey),
	}
}

// ClearUserThrottle forgets the failed passwords of any account. It is for admins and fails with
// ErrForbidden, ErrUserNotFound or ErrInvalidToken.
func (s *ThrottleService) ClearUserThrottle(ctx context.Context, actor Actor, userID string) error {
	if !actor.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	digests, err := s.digests.Load(ctx)
	if err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx Store) error {
		user, err := tx.GetUser(ctx, userID)
		if err != nil {
			return err
		}
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		if err := tx.ClearThrottle(ctx, digests.Account(user.Email)); err != nil {
			return err
		}
		return s.events.Record(ctx, tx, actor.did(EventThrottleCleared, user.ID))
	})
}

// PurgeThrottles deletes counters whose failures are forgiven, and devices without a recent login.
// It waits for no lock, so it may run on several servers at once.
func (s *ThrottleService) PurgeThrottles(ctx context.Context) (total int, err error) {
	for _, purge := range []sweep.Step{
		s.store.PurgeThrottles,
		func(ctx context.Context, most int) (int, error) {
			return s.store.PurgeKnownDevices(ctx, KnownDeviceAge, most)
		},
		func(ctx context.Context, most int) (int, error) {
			return s.store.PurgeKnownNetworks(ctx, KnownDeviceAge, most)
		},
	} {
		purged, err := sweep.Batches(ctx, cleanupBatch, purge)
		if total += purged; err != nil {
			return total, err
		}
	}
	return total, nil
}

// attempt is a verification of a password. It is counted as failed until it is settled.
type attempt struct {
	store        Store
	reservations []throttle.Reservation
	isWrong      bool // the password was verified and is wrong
}

// reserve counts an attempt at the password of an e-mail, or fails with ErrTooManyAttempts and
// records that. A login has an actor without a user and a session.
func (s *ThrottleService) reserve(ctx context.Context, email string, by Actor) (*attempt, error) {
	a := &attempt{store: s.store}
	if s.options.Off {
		return a, nil
	}
	digests, err := s.digests.Load(ctx)
	if err != nil {
		return nil, err
	}
	var refusing throttle.Key
	err = s.store.InTx(ctx, func(tx Store) error {
		a.reservations = nil
		own, err := ownDigest(ctx, tx, digests, email, by)
		if err != nil {
			return err
		}
		for _, counter := range s.options.Counters(digests, email, own, by.Client.IP) {
			reservation, err := tx.ReserveAttempt(ctx, counter.Key, counter.Policy)
			if counter.CountsOnly && errors.Is(err, ErrTooManyAttempts) {
				continue
			}
			if err != nil {
				refusing = counter.Key
				return err
			}
			a.reservations = append(a.reservations, reservation)
		}
		return nil
	})
	if errors.Is(err, ErrTooManyAttempts) {
		if err := s.recordThrottled(ctx, email, refusing, by); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// recordThrottled records a password that was not verified because of a counter. Events are counted
// by the digest of the e-mail or, if a network is refused for all accounts, of that network:
// otherwise a client could add an event for each e-mail that it invents. The work does not depend
// on whether there is an account.
func (s *ThrottleService) recordThrottled(ctx context.Context, email string, refusing throttle.Key, by Actor) error {
	event := by.did(EventLoginThrottled, by.User.ID)
	if refusing.Account == nil {
		return s.events.RecordRefusal(ctx, s.store, hex.EncodeToString(refusing.Source), event)
	}
	if event.TargetID == "" {
		user, err := s.store.GetUserByEmail(ctx, email)
		if err != nil && !errors.Is(err, ErrUserNotFound) {
			return err
		}
		event.TargetID = user.ID
	}
	return s.events.RecordRefusal(ctx, s.store, hex.EncodeToString(refusing.Account), event)
}

// succeed settles an attempt whose password was right. It resets the counters of the account from
// the same network, device or session. From the other counters it removes this attempt only:
// otherwise a login to an own account would reset the network of an attacker, and a login of the
// owner the counter of attacks from everywhere.
func (a *attempt) succeed(ctx context.Context, tx Store) error {
	for _, reservation := range a.reservations {
		settle := tx.RefundAttempt
		if reservation.Key.IsOfPair() {
			settle = func(ctx context.Context, r throttle.Reservation) error { return tx.ForgiveAttempts(ctx, r.Key) }
		}
		if err := settle(ctx, reservation); err != nil {
			return err
		}
	}
	return nil
}

// settle uncounts an attempt that was no guess. err is how it ended. A wrong password counts even
// if the request was canceled: otherwise clients that hang up in time could try without limit.
func (a *attempt) settle(ctx context.Context, err error) {
	if err == nil || a.isWrong {
		return
	}
	ctx, cancel := detached(ctx)
	defer cancel()
	for _, reservation := range a.reservations {
		_ = a.store.RefundAttempt(ctx, reservation) // a failure is only a longer delay
	}
}
