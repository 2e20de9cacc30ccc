package clientkit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/kit/clientkit"
)

// service accepts the access token that it gave out last, and echoes bodies.
type service struct {
	refreshes atomic.Int64
	lost      atomic.Bool            // the result of the next exchange
	exchanged func()                 // called during an exchange unless nil
	after     func(status int)       // called before a response is returned unless nil
	onEnd     func()                 // may be nil
	store     clientkit.MemoryTokens // of the client
	received  atomic.Pointer[string] // the last accepted body
	current   atomic.Pointer[clientkit.Tokens]
}

var errLost = errors.New("the response was lost")

// exchange issues tokens for the current refresh token or the one before it.
func (s *service) exchange(_ context.Context, refresh string) (clientkit.Tokens, error) {
	n := s.refreshes.Add(1)
	if s.exchanged != nil {
		s.exchanged()
	}
	if !strings.HasPrefix(refresh, "refresh") {
		return clientkit.Tokens{}, &problem{Status: http.StatusUnauthorized}
	}
	number := strconv.FormatInt(n, 10)
	tokens := clientkit.Tokens{Access: "access" + number, Refresh: "refresh" + number, ExpiresAt: time.Now().Add(time.Hour)}
	s.current.Store(&tokens)
	if s.lost.CompareAndSwap(true, false) {
		return clientkit.Tokens{}, errLost
	}
	return tokens, nil
}

// Do implements clientkit.Doer.
func (s *service) Do(r *http.Request) (*http.Response, error) {
	response := respond(r, http.StatusOK, nil, "")
	if r.Header.Get("Authorization") == "Bearer "+s.current.Load().Access {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		text := string(body)
		s.received.Store(&text)
	} else {
		response = respond(r, http.StatusUnauthorized, http.Header{"Content-Type": {"application/problem+json"}},
			`{"status": 401, "code": "invalid_token"}`)
	}
	if s.after != nil {
		s.after(response.StatusCode)
	}
	return response, nil
}

// client returns a client with a session whose access token the service rejects, and that expires
// after lifetime by the client's clock.
func (s *service) client(t *testing.T, lifetime time.Duration) clientkit.Doer {
	t.Helper()
	s.current.Store(&clientkit.Tokens{Access: "another"})
	s.spoil(t, clientkit.Tokens{Refresh: "refresh0", Device: "device", ExpiresAt: time.Now().Add(lifetime)})
	session := clientkit.NewSession(clientkit.SessionOptions{
		Store: &s.store, Exchange: s.exchange, OnEnd: s.onEnd, Now: time.Now,
		StatusOf: func(err error) (int, bool) {
			p, ok := errors.AsType[*problem](err)
			if !ok {
				return 0, false
			}
			return p.Status, true
		},
	})
	return clientkit.Problems(session.Authenticate(s, "invalid_token"), readProblem)
}

// spoil stores the tokens with an invalid access token.
func (s *service) spoil(t *testing.T, tokens clientkit.Tokens) {
	t.Helper()
	tokens.Access = "spoiled"
	must(t, s.store.Save(t.Context(), tokens))
}

func (s *service) stored(t *testing.T) clientkit.Tokens {
	t.Helper()
	tokens, err := s.store.Load(t.Context())
	must(t, err)
	return tokens
}

func read(ctx context.Context, doer clientkit.Doer) error {
	_, err := call(ctx, doer, http.MethodGet, url, http.NoBody)
	return err
}

func (s *service) wantRefreshes(t *testing.T, want int64) {
	t.Helper()
	if n := s.refreshes.Load(); n != want {
		t.Errorf("%d refreshes, want %d", n, want)
	}
}

func TestConcurrentCallsShareOneRefresh(t *testing.T) {
	t.Parallel()
	s := &service{}
	client := s.client(t, time.Hour)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if err := read(t.Context(), client); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s.wantRefreshes(t, 1)
	if tokens := s.stored(t); tokens.Device != "device" {
		t.Errorf("the device token is %q after the refresh", tokens.Device)
	}
}

