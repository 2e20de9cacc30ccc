package protocol_test

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
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// faultyEmail is the account with which things go wrong.
const faultyEmail = "faulty@example.com"

// faultyStore fails in a lookup of the faulty account, and in the transaction that creates it, once
// it is there.
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

// TestFaults checks that an internal error is a problem without its cause, one log line with it, and
// no change in the database, and that the next request succeeds.
//
//nolint:paralleltest,tparallel // there is one fault at a time
func TestFaults(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	s := apitest.NewServer(t, apitest.Options{Timeout: 3 * time.Second, Store: broken.in})
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
		{"an error with an unknown code", func(context.Context) error { return &domain.Error{Code: "zanzibar", Message: canary} }, 500, internal, "", "ERROR", "request failed"},
		{"a panic", func(context.Context) error { panic(canary) }, 500, internal, "", "ERROR", "request panicked"},
		{"a panic with an error", func(context.Context) error { panic(errors.New(canary)) }, 500, internal, "", "ERROR", "request panicked"},
		{"a nil pointer", func(context.Context) error { return errors.New(none().Email) }, 500, internal, "", "ERROR", "request panicked"},
		{"a database that is gone", func(context.Context) error { return domain.ErrUnavailable.Because(errors.New(canary)) }, 503, unavailable, "1", "WARN", "request failed"},
		{"a database that hangs", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 503, unavailable, "1", "WARN", "request failed"},
		{"a canceled query without a canceled request", func(context.Context) error { return context.Canceled }, 500, internal, "", "ERROR", "request failed"},
		{"too much work", func(context.Context) error { return domain.ErrOverloaded }, 503, apiclient.ProblemCodeOverloaded, "2", "WARN", "request failed"},
	} {
		for _, r := range []apitest.Request{apitest.Login(faultyLogin), apitest.Register(faultyRegister)} {
			t.Run(test.name+" on "+r.Path, func(t *testing.T) {
				broken.set(test.fault)
				response, body := s.Send(t, r)
				apitest.Want(t, "status", response.StatusCode, test.status, body)
				apitest.Want(t, "code", apitest.ProblemOf(t, response, body).Code, test.code, body)
				apitest.Want(t, "Retry-After", response.Header.Get("Retry-After"), test.retryAfter, body)
				if strings.Contains(string(body), "zanzibar") {
					t.Errorf("the cause is told to the caller: %s", body)
				}

				lines := logLines(t, s, response.Header.Get("X-Request-ID"))
				apitest.Want(t, "log lines", len(lines), 2, []byte(s.Logs.String()))
				apitest.Want(t, "level", lines[0].Level, test.level, nil)
				apitest.Want(t, "message", lines[0].Msg, test.msg, nil)
				apitest.Want(t, "route", lines[0].Route, r.Path, nil)
				apitest.Want(t, "told code", lines[0].Code, string(test.code), nil)
				if lines[0].Error == "" {
					t.Error("the log does not say what was wrong")
				}
				apitest.Want(t, "stack", strings.Contains(lines[0].Stack, "faultyStore"), test.msg == "request panicked", nil)
				apitest.Want(t, "access line", lines[1].Status, test.status, nil)

				apitest.Want(t, "users", pgtest.Value[int](t, s.Database, `SELECT count(*) FROM users`), 0, nil)
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
			s.Send(t, apitest.Register(faultyRegister))
		}
		broken.set(func(context.Context) error { return nil })
		response, body := s.Send(t, apitest.Register(faultyRegister))
		apitest.Want(t, "status", response.StatusCode, http.StatusCreated, body)
	})
}

// none returns nil, which a linter cannot know.
func none() (account *apitest.Account) { return account }

