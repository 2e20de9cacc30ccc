package plinth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/singleflight"

	"example.com/plinth/gen/apiclient"
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

// session renews a pair of tokens. Concurrent calls with an expired access token share one renewal.
type session struct {
	store   TokenStore
	renewal *apiclient.ClientWithResponses // sends no access token
	onEnd   func()
	now     func() time.Time
	flight  singleflight.Group
}

// open stores the tokens of a response. device is the current device token.
func (s *session) open(ctx context.Context, response *apiclient.TokenResponse, device string) error {
	if response == nil {
		return errors.New("the response has no tokens")
	}
	if response.DeviceToken != nil {
		device = *response.DeviceToken
	}
	return s.store.Save(ctx, Tokens{
		Access: response.AccessToken, Refresh: response.RefreshToken, Device: device,
		ExpiresAt: s.now().Add(time.Duration(response.ExpiresIn) * time.Second),
	})
}

// access returns an access token that is valid long enough for a call, or "" without a session.
func (s *session) access(ctx context.Context) (string, error) {
	tokens, err := s.store.Load(ctx)
	if err != nil {
		return "", fmt.Errorf("loading tokens: %w", err)
	}
	lifetime := tokens.ExpiresAt.Sub(s.now())
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
func (s *session) renew(ctx context.Context, used string) (string, error) {
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
func (s *session) exchange(ctx context.Context, used string) (string, error) {
	tokens, err := s.store.Load(ctx)
	if err != nil {
		return "", fmt.Errorf("loading tokens: %w", err)
	}
	if tokens.Refresh == "" {
		return "", ErrSessionEnded
	}
	if tokens.Access != used {
		return tokens.Access, nil
	}
	request := apiclient.RefreshTokensRequest{RefreshToken: tokens.Refresh}
	response, err := s.renewal.RefreshTokensWithResponse(ctx, request)
	if _, refused := errors.AsType[*Problem](err); err != nil && !refused {
		// The response was lost, maybe after the token was used. Within a short grace period the
		// service repeats it.
		response, err = s.renewal.RefreshTokensWithResponse(ctx, request)
	}
	if problem, refused := errors.AsType[*Problem](err); refused && problem.Status == http.StatusUnauthorized {
		return "", s.end(ctx, tokens, err)
	}
	if err != nil {
		return "", fmt.Errorf("renewing the session: %w", err)
	}
	if err := s.open(ctx, response.JSON200, tokens.Device); err != nil {
		return "", fmt.Errorf("renewing the session: %w", err)
	}
	return response.JSON200.AccessToken, nil
}

// end deletes the tokens of an ended session, unless another program that shares the store has
// stored newer ones.
func (s *session) end(ctx context.Context, tokens Tokens, cause error) error {
	current, err := s.store.Load(ctx)
	if err == nil && current.Refresh == tokens.Refresh {
		err = s.store.Save(ctx, Tokens{Device: current.Device})
	}
	if s.onEnd != nil {
		s.onEnd()
	}
	return errors.Join(fmt.Errorf("%w: %w", ErrSessionEnded, cause), err)
}
