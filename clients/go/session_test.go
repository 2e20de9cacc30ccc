package plinth_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
)

// wire is an http.RoundTripper that records refreshes, validates every response against the
// contract and injects faults.
type wire struct {
	t            *testing.T
	refreshes    atomic.Int64
	before       func(*http.Request) (*http.Response, error) // replaces the server unless both are nil
	after        func(*http.Response)
	loseResponse atomic.Bool // of the next refresh
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.before != nil {
		if response, err := w.before(r); response != nil || err != nil {
			return response, err
		}
	}
	isRefresh := strings.HasSuffix(r.URL.Path, "/auth/refresh")
	if isRefresh {
		w.refreshes.Add(1)
	}
	response, err := contract.NewTransport(w.t, nil).RoundTrip(r)
	if err == nil && w.after != nil {
		w.after(response)
	}
	if isRefresh && err == nil && w.loseResponse.CompareAndSwap(true, false) {
		_ = response.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return response, err
}

// spoil invalidates the access token of a store and keeps the refresh token.
func spoil(t *testing.T, store plinth.TokenStore) {
	t.Helper()
	tokens, err := store.Load(t.Context())
	must(t, err)
	tokens.Access = tokens.Access[:len(tokens.Access)-4] + "AAAA"
	must(t, store.Save(t.Context(), tokens))
}

// Each login sends the device token, so that failed logins elsewhere do not throttle this device.
func TestDeviceTokenOutlivesSessions(t *testing.T) {
	t.Parallel()
	url, store := startServer(t), &plinth.MemoryTokens{}
	w := &wire{t: t}
	client, err := plinth.New(url, plinth.Options{Tokens: store, HTTPClient: &http.Client{Transport: w}})
	must(t, err)
	device := func() string {
		t.Helper()
		tokens, err := store.Load(t.Context())
		must(t, err)
		return tokens.Device
	}
	email := newEmail()
	must(t, client.Register(t.Context(), email, password, ""))
	first := device()
	spoil(t, store)
	_, err = client.GetCurrentUserWithResponse(t.Context()) // renews the session
	must(t, err)
	must(t, client.Logout(t.Context()))
	if first == "" || device() != first {
		t.Fatal("the device token changed with the session")
	}
	stranger, err := plinth.New(url, plinth.Options{})
	must(t, err)
	for !plinth.IsProblem(err, apiclient.ProblemCodeTooManyAttempts) {
		if err = stranger.Login(t.Context(), email, "not this password"); err == nil {
			t.Fatal("login with a wrong password succeeded")
		}
	}
	must(t, client.Login(t.Context(), email, password))
	if device() != first {
		t.Error("login from a known device changed its token")
	}

	// A release without device tokens rejects the member.
	w.before = func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		must(t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("device_token")) {
			return nil, nil //nolint:nilnil // the server answers
		}
		problem := `{"type":"about:blank","title":"Unprocessable","status":422,` +
			`"code":"validation_failed","request_id":"x"}`
		return &http.Response{
			StatusCode: http.StatusUnprocessableEntity,
			Header:     http.Header{"Content-Type": {"application/problem+json"}},
			Body:       io.NopCloser(strings.NewReader(problem)), Request: r,
		}, nil
	}
	must(t, client.Logout(t.Context()))
	email = newEmail()
	w2, err := plinth.New(url, plinth.Options{})
	must(t, err)
	must(t, w2.Register(t.Context(), email, password, ""))
	must(t, client.Login(t.Context(), email, password))
}