// A call whose 401 arrives after another call has refreshed uses the new token.
func TestLateCallUsesRefreshedToken(t *testing.T) {
	t.Parallel()
	refused, goOn := make(chan struct{}), make(chan struct{})
	var held atomic.Bool
	s := &service{after: func(status int) {
		if status == http.StatusUnauthorized && held.CompareAndSwap(false, true) {
			close(refused)
			<-goOn
		}
	}}
	client := s.client(t, time.Hour)
	straggler := make(chan error, 1)
	go func() { straggler <- read(t.Context(), client) }()
	<-refused
	err := read(t.Context(), client)
	close(goOn)
	must(t, err)
	must(t, <-straggler)
	s.wantRefreshes(t, 1)
}

func TestTokenIsRenewedBeforeExpiry(t *testing.T) {
	t.Parallel()
	s := &service{after: func(status int) {
		if status == http.StatusUnauthorized {
			t.Error("the call was sent with the old token")
		}
	}}
	must(t, read(t.Context(), s.client(t, 20*time.Second)))
	s.wantRefreshes(t, 1)
	if renewed := s.stored(t); renewed.Access == "spoiled" || time.Until(renewed.ExpiresAt) < time.Minute {
		t.Errorf("the token expires in %s", time.Until(renewed.ExpiresAt))
	}
}

func TestLostRefreshResponseIsRetried(t *testing.T) {
	t.Parallel()
	s := &service{}
	client := s.client(t, time.Hour)
	s.lost.Store(true)
	must(t, read(t.Context(), client))
	s.spoil(t, s.stored(t)) // the next call uses the new refresh token
	must(t, read(t.Context(), client))
	s.wantRefreshes(t, 3)
}

func TestBodyIsResentAfterRefresh(t *testing.T) {
	t.Parallel()
	s := &service{}
	client := s.client(t, time.Hour)
	_, err := call(t.Context(), client, http.MethodPatch, url, strings.NewReader("Ada"))
	must(t, err)
	if got := *s.received.Load(); got != "Ada" {
		t.Errorf("the service received %q", got)
	}
	s.spoil(t, s.stored(t))
	onlyOnce := io.MultiReader(strings.NewReader("Ada King")) // has no GetBody
	_, err = call(t.Context(), client, http.MethodPatch, url, onlyOnce)
	if p, ok := errors.AsType[*problem](err); !ok || p.Code != "invalid_token" {
		t.Errorf("body that can be read only once: %v", err)
	}
	s.wantRefreshes(t, 1)
}

func TestSessionEndIsReported(t *testing.T) {
	t.Parallel()
	var ends atomic.Int64
	s := &service{onEnd: func() { ends.Add(1) }}
	client := s.client(t, time.Hour)
	s.spoil(t, clientkit.Tokens{Refresh: "revoked", Device: "device", ExpiresAt: time.Now().Add(time.Hour)})
	err := read(t.Context(), client)
	if p, ok := errors.AsType[*problem](err); !ok || p.Status != http.StatusUnauthorized || !errors.Is(err, clientkit.ErrSessionEnded) {
		t.Errorf("got %v", err)
	}
	if left := s.stored(t); left != (clientkit.Tokens{Device: "device"}) || ends.Load() != 1 {
		t.Errorf("OnEnd called %d times, want 1; tokens left: %t", ends.Load(), left.Refresh != "")
	}
	s.wantRefreshes(t, 1)
}

// A canceled caller does not cancel the refresh that other calls wait for.
func TestCanceledCallerDoesNotCancelRefresh(t *testing.T) {
	t.Parallel()
	refreshing, goOn := make(chan struct{}), make(chan struct{})
	s := &service{exchanged: sync.OnceFunc(func() {
		close(refreshing)
		<-goOn
	})}
	client := s.client(t, time.Hour)
	canceled, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { first <- read(canceled, client) }()
	<-refreshing
	go func() { second <- read(t.Context(), client) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the canceled call returned %v", err)
	}
	close(goOn)
	must(t, <-second)
	s.wantRefreshes(t, 1)
}
