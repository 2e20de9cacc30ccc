package plinth_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/contracttest"
)

const password = "correct horse battery staple"

// startServer runs the real server and returns its URL.
func startServer(t *testing.T) string {
	t.Helper()
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "PORT": "0", "DATABASE_URL": pgtest.URL(t), "JWT_SECRET": strings.Repeat("4c70a3b2", 8),
		"PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1", "DATABASE_POOL_SIZE": "1", "DATABASE_MAX_OVERFLOW": "3",
	}, config.Options{})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- app.Run(ctx, cfg, app.Options{Log: io.Discard, OnListening: func(addr net.Addr) { listening <- addr.String() }})
	}()
	select {
	case address := <-listening:
		t.Cleanup(func() {
			stop()
			must(t, <-ended)
		})
		return "http://" + address
	case err := <-ended:
		stop()
		t.Fatalf("the server ended with %v", err)
		return ""
	}
}

var contract = contracttest.MustParse(apicontract.OpenAPI, contracttest.Options{})

// wire is an http.RoundTripper on which a test can listen, and which it can cut.
type wire struct {
	t          *testing.T
	refreshes  atomic.Int64
	before     func(*http.Request) (*http.Response, error) // answers in the server's place, unless both are nil
	after      func(*http.Response)
	loseAnswer atomic.Bool // of the next refresh
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
	if isRefresh && err == nil && w.loseAnswer.CompareAndSwap(true, false) {
		_ = response.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return response, err
}

// spoil makes the service refuse the access token of a store, and leaves the refresh token as it is.
func spoil(t *testing.T, store plinth.TokenStore) {
	t.Helper()
	tokens, err := store.Load(t.Context())
	must(t, err)
	tokens.Access = tokens.Access[:len(tokens.Access)-4] + "AAAA"
	must(t, store.Save(t.Context(), tokens))
}

// loggedIn returns a client with a session of a new account.
func loggedIn(t *testing.T, url string, options plinth.Options) *plinth.Client {
	t.Helper()
	client, err := plinth.New(url, options)
	must(t, err)
	must(t, client.Register(t.Context(), newEmail(), password, "Ada"))
	return client
}

func newEmail() string { return strings.ToLower(rand.Text()) + "@example.com" }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestASessionFromRegistrationToLogout(t *testing.T) {
	t.Parallel()
	url := startServer(t)
	store := &plinth.MemoryTokens{}
	client, err := plinth.New(url, plinth.Options{Tokens: store})
	must(t, err)
	email := newEmail()
	must(t, client.Register(t.Context(), email, password, "Ada"))
	me, err := client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	if me.JSON200.Email != email || *me.JSON200.Name != "Ada" {
		t.Errorf("I am %+v", me.JSON200)
	}
	must(t, client.Logout(t.Context()))
	must(t, client.Logout(t.Context())) // there is nothing left to end
	if tokens, _ := store.Load(t.Context()); tokens != (plinth.Tokens{Device: tokens.Device}) {
		t.Error("tokens are kept after the logout")
	}
	_, err = client.GetCurrentUserWithResponse(t.Context())
	if !plinth.IsProblem(err, apiclient.ProblemCodeUnauthenticated) {
		t.Errorf("after the logout: %v", err)
	}
	must(t, client.Login(t.Context(), strings.ToUpper(email), password))
	_, err = client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
}

// The device token outlives sessions and goes with each login, so that failures elsewhere do not refuse the user here.
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
		t.Fatal("the device token did not outlive the session")
	}
	stranger, err := plinth.New(url, plinth.Options{})
	must(t, err)
	for !plinth.IsProblem(err, apiclient.ProblemCodeTooManyAttempts) {
		if err = stranger.Login(t.Context(), email, "not this password"); err == nil {
			t.Fatal("a wrong password logs in")
		}
	}
	must(t, client.Login(t.Context(), email, password))
	if device() != first {
		t.Error("a login from a known device changed its token")
	}

	// A release without device tokens refuses the member.
	w.before = func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		must(t, err)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte("device_token")) {
			return nil, nil //nolint:nilnil // the server answers
		}
		refusal := `{"type":"about:blank","title":"Unprocessable","status":422,"code":"validation_failed","request_id":"x"}`
		return &http.Response{
			StatusCode: http.StatusUnprocessableEntity, Header: http.Header{"Content-Type": {"application/problem+json"}},
			Body: io.NopCloser(strings.NewReader(refusal)), Request: r,
		}, nil
	}
	must(t, client.Logout(t.Context()))
	email = newEmail()
	w2, err := plinth.New(url, plinth.Options{})
	must(t, err)
	must(t, w2.Register(t.Context(), email, password, ""))
	must(t, client.Login(t.Context(), email, password))
}