func TestConcurrentCallsShareOneRefresh(t *testing.T) {
	t.Parallel()
	w, store := &wire{t: t}, &plinth.MemoryTokens{}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	spoil(t, store)
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, err := client.GetCurrentUserWithResponse(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := w.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// A call whose 401 arrives after another call has refreshed uses the new token.
func TestLateCallUsesRefreshedToken(t *testing.T) {
	t.Parallel()
	store := &plinth.MemoryTokens{}
	refused, goOn := make(chan struct{}), make(chan struct{})
	var held atomic.Bool
	w := &wire{t: t, after: func(response *http.Response) {
		if response.StatusCode == http.StatusUnauthorized && held.CompareAndSwap(false, true) {
			close(refused)
			<-goOn
		}
	}}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	spoil(t, store)
	straggler := make(chan error, 1)
	go func() {
		_, err := client.GetCurrentUserWithResponse(t.Context())
		straggler <- err
	}()
	<-refused
	_, err := client.GetCurrentUserWithResponse(t.Context())
	close(goOn)
	must(t, err)
	must(t, <-straggler)
	if n := w.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

func TestTokenIsRenewedBeforeExpiry(t *testing.T) {
	t.Parallel()
	w, store := &wire{t: t}, &plinth.MemoryTokens{}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	tokens, err := store.Load(t.Context())
	must(t, err)
	tokens.ExpiresAt = time.Now().Add(20 * time.Second)
	must(t, store.Save(t.Context(), tokens))
	_, err = client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	renewed, err := store.Load(t.Context())
	must(t, err)
	if w.refreshes.Load() != 1 || renewed.Access == tokens.Access || time.Until(renewed.ExpiresAt) < time.Minute {
		t.Errorf("%d refreshes, want 1; the token expires in %s", w.refreshes.Load(), time.Until(renewed.ExpiresAt))
	}
}

func TestLostRefreshResponseIsRetried(t *testing.T) {
	t.Parallel()
	w, store := &wire{t: t}, &plinth.MemoryTokens{}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	spoil(t, store)
	w.loseResponse.Store(true)
	for range 2 {
		_, err := client.GetCurrentUserWithResponse(t.Context())
		must(t, err)
		spoil(t, store) // the next call uses the new refresh token
	}
	if n := w.refreshes.Load(); n != 3 {
		t.Errorf("%d refreshes, want 3: the lost one, its retry and the next", n)
	}
}

func TestBodyIsResentAfterRefresh(t *testing.T) {
	t.Parallel()
	store := &plinth.MemoryTokens{}
	w := &wire{t: t, before: func(r *http.Request) (*http.Response, error) {
		r.GetBody = nil // otherwise net/http could resend it
		return nil, nil //nolint:nilnil // the server answers
	}}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	spoil(t, store)
	body := strings.NewReader(`{"name":"Ada King"}`)
	response, err := client.UpdateCurrentUserWithBodyWithResponse(t.Context(), nil, "application/json", body)
	must(t, err)
	if *response.JSON200.Name != "Ada King" {
		t.Errorf("the name is %q", *response.JSON200.Name)
	}
	spoil(t, store)
	onlyOnce := io.MultiReader(strings.NewReader(`{"name":"Ada"}`)) // has no GetBody
	_, err = client.UpdateCurrentUserWithBodyWithResponse(t.Context(), nil, "application/json", onlyOnce)
	if !plinth.IsProblem(err, apiclient.ProblemCodeInvalidToken) {
		t.Errorf("body that can be read only once: %v", err)
	}
}

func TestSessionEndIsReported(t *testing.T) {
	t.Parallel()
	url := startServer(t)
	store := &plinth.MemoryTokens{}
	var ends atomic.Int64
	client := loggedIn(t, url, plinth.Options{Tokens: store, OnSessionEnd: func() { ends.Add(1) }})
	tokens, err := store.Load(t.Context())
	must(t, err)
	must(t, client.Logout(t.Context()))
	must(t, store.Save(t.Context(), tokens)) // the session was revoked from another device

	_, err = client.GetCurrentUserWithResponse(t.Context())
	if !errors.Is(err, plinth.ErrSessionEnded) || !plinth.IsProblem(err, apiclient.ProblemCodeInvalidRefreshToken) {
		t.Errorf("got %v", err)
	}
	if left, _ := store.Load(t.Context()); left != (plinth.Tokens{Device: left.Device}) || ends.Load() != 1 {
		t.Errorf("OnSessionEnd called %d times, want 1; tokens left: %t", ends.Load(), left.Refresh != "")
	}
}

// A canceled caller does not cancel the refresh that other calls wait for.
func TestCanceledCallerDoesNotCancelRefresh(t *testing.T) {
	t.Parallel()
	store := &plinth.MemoryTokens{}
	refreshing, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	w := &wire{t: t, before: func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/auth/refresh") {
			once.Do(func() { close(refreshing) })
			<-goOn
		}
		return nil, nil //nolint:nilnil // the server answers
	}}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	spoil(t, store)
	canceled, cancel := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := client.GetCurrentUserWithResponse(canceled)
		first <- err
	}()
	<-refreshing
	go func() {
		_, err := client.GetCurrentUserWithResponse(t.Context())
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the canceled call returned %v", err)
	}
	close(goOn)
	must(t, <-second)
	if n := w.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}
