package clientkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"
)

// ErrSessionEnded is wrapped by the errors of calls whose session has ended: the user has to log in
// again.
var ErrSessionEnded = errors.New("the session has ended")

const (
	// renewBefore is how long before its expiry an access token is renewed, so that it does not
	// expire in transit.
	renewBefore = 30 * time.Second
	// renewTimeout bounds a renewal, which concurrent calls share.
	renewTimeout = 30 * time.Second
)

// SessionOptions configure a [Session]. All fields but OnEnd are required.
type SessionOptions struct {
	Store TokenStore
	// Exchange exchanges a refresh token. An empty Device in the result keeps the stored one.
	Exchange func(ctx context.Context, refreshToken string) (Tokens, error)
	// StatusOf returns the status of the error response that an error of Exchange is, if it is one.
	StatusOf func(err error) (status int, ok bool)
	// OnEnd is called when the session has ended and its tokens were deleted.
	OnEnd func()
	Now   func() time.Time
}

// Session renews a pair of tokens. Concurrent calls with an expired access token share one renewal.
type Session struct {
	options SessionOptions
	flight  singleflight.Group
}

// NewSession returns the session whose tokens are in options.Store.
func NewSession(options SessionOptions) *Session { return &Session{options: options} }

// Load returns the stored tokens, the zero Tokens if there are none.
func (s *Session) Load(ctx context.Context) (Tokens, error) {
	tokens, err := s.options.Store.Load(ctx)
	if err != nil {
		return Tokens{}, fmt.Errorf("loading tokens: %w", err)
	}
	return tokens, nil
}

// access returns an access token that is valid long enough for a call, or "" without a session.
func (s *Session) access(ctx context.Context) (string, error) {
	tokens, err := s.Load(ctx)
	if err != nil {
		return "", err
	}
	lifetime := tokens.ExpiresAt.Sub(s.options.Now())
	if tokens.Refresh == "" || lifetime > renewBefore {
		return tokens.Access, nil
	}
	renewed, err := s.renew(ctx, tokens.Access)
	if err != nil && lifetime > 0 && !errors.Is(err, ErrSessionEnded) {
		return tokens.Access, nil // it is still valid
	}
	return renewed, err
}

// renew returns an access token other than used. Concurrent calls share one renewal; a caller whose
// context ends stops waiting, and the renewal continues for the others.
func (s *Session) renew(ctx context.Context, used string) (string, error) {
	result := s.flight.DoChan(used, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTimeout)
		defer cancel()
		return s.exchange(ctx, used)
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-result:
		access, _ := r.Val.(string)
		return access, r.Err
	}
}

// exchange exchanges the refresh token, unless the stored access token is no longer used, because
// another call has renewed it.
func (s *Session) exchange(ctx context.Context, used string) (string, error) {
	tokens, err := s.Load(ctx)
	if err != nil {
		return "", err
	}
	if tokens.Refresh == "" {
		return "", ErrSessionEnded
	}
	if tokens.Access != used {
		return tokens.Access, nil
	}
	renewed, err := s.options.Exchange(ctx, tokens.Refresh)
	status, refused := s.options.StatusOf(err)
	if err != nil && !refused {
		// The response was lost, maybe after the token was used. Within a short grace period the
		// service repeats it.
		renewed, err = s.options.Exchange(ctx, tokens.Refresh)
		status, refused = s.options.StatusOf(err)
	}
	if refused && status == http.StatusUnauthorized {
		return "", s.end(ctx, tokens, err)
	}
	if err == nil {
		renewed.Device = cmp.Or(renewed.Device, tokens.Device)
		err = s.options.Store.Save(ctx, renewed)
	}
	if err != nil {
		return "", fmt.Errorf("renewing the session: %w", err)
	}
	return renewed.Access, nil
}

// end deletes the tokens of an ended session, unless another program that shares the store has
// stored newer ones.
func (s *Session) end(ctx context.Context, tokens Tokens, cause error) error {
	current, err := s.options.Store.Load(ctx)
	if err == nil && current.Refresh == tokens.Refresh {
		err = s.options.Store.Save(ctx, Tokens{Device: current.Device})
	}
	if s.options.OnEnd != nil {
		s.options.OnEnd()
	}
	return errors.Join(fmt.Errorf("%w: %w", ErrSessionEnded, cause), err)
}
