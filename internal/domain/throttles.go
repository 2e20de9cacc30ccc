package domain

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"example.com/plinth/kit/clientnet"
	"example.com/plinth/kit/emailaddr"
	"example.com/plinth/kit/sweep"
)

// CodeTooManyAttempts is the code of ErrTooManyAttempts.
const CodeTooManyAttempts Code = "too_many_attempts"

// ErrTooManyAttempts means that a password was not verified. RetryAfter is the time until the next
// attempt.
var ErrTooManyAttempts = &Error{Code: CodeTooManyAttempts, Message: "Too many failed passwords. Try again later."}

// Events of throttles.
const (
	EventLoginThrottled  EventType = "authn_login_fail_max"
	EventThrottleCleared EventType = "throttle_cleared"
)

// ThrottleKey names a counter of failed passwords: of an account from everywhere, of a network for
// all accounts, or of an account from one network, device or session. Keys are digests; an empty
// one means all.
type ThrottleKey struct{ Account, Source []byte }

// ThrottlePolicy describes the delays after failed passwords.
type ThrottlePolicy struct {
	Free         int           // from this failure on, each blocks the counter for twice as long as the last
	ForgiveAfter time.Duration // in which one failure is forgiven
	FirstDelay   time.Duration
	MostDelay    time.Duration
}

// Reservation is an attempt that was counted as failed in advance.
type Reservation struct {
	Key    ThrottleKey
	Policy ThrottlePolicy
	// Until is the end of the delay that this attempt caused. RefundAttempt removes the delay if it
	// is still the same.
	Until time.Time
}

// ThrottleStore counts failed passwords, by the store's clock.
type ThrottleStore interface {
	// ReserveAttempt counts an attempt as failed, or fails with ErrTooManyAttempts and counts
	// nothing.
	ReserveAttempt(ctx context.Context, key ThrottleKey, policy ThrottlePolicy) (Reservation, error)
	// RefundAttempt uncounts an attempt.
	RefundAttempt(ctx context.Context, reservation Reservation) error
	// ForgiveAttempts forgets all failures of one counter, ClearThrottle those of an account from
	// all networks.
	ForgiveAttempts(ctx context.Context, key ThrottleKey) error
	ClearThrottle(ctx context.Context, account []byte) error

	// GetThrottleKey returns the key of the digests, which all servers share. It is the candidate
	// of the first call.
	GetThrottleKey(ctx context.Context, candidate []byte) ([]byte, error)

	// PurgeThrottles deletes up to most counters that have no effect any more, and returns how
	// many. It waits for no lock.
	PurgeThrottles(ctx context.Context, most int) (int, error)
}

// ThrottleOptions say how many wrong passwords cause no delay.
type ThrottleOptions struct {
	AccountFailures int // for an account from one network, device or session
	NetworkFailures int // from a network, for all accounts
	TotalFailures   int // for an account from all networks
	Off             bool
}

const (
	firstDelay = 15 * time.Second
	mostDelay  = 15 * time.Minute
	// accountForgiveAfter is the longest delay, which allows four guesses an hour in the long run,
	// however they are timed.
	accountForgiveAfter = mostDelay
	// networkForgiveAfter is short, because the typing errors of a company behind one address add
	// up.
	networkForgiveAfter = time.Minute
)

// ThrottleService limits guesses at passwords, by account and by network.
//
// An attempt is counted as failed before the password is verified, so that concurrent attempts
// count too, and is uncounted if the password is right. While a counter is blocked, no password is
// verified, not even a correct one, because the response would reveal it. E-mails without an
// account are counted like all others.
//
// An attacker must not be able to lock out the owner of an account. So a failure counts for the
// account from one network first, the limit for the account from all networks is much higher, and
// an attempt from a known device or in a session has a counter of its own. It counts for its
// network too, but no other counter refuses it.
type ThrottleService struct {
	store   Store
	events  Recorder
	rand    io.Reader
	options ThrottleOptions
	key     atomic.Pointer[[]byte] // of digests; nil until it is read
}

// NewThrottleService returns the rules of throttles; rand must be cryptographically secure.
func NewThrottleService(store Store, events Recorder, rand io.Reader, options ThrottleOptions) *ThrottleService {
	return &ThrottleService{store: store, events: recorderOrNone(events), rand: rand, options: options}
}

