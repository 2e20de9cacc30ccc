package protocol_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/headguard"
	"example.com/plinth/kit/telemetry"
	"example.com/plinth/kit/throttle"
)

func BenchmarkValidationOfGetCurrentUser(b *testing.B) {
	store, token := newAccount(b)
	request := func(unvalidated bool) func() {
		return getCurrentUser(b, httptest.NewUnstartedServer(newApp(b, store, nil, unvalidated).Handler), token)
	}
	compare(b, "×unvalidated", request(false), request(true))
}

// BenchmarkHeadGuard compares a server that looks for ambiguous heads with one that does not.
// Target: 2 %.
func BenchmarkHeadGuard(b *testing.B) {
	store, token := newAccount(b)
	handler := newApp(b, store, nil, false).Handler
	guarded, unguarded := httptest.NewUnstartedServer(handler), httptest.NewUnstartedServer(handler)
	guarded.Listener = headguard.Listen(guarded.Listener)
	compare(b, "×unguarded", getCurrentUser(b, guarded, token), getCurrentUser(b, unguarded, token))
}

// newAccount returns a database with one account, and an access token for it.
func newAccount(b *testing.B) (domain.Store, string) {
	b.Helper()
	store, err := pgstore.Open(b.Context(), pgtest.URL(b), pgstore.Options{MaxConns: 4})
	apitest.Must(b, err)
	b.Cleanup(store.Close)
	tokens, err := newApp(b, store, nil, false).Services.Sessions.RegisterUser(b.Context(),
		domain.Registration{Email: "ada@example.com", Password: apitest.Password}, domain.Client{})
	apitest.Must(b, err)
	return store, tokens.Access
}

// getCurrentUser starts a server and returns what sends it a request.
func getCurrentUser(b *testing.B, server *httptest.Server, token string) func() {
	b.Helper()
	server.Start()
	b.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}}
	return func() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/api/v1/users/me", http.NoBody)
		apitest.Must(b, err)
		r.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(r)
		apitest.Must(b, err)
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		apitest.Want(b, "status", response.StatusCode, http.StatusOK, nil)
	}
}

func BenchmarkValidationOfRegisterUser(b *testing.B) {
	request := func(unvalidated bool) func() {
		handler := newApp(b, memoryStore{}, map[string]string{"PASSWORD_HASH_MEMORY_KIB": "8"}, unvalidated).Handler
		return func() {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/api/v1/auth/register",
				strings.NewReader(`{"email":"ada@example.com","password":"`+apitest.Password+`","name":"Ada Lovelace"}`))
			r.Header.Set("Content-Type", "application/json")
			response := httptest.NewRecorder()
			handler.ServeHTTP(response, r)
			apitest.Want(b, "status", response.Code, http.StatusCreated, response.Body.Bytes())
		}
	}
	compare(b, "×unvalidated", request(false), request(true))
}

// compare reports how much longer with takes than without: the median over the rounds of the ratio
// of their times.
func compare(b *testing.B, unit string, with, without func()) {
	b.Helper()
	const round = 50
	measure := func(request func()) time.Duration {
		started := time.Now()
		for range round {
			request()
		}
		return time.Since(started)
	}
	measure(with)
	measure(without)
	var ratios []float64
	var total time.Duration
	for b.Loop() {
		first, second := measure(with), measure(without)
		ratios = append(ratios, float64(first)/float64(second))
		total += first
	}
	slices.Sort(ratios)
	b.ReportMetric(0, "ns/op") // of a pair of rounds, which means nothing
	b.ReportMetric(float64(total.Nanoseconds())/float64(len(ratios)*round), "ns/request")
	b.ReportMetric(ratios[len(ratios)/2], unit)
}

// newApp assembles the API on a store, with or without validation of requests.
func newApp(b testing.TB, store domain.Store, settings map[string]string, unvalidated bool) *app.App {
	b.Helper()
	newHandler := httpapi.New
	if unvalidated {
		newHandler = newUnvalidated
	}
	return apitest.Build(b, newHandler, apitest.NewConfig(b, settings), store, func(deps *httpapi.Dependencies, _ *httpapi.Options) {
		deps.Health.Ready = func(context.Context) ([]string, error) { return nil, nil }
		deps.Logger = telemetry.NewLogger(io.Discard, telemetry.LoggerOptions{Level: slog.LevelInfo})
	})
}

// newUnvalidated is httpapi.New without the line of the middleware that validates requests, the last but one.
func newUnvalidated(deps httpapi.Dependencies, options httpapi.Options) (http.Handler, error) {
	s, err := httpapi.NewServer(deps, options)
	if err != nil {
		return nil, err
	}
	middleware := s.Middleware()
	e, err := s.Handler(slices.Delete(middleware, len(middleware)-2, len(middleware)-1)...)
	if err == nil {
		e.Binder = &echo.DefaultBinder{}
	}
	return e, err
}

// memoryStore takes everything and keeps nothing, so that a benchmark measures what stands before
// the store.
type memoryStore struct{ domain.Store }

func (s memoryStore) InTx(_ context.Context, fn func(domain.Store) error) error { return fn(s) }

func (memoryStore) CreateUser(_ context.Context, user domain.NewUser) (domain.User, error) {
	return domain.User{ID: user.ID, Email: user.Email, Role: user.Role, IsActive: true}, nil
}

func (memoryStore) CreateSession(context.Context, domain.NewSession) (domain.Session, error) {
	return domain.Session{}, nil
}

func (memoryStore) CreateRefreshToken(context.Context, domain.NewRefreshToken) error { return nil }

func (memoryStore) RevokeExcessSessions(context.Context, string, int, domain.RevocationReason) ([]string, error) {
	return nil, nil
}

func (memoryStore) RecordAuditEvents(context.Context, ...domain.NewAuditEvent) error { return nil }

func (memoryStore) GetThrottleKey(_ context.Context, candidate []byte) ([]byte, error) {
	return candidate, nil
}

func (memoryStore) RememberDevice(context.Context, string, []byte, int) (bool, error) {
	return true, nil
}

func (memoryStore) IsEmailReserved(context.Context, string, string) (bool, error) { return false, nil }

func (memoryStore) RequestOneTimeToken(context.Context, domain.NewOneTimeToken) (bool, error) {
	return true, nil
}

func (memoryStore) ReserveMail(context.Context, []byte, throttle.Quota) error { return nil }

func (memoryStore) EnqueueJob(context.Context, domain.Job) error { return nil }
