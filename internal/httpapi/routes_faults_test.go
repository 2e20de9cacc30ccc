package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/domain"
)

// faultyEmail is the account with which things go wrong.
const faultyEmail = "faulty@example.com"

// faultyStore fails in a lookup of the faulty account, and in the transaction that creates it, once it is there.
type faultyStore struct {
	domain.Store

	fault *fault
}

// fault is what goes wrong at the moment; nothing, at first.
type fault struct {
	now atomic.Pointer[func(context.Context) error]
}

func (f *fault) set(now func(context.Context) error) { f.now.Store(&now) }

func (f *fault) strike(ctx context.Context) error {
	if now := f.now.Load(); now != nil {
		return (*now)(ctx)
	}
	return nil
}

// in makes a store faulty.
func (f *fault) in(store domain.Store) domain.Store { return faultyStore{store, f} }

func (s faultyStore) GetUserByEmail(ctx context.Context, email string) (domain.User, error) {
	if email == faultyEmail {
		return domain.User{}, s.fault.strike(ctx)
	}
	return s.Store.GetUserByEmail(ctx, email)
}

func (s faultyStore) CreateUser(ctx context.Context, user domain.NewUser) (domain.User, error) {
	created, err := s.Store.CreateUser(ctx, user)
	if err == nil && user.Email == faultyEmail {
		err = s.fault.strike(ctx)
	}
	return created, err
}

func (s faultyStore) InTx(ctx context.Context, fn func(domain.Store) error) error {
	return s.Store.InTx(ctx, func(tx domain.Store) error { return fn(s.fault.in(tx)) })
}

const (
	faultyLogin    = `{"email":"` + faultyEmail + `","password":"something longer than that"}`
	faultyRegister = faultyLogin
	// canary is what the log may tell, and no answer.
	canary = "relation zanzibar does not exist"
)

