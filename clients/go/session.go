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

// ErrSessionEnded is in the errors of calls whose session has ended for good: the user has to log in again.
var ErrSessionEnded = errors.New("the session has ended")

const (
	// renewBefore is how long before its end an access token is renewed, so that none expires on its way.
	renewBefore = 30 * time.Second
	// renewTimeout bounds a renewal, which many callers may be waiting for.
	renewTimeout = 30 * time.Second
)

// session keeps a pair of tokens fresh. However many calls find the access token too old, one of them renews it.
type session struct {
	store   TokenStore
	renewal *apiclient.ClientWithResponses // sends no tokens of its own
	onEnd   func()
	now     func() time.Time
	flight  singleflight.Group
}

// open begins to use the tokens of an answer. device is the device token so far.
func (s *session) open(ctx context.Context, answer *apiclient.TokenResponse, device string) error {
	if answer == nil {
		return errors.New("the service answered without tokens")
	}
	if answer.DeviceToken != nil {
		device = *answer.DeviceToken
	}
	return s.store.Save(ctx, Tokens{
		Access: answer.AccessToken, Refresh: answer.RefreshToken, Device: device,
		ExpiresAt: s.now().Add(time.Duration(answer.ExpiresIn) * time.Second),
	})
}

// access returns an access token that will last for a call, or "" if there is no session.
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
		return tokens.Access, nil // it still works
	}
	return renewed, err
}

// renew returns an access token other than used. All that wait for the same renewal share it; a caller whose context ends
// stops to wait, and the renewal goes on for the others.
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

// exchange refreshes the tokens, unless another goroutine has done so since used was the access token.
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
		// The answer was lost, maybe after the token was used up. Within a few seconds the service gives it again.
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

// end drops the tokens of a session that is over, unless another program that shares the store has newer ones.
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