func TestRefusalsAreProblems(t *testing.T) {
	t.Parallel()
	client := loggedIn(t, startServer(t), plinth.Options{})
	err := client.Login(t.Context(), newEmail(), password)
	problem, ok := errors.AsType[*plinth.Problem](err)
	if !ok || problem.Code != apiclient.ProblemCodeInvalidCredentials || problem.Status != http.StatusUnauthorized || problem.RequestID == "" {
		t.Errorf("a wrong login: %v", err)
	}
	err = client.Register(t.Context(), "no address", "2 short", "")
	if want := "[body/email: invalid_format]"; !plinth.IsProblem(err, apiclient.ProblemCodeValidationFailed) || !strings.Contains(err.Error(), want) {
		t.Errorf("a bad registration: %v, want %s", err, want)
	}
	_, err = client.GetUserWithResponse(t.Context(), "01JD8Z5V3K4N6P7Q8R9S0T1V2W")
	if !plinth.IsProblem(err, apiclient.ProblemCodeForbidden) || plinth.IsProblem(err, apiclient.ProblemCodeUserNotFound) {
		t.Errorf("what is not mine: %v", err)
	}
	if plinth.IsProblem(io.EOF, "") || plinth.IsProblem(nil, "") {
		t.Error("what is no refusal is taken for one")
	}
}

func TestManyCallsShareOneRefresh(t *testing.T) {
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

// A call that learns late that its token is no good takes the one that came meanwhile.
func TestAStragglerDoesNotRefreshAgain(t *testing.T) {
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

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
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
		t.Errorf("%d refreshes; the token ends in %s", w.refreshes.Load(), time.Until(renewed.ExpiresAt))
	}
}

func TestARefreshWhoseAnswerIsLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w, store := &wire{t: t}, &plinth.MemoryTokens{}
	client := loggedIn(t, startServer(t), plinth.Options{HTTPClient: &http.Client{Transport: w}, Tokens: store})
	spoil(t, store)
	w.loseAnswer.Store(true)
	for range 2 {
		_, err := client.GetCurrentUserWithResponse(t.Context())
		must(t, err)
		spoil(t, store) // the refresh token that came must work as well
	}
	if n := w.refreshes.Load(); n != 3 {
		t.Errorf("%d refreshes, want one that was lost, its repetition and the next", n)
	}
}

func TestABodyIsSentAgainAfterARefresh(t *testing.T) {
	t.Parallel()
	store := &plinth.MemoryTokens{}
	w := &wire{t: t, before: func(r *http.Request) (*http.Response, error) {
		r.GetBody = nil // net/http, too, would send it again
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
	onlyOnce := io.MultiReader(strings.NewReader(`{"name":"Ada"}`)) // cannot be had again
	_, err = client.UpdateCurrentUserWithBodyWithResponse(t.Context(), nil, "application/json", onlyOnce)
	if !plinth.IsProblem(err, apiclient.ProblemCodeInvalidToken) {
		t.Errorf("a body that can be read only once: %v", err)
	}
}

func TestTheEndOfASessionIsTold(t *testing.T) {
	t.Parallel()
	url := startServer(t)
	store := &plinth.MemoryTokens{}
	var ends atomic.Int64
	client := loggedIn(t, url, plinth.Options{Tokens: store, OnSessionEnd: func() { ends.Add(1) }})
	tokens, err := store.Load(t.Context())
	must(t, err)
	must(t, client.Logout(t.Context()))
	must(t, store.Save(t.Context(), tokens)) // as if another device had logged out

	_, err = client.GetCurrentUserWithResponse(t.Context())
	if !errors.Is(err, plinth.ErrSessionEnded) || !plinth.IsProblem(err, apiclient.ProblemCodeInvalidRefreshToken) {
		t.Errorf("got %v", err)
	}
	if left, _ := store.Load(t.Context()); left != (plinth.Tokens{Device: left.Device}) || ends.Load() != 1 {
		t.Errorf("told %d times; tokens are left: %t", ends.Load(), left.Refresh != "")
	}
}

// A caller that gives up does not take the refresh from the others.
func TestACallerThatGivesUp(t *testing.T) {
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
	impatient, giveUp := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := client.GetCurrentUserWithResponse(impatient)
		first <- err
	}()
	<-refreshing
	go func() {
		_, err := client.GetCurrentUserWithResponse(t.Context())
		second <- err
	}()
	giveUp()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	close(goOn)
	must(t, <-second)
	if n := w.refreshes.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// answer makes a response that a proxy or an overloaded server would give.
func answer(r *http.Request, status int, retryAfter string) *http.Response {
	header := http.Header{}
	if retryAfter != "" {
		header.Set("Retry-After", retryAfter)
	}
	return &http.Response{
		StatusCode: status, Header: header, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader([]byte("<html>busy</html>"))),
	}
}

func TestSafeCallsAreSentAgainWhenTheServiceIsBusy(t *testing.T) {
	t.Parallel()
	url := startServer(t)
	for name, test := range map[string]struct {
		retries    int
		busy       int64 // how often the service is
		retryAfter string
		call       func(context.Context, *plinth.Client) error
		wantCalls  int64
		wantOK     bool
	}{
		"a read":                    {0, 1, "1", read, 2, true},
		"busy for too long":         {1, 5, "1", read, 2, false},
		"never":                     {-1, 1, "1", read, 1, false},
		"without a time to wait":    {0, 1, "", read, 1, false},
		"with a time beyond reason": {0, 1, "3600", read, 1, false},
		"a write": {0, 1, "1", func(ctx context.Context, c *plinth.Client) error {
			_, err := c.LogoutAllSessionsWithResponse(ctx)
			return err
		}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			w := &wire{t: t, before: func(r *http.Request) (*http.Response, error) {
				if calls.Add(1) <= test.busy {
					return answer(r, http.StatusServiceUnavailable, test.retryAfter), nil
				}
				return nil, nil //nolint:nilnil // the server answers
			}}
			client, err := plinth.New(url, plinth.Options{HTTPClient: &http.Client{Transport: w}, Retries: test.retries})
			must(t, err)
			err = test.call(t.Context(), client)
			if calls.Load() != test.wantCalls || (err == nil) != test.wantOK {
				t.Errorf("%d calls, %v; want %d", calls.Load(), err, test.wantCalls)
			}
			if problem, ok := errors.AsType[*plinth.Problem](err); err != nil && (!ok || problem.Status != http.StatusServiceUnavailable) {
				t.Errorf("got %v, want a problem with the status", err)
			}
		})
	}
}