// TestFaults holds that whatever goes wrong inside is one problem document that tells nothing of it, one line in the log
// that tells all, and no trace in the database; and that the next request is none the wiser.
//
//nolint:paralleltest,tparallel // there is one fault at a time
func TestFaults(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	s := newServer(t, options{timeout: 3 * time.Second, store: broken.in})
	db := s.openDatabase()
	const internal, unavailable = apiclient.ProblemCodeInternalError, apiclient.ProblemCodeUnavailable
	for _, test := range []struct {
		name       string
		fault      func(context.Context) error
		status     int
		code       apiclient.ProblemCode
		retryAfter string
		level, msg string // of the line that tells
	}{
		{"an error of a library", func(context.Context) error { return errors.New(canary) }, 500, internal, "", "ERROR", "request failed"},
		{"a wrapped error", func(context.Context) error { return fmt.Errorf("creating: %w", errors.New(canary)) }, 500, internal, "", "ERROR", "request failed"},
		{"an error with a code that nobody knows", func(context.Context) error { return &domain.Error{Code: "zanzibar", Message: canary} }, 500, internal, "", "ERROR", "request failed"},
		{"a panic", func(context.Context) error { panic(canary) }, 500, internal, "", "ERROR", "request panicked"},
		{"a panic with an error", func(context.Context) error { panic(errors.New(canary)) }, 500, internal, "", "ERROR", "request panicked"},
		{"a nil pointer", func(context.Context) error { return errors.New(nobody().email) }, 500, internal, "", "ERROR", "request panicked"},
		{"a database that is gone", func(context.Context) error { return domain.ErrUnavailable.Because(errors.New(canary)) }, 503, unavailable, "1", "WARN", "request failed"},
		{"a database that hangs", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503, unavailable, "1", "WARN", "request failed"},
		{"a canceled query without anybody who canceled", func(context.Context) error { return context.Canceled }, 500, internal, "", "ERROR", "request failed"},
		{"too much work", func(context.Context) error { return domain.ErrOverloaded }, 503, apiclient.ProblemCodeOverloaded, "2", "WARN", "request failed"},
	} {
		for _, r := range []request{login(faultyLogin), register(faultyRegister)} {
			t.Run(test.name+" on "+r.path, func(t *testing.T) {
				broken.set(test.fault)
				response, body := s.send(t, r)
				want(t, "status", response.StatusCode, test.status, body)
				want(t, "code", problemOf(t, response, body).Code, test.code, body)
				want(t, "Retry-After", response.Header.Get("Retry-After"), test.retryAfter, body)
				if strings.Contains(string(body), "zanzibar") {
					t.Errorf("the cause is told to the caller: %s", body)
				}

				lines := s.logLines(t, response.Header.Get("X-Request-ID"))
				want(t, "log lines", len(lines), 2, []byte(s.logs.String()))
				want(t, "level", lines[0].Level, test.level, nil)
				want(t, "message", lines[0].Msg, test.msg, nil)
				want(t, "route", lines[0].Route, r.path, nil)
				want(t, "told code", lines[0].Code, string(test.code), nil)
				if lines[0].Error == "" {
					t.Error("the log does not say what was wrong")
				}
				want(t, "stack", strings.Contains(lines[0].Stack, "faultyStore"), test.msg == "request panicked", nil)
				want(t, "access line", lines[1].Status, test.status, nil)

				var users int
				must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM users`).Scan(&users))
				want(t, "users", users, 0, nil)
			})
		}
	}

	t.Run("the connection lives on after a panic", func(t *testing.T) {
		broken.set(func(context.Context) error { panic(canary) })
		sent := loginHead + fmt.Sprintf("Content-Length: %d\n\n%s", len(faultyLogin), faultyLogin)
		answers := converse(t, s, strings.ReplaceAll(sent+sent+last, "\n", "\r\n"))
		if !slices.Equal(answers, []int{500, 500, 200}) {
			t.Errorf("the answers are %v", answers)
		}
	})
	t.Run("a handler may end the connection, the way of net/http", func(t *testing.T) {
		broken.set(func(context.Context) error { panic(http.ErrAbortHandler) })
		sent := loginHead + fmt.Sprintf("Content-Length: %d\n\n%s", len(faultyLogin), faultyLogin)
		if answers := converse(t, s, strings.ReplaceAll(sent, "\n", "\r\n")); len(answers) > 0 {
			t.Errorf("the answers are %v", answers)
		}
	})
	t.Run("no connection to the database is lost", func(t *testing.T) {
		broken.set(func(context.Context) error { panic(canary) })
		for range 2 * 4 { // twice as many as there are
			s.send(t, register(faultyRegister))
		}
		broken.set(func(context.Context) error { return nil })
		response, body := s.send(t, register(faultyRegister))
		want(t, "status", response.StatusCode, http.StatusCreated, body)
	})
}

// nobody is nil, which is more than a linter can know.
func nobody() (none *account) { return none }

// TestCallersThatLeave end what is done for them. That is no fault of ours, but what breaks meanwhile is.
//
//nolint:paralleltest,tparallel // there is one fault at a time
func TestCallersThatLeave(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	s := newServer(t, options{store: broken.in})
	leave := func(t *testing.T, then func() error) (status int, lines []accessLine) {
		t.Helper()
		ctx, hangUp := context.WithCancel(t.Context())
		defer hangUp()
		broken.set(func(ctx context.Context) error {
			hangUp()
			<-ctx.Done() // the work is told
			return then()
		})
		id := rowID(t)
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, loginPath, strings.NewReader(faultyLogin))
		r.Header = jsonHeader()
		r.Header.Set("X-Request-ID", id)
		return strictly(t, s.Handler, r).StatusCode, s.logLines(t, id)
	}

	t.Run("while we wait for the database", func(t *testing.T) {
		status, lines := leave(t, func() error { return fmt.Errorf("asking: %w", context.Canceled) })
		want(t, "status", status, http.StatusBadRequest, nil)
		want(t, "lines", len(lines), 1, []byte(fmt.Sprint(lines)))
	})
	t.Run("while the store gives up", func(t *testing.T) {
		status, lines := leave(t, func() error { return domain.ErrUnavailable.Because(context.Canceled) })
		want(t, "status", status, http.StatusBadRequest, nil)
		want(t, "lines", len(lines), 1, []byte(fmt.Sprint(lines)))
	})
	t.Run("while something else breaks", func(t *testing.T) {
		status, lines := leave(t, func() error { return errors.New(canary) })
		want(t, "status", status, http.StatusInternalServerError, nil)
		want(t, "lines", len(lines), 2, []byte(fmt.Sprint(lines)))
	})
	t.Run("while we panic", func(t *testing.T) {
		status, lines := leave(t, func() error { panic(canary) })
		want(t, "status", status, http.StatusInternalServerError, nil)
		want(t, "lines", len(lines), 2, []byte(fmt.Sprint(lines)))
	})
}

// rowID makes a request id of the name of a test.
func rowID(t *testing.T) string {
	t.Helper()
	return strings.ReplaceAll(t.Name(), "/", ".")
}

// TestEveryRequestHasADeadline holds the default; TestFaults shows what comes of it.
func TestEveryRequestHasADeadline(t *testing.T) {
	t.Parallel()
	asked := &fault{}
	s := newServer(t, options{store: asked.in})
	started := time.Now()
	var atLeast, atMost time.Duration
	asked.set(func(ctx context.Context) error {
		if deadline, bounded := ctx.Deadline(); bounded {
			atLeast, atMost = time.Until(deadline), deadline.Sub(started)
		}
		return domain.ErrUserNotFound
	})
	response, body := s.send(t, login(faultyLogin))
	want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
	if promised := 10 * time.Second; atLeast > promised || atMost < promised {
		t.Errorf("a request may take from %s to %s, want 10 s", atLeast, atMost)
	}
}

// TestFaultsAreReported holds that Sentry learns of what is our fault, by the request's id, and of nothing else.
func TestFaultsAreReported(t *testing.T) {
	t.Parallel()
	reports := make(chan string, 10)
	sentry := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		report, _ := io.ReadAll(r.Body)
		reports <- string(report)
	}))
	t.Cleanup(sentry.Close)
	broken := &fault{}
	s := newServer(t, options{store: broken.in, settings: map[string]string{
		"SENTRY_DSN": strings.Replace(sentry.URL, "://", "://key@", 1) + "/1",
	}})
	for _, test := range []struct {
		id     string
		fault  func(context.Context) error
		status int
		says   string // the report; nothing if there is none
	}{
		{"of-a-guess", func(context.Context) error { return domain.ErrUserNotFound }, 401, ""},
		{"of-a-panic", func(context.Context) error { panic(canary) }, 500, canary},
		{"of-a-bug", func(context.Context) error { return errors.New(canary) }, 500, canary},
	} {
		broken.set(test.fault)
		response, body := s.send(t, login(faultyLogin).with("X-Request-ID", test.id))
		want(t, "status", response.StatusCode, test.status, body)
		if test.says == "" {
			continue // the next report would be that of this one
		}
		select {
		case report := <-reports:
			for _, part := range []string{`"request_id":"` + test.id + `"`, test.says} {
				if !strings.Contains(report, part) {
					t.Errorf("%s is not in the report %s", part, report)
				}
			}
			for _, part := range []string{faultyEmail, "something longer than that"} {
				if strings.Contains(report, part) {
					t.Errorf("%s is in the report %s", part, report)
				}
			}
		case <-time.After(patience):
			t.Fatalf("%s was not reported", test.id)
		}
	}
}