// TestCallersThatLeave disconnects during requests. Canceled work is no fault of the service, but
// other errors are.
//
//nolint:paralleltest,tparallel // there is one fault at a time
func TestCallersThatLeave(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	s := apitest.NewServer(t, apitest.Options{Store: broken.in})
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
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, apitest.LoginPath, strings.NewReader(faultyLogin))
		r.Header = apitest.JSONHeader()
		r.Header.Set("X-Request-ID", id)
		return strictly(t, s.Handler, r).StatusCode, logLines(t, s, id)
	}

	t.Run("while we wait for the database", func(t *testing.T) {
		status, lines := leave(t, func() error { return fmt.Errorf("asking: %w", context.Canceled) })
		apitest.Want(t, "status", status, http.StatusBadRequest, nil)
		apitest.Want(t, "lines", len(lines), 1, []byte(fmt.Sprint(lines)))
	})
	t.Run("while the store gives up", func(t *testing.T) {
		status, lines := leave(t, func() error { return domain.ErrUnavailable.Because(context.Canceled) })
		apitest.Want(t, "status", status, http.StatusBadRequest, nil)
		apitest.Want(t, "lines", len(lines), 1, []byte(fmt.Sprint(lines)))
	})
	t.Run("while something else breaks", func(t *testing.T) {
		status, lines := leave(t, func() error { return errors.New(canary) })
		apitest.Want(t, "status", status, http.StatusInternalServerError, nil)
		apitest.Want(t, "lines", len(lines), 2, []byte(fmt.Sprint(lines)))
	})
	t.Run("while we panic", func(t *testing.T) {
		status, lines := leave(t, func() error { panic(canary) })
		apitest.Want(t, "status", status, http.StatusInternalServerError, nil)
		apitest.Want(t, "lines", len(lines), 2, []byte(fmt.Sprint(lines)))
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
	s := apitest.NewServer(t, apitest.Options{Store: asked.in})
	started := time.Now()
	var atLeast, atMost time.Duration
	asked.set(func(ctx context.Context) error {
		if deadline, bounded := ctx.Deadline(); bounded {
			atLeast, atMost = time.Until(deadline), deadline.Sub(started)
		}
		return domain.ErrUserNotFound
	})
	response, body := s.Send(t, apitest.Login(faultyLogin))
	apitest.Want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
	if promised := 10 * time.Second; atLeast > promised || atMost < promised {
		t.Errorf("a request may take from %s to %s, want 10 s", atLeast, atMost)
	}
}

// TestFaultsAreReported checks that Sentry gets faults of the service, with the request id, and
// nothing else.
func TestFaultsAreReported(t *testing.T) {
	t.Parallel()
	reports := make(chan string, 10)
	mux := http.NewServeMux() // without other paths, because a client of another test may have had the port
	mux.HandleFunc("POST /api/1/envelope/", func(_ http.ResponseWriter, r *http.Request) {
		report, _ := io.ReadAll(r.Body)
		reports <- string(report)
	})
	sentry := httptest.NewServer(mux)
	t.Cleanup(sentry.Close)
	broken := &fault{}
	s := apitest.NewServer(t, apitest.Options{Store: broken.in, Settings: map[string]string{
		"SENTRY_DSN": strings.Replace(sentry.URL, "://", "://key@", 1) + "/1", "SENTRY_TRACES_SAMPLE_RATE": "0",
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
		response, body := s.Send(t, apitest.Login(faultyLogin).With("X-Request-ID", test.id))
		apitest.Want(t, "status", response.StatusCode, test.status, body)
		if test.says == "" {
			continue // the next report would be that of this one
		}
		report := awaitReport(t, reports, test.id)
		if !strings.Contains(report, test.says) {
			t.Errorf("%s is not in the report %s", test.says, report)
		}
		for _, part := range []string{faultyEmail, "something longer than that"} {
			if strings.Contains(report, part) {
				t.Errorf("%s is in the report %s", part, report)
			}
		}
	}
}

// awaitReport returns the report of a request. Each other report is an error.
func awaitReport(t *testing.T, reports <-chan string, requestID string) string {
	t.Helper()
	overdue := time.After(patience)
	for {
		select {
		case report := <-reports:
			if strings.Contains(report, `"request_id":"`+requestID+`"`) {
				return report
			}
			t.Errorf("while waiting for the report of %s, got %s", requestID, report)
		case <-overdue:
			t.Fatalf("%s was not reported", requestID)
		}
	}
}
