package domain

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"example.com/plinth/kit/idgen"
)

// ErrTooManyAttempts says that a password was not looked at; RetryAfter says when the next one will be.
var ErrTooManyAttempts = &Error{Code: CodeTooManyAttempts, Message: "Too many failed passwords. Try again later."}

// ThrottleKey names a counter of failed passwords: those for an account from everywhere, those from a network for all
// accounts, or those for an account from one network, device or session. Keys are digests; an empty one stands for all.
type ThrottleKey struct{ Account, Source []byte }

// ThrottlePolicy says what failed passwords bring about.
type ThrottlePolicy struct {
	Free         int           // from this failure on, each blocks the counter for a time that doubles
	ForgiveAfter time.Duration // in which one failure ceases to count
	FirstDelay   time.Duration
	MostDelay    time.Duration
}

// Reservation is an attempt that was counted as failed before it is made.
type Reservation struct {
	Key    ThrottleKey
	Policy ThrottlePolicy
	// Until is when the next attempt may be made; by it RefundAttempt finds the delay that this one has brought about.
	Until time.Time
}

// ThrottleStore counts failed passwords, by the store's clock.
type ThrottleStore interface {
	// ReserveAttempt counts an attempt as failed, or fails with ErrTooManyAttempts and counts nothing.
	ReserveAttempt(ctx context.Context, key ThrottleKey, policy ThrottlePolicy) (Reservation, error)
	// RefundAttempt takes back an attempt that was none.
	RefundAttempt(ctx context.Context, reservation Reservation) error
	// ForgiveAttempts forgets all failures of one counter, ClearThrottle those of an account from all networks.
	ForgiveAttempts(ctx context.Context, key ThrottleKey) error
	ClearThrottle(ctx context.Context, account []byte) error

	// GetThrottleKey returns the key that all who share the store make digests with. It is the candidate of the first call.
	GetThrottleKey(ctx context.Context, candidate []byte) ([]byte, error)

	// IsKnownDevice reports whether the account with this e-mail, if there is one, has logged in from the device lately.
	IsKnownDevice(ctx context.Context, email string, device []byte, lately time.Duration) (bool, error)
	// RememberDevice keeps the most devices of a user that logged in last, this one among them.
	RememberDevice(ctx context.Context, userID string, device []byte, most int) error
	ForgetDevices(ctx context.Context, userID string) error

	// PurgeThrottles, PurgeKnownDevices and PurgeKnownNetworks delete up to most rows that have no effect any more, and
	// return how many. They wait for no lock.
	PurgeThrottles(ctx context.Context, most int) (int, error)
	PurgeKnownDevices(ctx context.Context, age time.Duration, most int) (int, error)
	PurgeKnownNetworks(ctx context.Context, age time.Duration, most int) (int, error)
}

// ThrottleOptions say when guessing passwords becomes slow: how many wrong passwords are free of delay.
type ThrottleOptions struct {
	AccountFailures int // for an account from one network, device or session
	NetworkFailures int // from a network, for all accounts
	TotalFailures   int // for an account from all networks
	// Off turns all delays off.
	Off bool
}

const (
	firstDelay = 15 * time.Second
	mostDelay  = 15 * time.Minute
	// accountForgiveAfter is as long as the longest delay, which allows four guesses an hour in the long run, however they
	// are timed.
	accountForgiveAfter = mostDelay
	// networkForgiveAfter is short: behind one address there may be a company, whose typing errors add up.
	networkForgiveAfter = time.Minute
)

// ThrottleService bounds how often passwords can be guessed, for an account and from a network.
//
// An attempt is counted as failed before the password is looked at, so that concurrent attempts count too, and the count
// is taken back when the password was right. While a counter is blocked, no password is looked at, not even a correct one,
// because the response would reveal it. E-mails without an account are counted like all others.
//
// Blocking an account is a weapon against its owner. So a failure counts for the account from one network first; the
// limit for the account from all networks is much higher; and an attempt from a device that the account knows, or in a
// session, has a count of its own. It counts for its network too, but no other counter refuses it.
type ThrottleService struct {
	store   Store
	ids     *idgen.Generator
	rand    io.Reader
	options ThrottleOptions
	key     atomic.Pointer[[]byte] // of digests; nil until the store was asked
}