func read(ctx context.Context, c *plinth.Client) error {
	_, err := c.GetHealthWithResponse(ctx)
	return err
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := &wire{t: t, before: func(r *http.Request) (*http.Response, error) {
		cancel()
		return answer(r, http.StatusServiceUnavailable, "9"), nil
	}}
	client, err := plinth.New("http://127.0.0.1:1", plinth.Options{HTTPClient: &http.Client{Transport: w}})
	must(t, err)
	if err := read(ctx, client); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTokensAreNotPrinted(t *testing.T) {
	t.Parallel()
	tokens := plinth.Tokens{Access: "secret-access", Refresh: "secret-refresh"}
	for _, text := range []string{
		fmt.Sprint(tokens), fmt.Sprintf("%+v %#v %s", tokens, tokens, &tokens), tokens.LogValue().String(),
	} {
		if strings.Contains(text, "secret") {
			t.Errorf("printed as %s", text)
		}
	}
}

// lost is a store that has stopped to work.
type lost struct{ plinth.MemoryTokens }

var errStore = errors.New("the store is gone")

func (*lost) Load(context.Context) (plinth.Tokens, error) { return plinth.Tokens{}, errStore }

func TestAStoreThatFails(t *testing.T) {
	t.Parallel()
	client, err := plinth.New(startServer(t), plinth.Options{Tokens: &lost{}})
	must(t, err)
	if _, err := client.GetCurrentUserWithResponse(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("a call: %v", err)
	}
	if err := client.Logout(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("a logout: %v", err)
	}
}

// The token of a call must not go where a redirect leads, and what is there is not what the contract describes.
func TestRedirectsAreGivenToTheCaller(t *testing.T) {
	t.Parallel()
	calls := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
	}))
	t.Cleanup(server.Close)
	client, err := plinth.New(server.URL, plinth.Options{})
	must(t, err)
	response, err := client.GetHealthWithResponse(t.Context())
	must(t, err)
	if response.StatusCode() != http.StatusSeeOther || response.HTTPResponse.Header.Get("Location") != "/elsewhere" || calls.Load() != 1 {
		t.Errorf("%d after %d calls", response.StatusCode(), calls.Load())
	}
	follows := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("asked") }}
	client, err = plinth.New(server.URL, plinth.Options{HTTPClient: follows})
	must(t, err)
	if _, err := client.GetHealthWithResponse(t.Context()); err == nil || !strings.Contains(err.Error(), "asked") {
		t.Errorf("a CheckRedirect of the program's own: %v", err)
	}
}