// ClearUserThrottle forgets the failed passwords of any account. It is for admins and fails with
// ErrForbidden, ErrUserNotFound or ErrInvalidToken.
func (s *ThrottleService) ClearUserThrottle(ctx context.Context, actor Actor, userID string) error {
	if !actor.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	digests, err := s.digests(ctx)
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
		if err := tx.ClearThrottle(ctx, digests.account(user.Email)); err != nil {
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
			return s.store.PurgeKnownDevices(ctx, knownDeviceAge, most)
		},
		func(ctx context.Context, most int) (int, error) {
			return s.store.PurgeKnownNetworks(ctx, knownDeviceAge, most)
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
	reservations []Reservation
	isWrong      bool // the password was verified and is wrong
}

// reserve counts an attempt at the password of an e-mail, or fails with ErrTooManyAttempts and
// records that. A login has an actor without a user and a session.
func (s *ThrottleService) reserve(ctx context.Context, email string, by Actor) (*attempt, error) {
	a := &attempt{store: s.store}
	if s.options.Off {
		return a, nil
	}
	digests, err := s.digests(ctx)
	if err != nil {
		return nil, err
	}
	var refusing ThrottleKey
	err = s.store.InTx(ctx, func(tx Store) error {
		a.reservations = nil
		own, err := digests.own(ctx, tx, email, by)
		if err != nil {
			return err
		}
		for _, counter := range s.counters(digests.account(email), own, digests.networks(by.Client)) {
			reservation, err := tx.ReserveAttempt(ctx, counter.key, counter.policy)
			if counter.countsOnly && errors.Is(err, ErrTooManyAttempts) {
				continue
			}
			if err != nil {
				refusing = counter.key
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
func (s *ThrottleService) recordThrottled(ctx context.Context, email string, refusing ThrottleKey, by Actor) error {
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

// counter is a counter of an attempt. If countsOnly, it refuses nothing.
type counter struct {
	key        ThrottleKey
	policy     ThrottlePolicy
	countsOnly bool
}

// counters returns the counters of an attempt, in the same order for all attempts, which prevents
// deadlocks. They do not depend on whether there is an account. own is the digest of a known device
// or a session, or nil.
func (s *ThrottleService) counters(account, own []byte, networks []network) []counter {
	var counters []counter
	add := func(key ThrottleKey, free int, forgiveAfter time.Duration, countsOnly bool) {
		policy := ThrottlePolicy{Free: free, ForgiveAfter: forgiveAfter, FirstDelay: firstDelay, MostDelay: mostDelay}
		counters = append(counters, counter{key, policy, countsOnly})
	}
	if own != nil {
		add(ThrottleKey{account, own}, s.options.AccountFailures, accountForgiveAfter, false)
	} else {
		for _, n := range networks {
			add(ThrottleKey{account, n.digest}, s.options.AccountFailures*n.percent/100, accountForgiveAfter, false)
		}
		add(ThrottleKey{Account: account}, s.options.TotalFailures, accountForgiveAfter, false)
	}
	for _, n := range networks {
		add(ThrottleKey{Source: n.digest}, s.options.NetworkFailures*n.percent/100, networkForgiveAfter, own != nil)
	}
	return counters
}

// succeed settles an attempt whose password was right. It resets the counters of the account from
// the same network, device or session. From the other counters it removes this attempt only:
// otherwise a login to an own account would reset the network of an attacker, and a login of the
// owner the counter of attacks from everywhere.
func (a *attempt) succeed(ctx context.Context, tx Store) error {
	for _, reservation := range a.reservations {
		settle := tx.RefundAttempt
		if key := reservation.Key; key.Account != nil && key.Source != nil {
			settle = func(ctx context.Context, r Reservation) error { return tx.ForgiveAttempts(ctx, r.Key) }
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

// digests names counters and devices by HMACs.
type digests struct{ key []byte }

// digests reads the key from the store once. The first server makes it.
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

// account returns the digest of an e-mail, folded as the store compares it.
func (d digests) account(email string) []byte { return d.of("account", emailaddr.Fold(email)) }

// network is a network of a client, see clientnet.Wider.
type network struct {
	digest  []byte
	percent int
}

func (d digests) networks(client Client) []network {
	networks := []network{{d.of("network", clientnet.Of(client.IP).String()), 100}}
	for _, wider := range clientnet.Around(client.IP) {
		networks = append(networks, network{d.of("network", wider.Prefix.String()), wider.Percent})
	}
	return networks
}