// NewThrottleService returns the rules about guessing; rand must be cryptographic.
func NewThrottleService(store Store, ids *idgen.Generator, rand io.Reader, options ThrottleOptions) *ThrottleService {
	return &ThrottleService{store: store, ids: ids, rand: rand, options: options}
}

// ClearUserThrottle forgets the failed passwords of any account. It is for admins and fails with ErrForbidden,
// ErrUserNotFound or ErrInvalidToken.
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
		return record(ctx, tx, s.ids, actor.did(AuditThrottleCleared, user.ID))
	})
}

// PurgeThrottles deletes what has no effect any more: counters whose failures are forgiven, and devices that have not
// logged in for long. Like CleanUpSessions, it may run anywhere at any time.
func (s *ThrottleService) PurgeThrottles(ctx context.Context) (total int, err error) {
	counters := func(ctx context.Context, _ time.Duration, most int) (int, error) {
		return s.store.PurgeThrottles(ctx, most)
	}
	for _, purge := range []struct {
		age  time.Duration
		some func(context.Context, time.Duration, int) (int, error)
	}{{0, counters}, {knownDeviceAge, s.store.PurgeKnownDevices}, {knownDeviceAge, s.store.PurgeKnownNetworks}} {
		purged, err := inBatches(ctx, purge.age, purge.some)
		if total += purged; err != nil {
			return total, err
		}
	}
	return total, nil
}

// attempt is a look at a password that is counted as failed until it is settled.
type attempt struct {
	store        Store
	reservations []Reservation
	isWrong      bool // the password was looked at and refused
}

// reserve counts an attempt at the password of an e-mail, or fails with ErrTooManyAttempts and records that. The event says
// who makes it, and for whom, if that is known.
func (s *ThrottleService) reserve(ctx context.Context, email string, event NewAuditEvent) (*attempt, error) {
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
		own, err := digests.own(ctx, tx, email, event)
		if err != nil {
			return err
		}
		for _, counter := range s.counters(digests.account(email), own, digests.networks(event.Client)) {
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
		if err := s.recordThrottled(ctx, email, refusing, event); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// recordThrottled tells the audit log of a password that was not looked at, because of a counter. What is counted in one event
// is named by the counter's digest, so that it costs the same whether there is an account or not: the e-mail or, where a network
// is refused whatever the account, that network. Otherwise a client could write an event for each e-mail that it makes up.
func (s *ThrottleService) recordThrottled(ctx context.Context, email string, refusing ThrottleKey, event NewAuditEvent) error {
	event.Type = AuditLoginThrottled
	if refusing.Account == nil {
		return recordRefusal(ctx, s.store, s.ids, hex.EncodeToString(refusing.Source), event)
	}
	if event.TargetID == "" {
		user, err := s.store.GetUserByEmail(ctx, email)
		if err != nil && !errors.Is(err, ErrUserNotFound) {
			return err
		}
		event.TargetID = user.ID
	}
	return recordRefusal(ctx, s.store, s.ids, hex.EncodeToString(refusing.Account), event)
}

// counter is one that an attempt counts for. If it countsOnly, it refuses nothing.
type counter struct {
	key        ThrottleKey
	policy     ThrottlePolicy
	countsOnly bool
}

// counters are those that an attempt counts for, in one order for all attempts, which prevents deadlocks. They do not
// depend on whether there is an account. own is the digest of a known device or a session, nil without.
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

// succeed settles an attempt whose password was right: the failures for the account from the same network, device or
// session are forgotten. The other counters lose this attempt alone: with an account of one's own one could go on guessing
// at others, and a login of the owner would let an attacker elsewhere begin anew.
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

// settle takes an attempt back that was no guess, however it ended: err is that end. A wrong password counts whatever came
// after it, also if its caller has gone: else whoever hangs up in time could try as many as they like.
func (a *attempt) settle(ctx context.Context, err error) {
	if err == nil || a.isWrong {
		return
	}
	ctx, cancel := afterwards(ctx)
	defer cancel()
	for _, reservation := range a.reservations {
		_ = a.store.RefundAttempt(ctx, reservation) // without the store there is nobody to tell
	}
}

// recordWrong tells the audit log of a wrong password, also if its caller has gone.
func recordWrong(ctx context.Context, store Store, ids *idgen.Generator, event NewAuditEvent) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return record(ctx, store, ids, event)
}

// afterwards is for what has to be done even if whoever asked has gone.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	const patience = 2 * time.Second
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}
