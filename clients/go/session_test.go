package plinth_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
)

// wire is an http.RoundTripper that records refreshes, validates every response against the
// contract and injects faults.
type wire struct {
	t            *testing.T
	refreshes    atomic.Int64
	before       func(*http.Request) (*http.Response, error) // replaces the server unless both are nil
	loseResponse atomic.Bool                                 // of the next refresh
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
