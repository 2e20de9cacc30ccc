package domain

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"iter"
	"strings"
	"time"
)

// ErrTooManyAttempts says that a password was not looked at; RetryAfter says when the next one will be.
var ErrTooManyAttempts = &Error{Code: CodeTooManyAttempts, Message: "Too many failed passwords. Try again later."}

// ThrottleKey names a counter of failed passwords: those of an account from everywhere, those from a network for all
// accounts, or those of an account from one network. Keys are digests; an empty one stands for all.
type ThrottleKey struct{ Account, Network []byte }

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

	// IsKnownNetwork reports whether the account with this e-mail, if there is one, has logged in from there lately.
	IsKnownNetwork(ctx context.Context, email string, network []byte, lately time.Duration) (bool, error)
	RememberNetwork(ctx context.Context, userID string, network []byte) error

	// PurgeThrottles and PurgeKnownNetworks delete up to most of those that mean nothing any more, and return how many. They
	// wait for nobody.
	PurgeThrottles(ctx context.Context, most int) (int, error)
	PurgeKnownNetworks(ctx context.Context, age time.Duration, most int) (int, error)
}

// ThrottleOptions say when guessing passwords becomes slow.
type ThrottleOptions struct {
	// AccountFailures and NetworkFailures are how many wrong passwords for an account, or from a network, are free of delay.
	AccountFailures, NetworkFailures int
	// Off lets everybody guess as they like.
	Off bool
}

const (
	firstDelay = 15 * time.Second
	mostDelay  = 15 * time.Minute
	// accountForgiveAfter is as long as the longest delay: whoever keeps guessing gets four guesses an hour in the long run,
	// however they time them.
	accountForgiveAfter = mostDelay
	// networkForgiveAfter is short: behind one address there may be a company, whose typing errors add up.
	networkForgiveAfter = time.Minute
	// knownNetworkAge is how long after the last login from it a network is known.
	knownNetworkAge = 90 * 24 * time.Hour
)

// ThrottleService bounds how often passwords can be guessed, for an account and from a network.
//
// An attempt is counted as failed before the password is looked at, so that a hundred at once count too, and the count is
// taken back when the password was right. While an account is blocked, no password is looked at, the right one neither:
// else the answer would tell. Whoever knows an e-mail could block its account that way; so a network from which the
// account has logged in has a counter of its own, and neither of the two others can keep the owner out there.
//
// E-mails without an account are counted like all others.
type ThrottleService struct {
	store   Store
	ids     *IDs
	key     []byte
	options ThrottleOptions
}

// NewThrottleService returns the rules about guessing. The key makes digests of e-mails and networks, and has to be the
// same for all that share a store.
func NewThrottleService(store Store, ids *IDs, key []byte, options ThrottleOptions) *ThrottleService {
	return &ThrottleService{store: store, ids: ids, key: key, options: options}
}

// ClearUserThrottle forgets the failed passwords of any account. It is for admins and fails with ErrForbidden,
// ErrUserNotFound or ErrInvalidToken.
func (s *ThrottleService) ClearUserThrottle(ctx context.Context, actor Actor, userID string) error {
	if !actor.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	return s.store.InTx(ctx, func(tx Store) error {
		user, err := tx.GetUser(ctx, userID)
		if err != nil {
			return err
		}
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		if err := tx.ClearThrottle(ctx, s.account(user.Email)); err != nil {
			return err
		}
		return record(ctx, tx, s.ids, actor.did(AuditThrottleCleared, user.ID))
	})
}

// PurgeThrottles takes away what means nothing any more: counters whose failures are forgiven, and networks that nobody has
// logged in from for long. Like CleanUpSessions, it may run anywhere at any time.
func (s *ThrottleService) PurgeThrottles(ctx context.Context) (total int, err error) {
	counters, err := inBatches(ctx, 0, func(ctx context.Context, _ time.Duration, most int) (int, error) {
		return s.store.PurgeThrottles(ctx, most)
	})
	if err != nil {
		return counters, err
	}
	networks, err := inBatches(ctx, knownNetworkAge, s.store.PurgeKnownNetworks)
	return counters + networks, err
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
	network := s.network(event.Client)
	err := s.store.InTx(ctx, func(tx Store) error {
		a.reservations = nil
		known, err := tx.IsKnownNetwork(ctx, email, network, knownNetworkAge)
		if err != nil {
			return err
		}
		for key, policy := range s.counters(email, network, known) {
			reservation, err := tx.ReserveAttempt(ctx, key, policy)
			if err != nil {
				return err
			}
			a.reservations = append(a.reservations, reservation)
		}
		return nil
	})
	if errors.Is(err, ErrTooManyAttempts) {
		if err := s.recordRefusal(ctx, email, event); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// recordRefusal tells the audit log of a password that was not looked at.
func (s *ThrottleService) recordRefusal(ctx context.Context, email string, event NewAuditEvent) error {
	event.Type = AuditLoginThrottled
	if event.TargetID == "" {
		user, err := s.store.GetUserByEmail(ctx, email)
		if err != nil && !errors.Is(err, ErrUserNotFound) {
			return err
		}
		event.TargetID = user.ID
	}
	return record(ctx, s.store, s.ids, event)
}

// counters are those that an attempt counts for, always in the same order, so that nobody waits in a circle.
func (s *ThrottleService) counters(email string, network []byte, known bool) iter.Seq2[ThrottleKey, ThrottlePolicy] {
	account := s.account(email)
	ofAccount := ThrottlePolicy{s.options.AccountFailures, accountForgiveAfter, firstDelay, mostDelay}
	ofNetwork := ThrottlePolicy{s.options.NetworkFailures, networkForgiveAfter, firstDelay, mostDelay}
	return func(yield func(ThrottleKey, ThrottlePolicy) bool) {
		if known {
			yield(ThrottleKey{account, network}, ofAccount)
			return
		}
		_ = yield(ThrottleKey{Account: account}, ofAccount) && yield(ThrottleKey{Network: network}, ofNetwork)
	}
}

// succeed settles an attempt whose password was right: the account's failures are forgotten. Those of the network lose this
// attempt alone, or an account of one's own would do to go on guessing at others.
func (a *attempt) succeed(ctx context.Context, tx Store) error {
	for _, reservation := range a.reservations {
		var err error
		if reservation.Key.Account == nil {
			err = tx.RefundAttempt(ctx, reservation)
		} else {
			err = tx.ForgiveAttempts(ctx, reservation.Key)
		}
		if err != nil {
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
func recordWrong(ctx context.Context, store Store, ids *IDs, event NewAuditEvent) error {
	ctx, cancel := afterwards(ctx)
	defer cancel()
	return record(ctx, store, ids, event)
}

// afterwards is for what has to be done even if whoever asked has gone.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	const patience = 2 * time.Second
	return context.WithTimeout(context.WithoutCancel(ctx), patience)
}

// remember makes the client's network one that the user has logged in from.
func (s *ThrottleService) remember(ctx context.Context, tx Store, userID string, client Client) error {
	if s.options.Off {
		return nil
	}
	return tx.RememberNetwork(ctx, userID, s.network(client))
}

// account is the digest of an e-mail in the case in which the store compares it: ASCII letters only.
func (s *ThrottleService) account(email string) []byte {
	return s.digest("account", strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, email))
}

func (s *ThrottleService) network(client Client) []byte {
	return s.digest("network", client.Network().String())
}

func (s *ThrottleService) digest(kind, text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(kind + "\x00" + text))
	return mac.Sum(nil)
}
