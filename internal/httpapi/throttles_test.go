package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

var throttleFixture = fixture{
	rows: map[string]rows{"clearUserThrottle": {shared: "admins help all accounts"}},
}

// newThrottledServer returns a server that lets guesses come from anywhere, and few of them.
func newThrottledServer(t *testing.T) *apitest.Server {
	t.Helper()
	return apitest.NewLimitedServer(t, map[string]string{"LOGIN_FAILURES_PER_ACCOUNT": "5"})
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	user := s.Register() // from here
	from := func(address, password string) apitest.Request {
		return apitest.Login(apitest.Credentials(user.Email, password)).From(address)
	}
	for range 5 {
		response, body := s.Send(t, from("198.51.100.66", "wrong"))
		apitest.Want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
	}
	for _, secret := range []string{"wrong", apitest.Password} {
		response, body := s.Send(t, from("198.51.100.66", secret))
		apitest.Want(t, "status", response.StatusCode, http.StatusTooManyRequests, body)
		apitest.Want(t, "code", apitest.ProblemOf(t, response, body).Code, apiclient.ProblemCodeTooManyAttempts, body)
		if wait, err := strconv.Atoi(response.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 15 {
			t.Errorf("Retry-After is %s, want some of 15 seconds", response.Header.Get("Retry-After"))
		}
	}
	response, body := s.Send(t, from("198.51.100.67", apitest.Password))
	apitest.Want(t, "status elsewhere", response.StatusCode, http.StatusOK, body)

	// The device that the account was registered with is let in even among those who guess.
	known := from("198.51.100.66", apitest.Password)
	device := user.Tokens.DeviceToken
	if device == nil {
		t.Fatal("the registration brought no device token")
	}
	known.Body = fmt.Sprintf(`{"email":%q,"password":%q,"device_token":%q}`, user.Email, apitest.Password, *device)
	response, body = s.Send(t, known)
	apitest.Want(t, "status of a known device", response.StatusCode, http.StatusOK, body)
	if !strings.Contains(string(body), *device) {
		t.Errorf("the answer does not keep the device token: %s", body)
	}
	known.Body = strings.Replace(known.Body, *device, "dt-forged", 1)
	response, body = s.Send(t, known)
	apitest.Want(t, "status of an unknown device", response.StatusCode, http.StatusTooManyRequests, body)
}

// TestFailedLoginsHaveEqualResponses checks that a failed login, throttled or not, does not reveal
// whether the account exists.
func TestFailedLoginsHaveEqualResponses(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	active, inactive := pgtest.User(t, s.Store, pgtest.UserOpts{}), pgtest.User(t, s.Store, pgtest.UserOpts{Inactive: true})
	guesses := []apitest.Request{
		apitest.Login(apitest.Credentials(active.Email, "wrong")).From("192.0.2.1"),
		apitest.Login(apitest.Credentials("nobody@example.com", apitest.Password)).From("192.0.2.2"),
		apitest.Login(apitest.Credentials(inactive.Email, pgtest.Password)).From("192.0.2.3"),
		apitest.Login(apitest.Credentials(inactive.Email, "wrong")).From("192.0.2.4"),
	}
	guesses[3].Body = strings.Replace(guesses[3].Body, inactive.Email, "no e-mail at all", 1)
	var statuses []int
	for range 8 {
		var answers []string
		for _, guess := range guesses {
			response, body := s.Send(t, guess)
			answers = append(answers, servertest.Comparable(t, response, body, 15))
			statuses = append(statuses, response.StatusCode)
		}
		for _, answer := range answers {
			apitest.Want(t, "an answer", answer, answers[0], nil)
		}
	}
	apitest.Want(t, "refusals", len(statuses)-slices.Index(statuses, http.StatusTooManyRequests), 3*len(guesses), nil)
}

func TestConcurrentGuessesAreThrottled(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	var looked, busy atomic.Int64
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			response, _ := s.Send(t, apitest.Login(apitest.Credentials("ada@example.com", "wrong")).From("192.0.2.1"))
			switch response.StatusCode {
			case http.StatusUnauthorized:
				looked.Add(1)
			case http.StatusTooManyRequests:
			case http.StatusServiceUnavailable:
				busy.Add(1) // this machine
			default:
				t.Errorf("got %d", response.StatusCode)
			}
		})
	}
	group.Wait()
	if n := looked.Load(); n > 5 || n+busy.Load() < 5 {
		t.Errorf("%d passwords were looked at, want 5", n)
	}
}

func TestReauthenticationIsThrottled(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	for name, guess := range map[string]func(apitest.Account, string) apitest.Request{
		"a change": func(a apitest.Account, secret string) apitest.Request {
			return apitest.Change(a, `{"name":"Ada","current_password":"`+secret+`"}`)
		},
		"the deletion": func(a apitest.Account, secret string) apitest.Request {
			return apitest.Post(apitest.MePath+"/deletion", `{"current_password":"`+secret+`"}`).As(a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.In(t)
			user := s.Register()
			for range 5 {
				response, body := s.Send(t, guess(user, "wrong"))
				apitest.Want(t, "status", response.StatusCode, http.StatusForbidden, body)
			}
			for _, secret := range []string{"wrong", apitest.Password} {
				response, body := s.Send(t, guess(user, secret))
				apitest.Want(t, "status", response.StatusCode, http.StatusTooManyRequests, body)
				apitest.Want(t, "code", apitest.ProblemOf(t, response, body).Code, apiclient.ProblemCodeTooManyAttempts, body)
			}
		})
	}
}

func TestClearUserThrottle(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	admin, user := s.RegisterAdmin(), s.Register()
	s.FailToLogIn(t, user.Email, 5)
	cleared, err := admin.ClearUserThrottleWithResponse(t.Context(), s.User(user).ID)
	apitest.Must(t, err)
	apitest.Want(t, "status", cleared.StatusCode(), http.StatusNoContent, cleared.Body)
	response, body := s.Send(t, apitest.Login(apitest.Credentials(user.Email, apitest.Password)))
	apitest.Want(t, "status of a login", response.StatusCode, http.StatusOK, body)

	unknown, err := admin.ClearUserThrottleWithResponse(t.Context(), "01JD8Z5V3K4N6P7Q8R9S0T1V2W")
	apitest.Must(t, err)
	apitest.Want(t, "status", unknown.StatusCode(), http.StatusNotFound, unknown.Body)
	apitest.Want(t, "code", unknown.ApplicationProblemJSON404.Code, apiclient.ProblemCodeUserNotFound, unknown.Body)
}
