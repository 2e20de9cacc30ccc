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
	"example.com/plinth/internal/pgtest"
)

var throttleFixture = fixture{
	rows: map[string]rows{"clearUserThrottle": {shared: "admins help all accounts"}},
}

// newThrottledServer returns a server that lets guesses come from anywhere, and few of them.
func newThrottledServer(t *testing.T) *server {
	t.Helper()
	return newLimitedServer(t, map[string]string{"LOGIN_FAILURES_PER_ACCOUNT": "5"})
}

func TestLoginIsThrottled(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	user := s.register() // from here
	from := func(address, password string) request { return login(credentials(user.email, password)).from(address) }
	for range 5 {
		response, body := s.send(t, from("198.51.100.66", "wrong"))
		want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
	}
	for _, secret := range []string{"wrong", password} {
		response, body := s.send(t, from("198.51.100.66", secret))
		want(t, "status", response.StatusCode, http.StatusTooManyRequests, body)
		want(t, "code", problemOf(t, response, body).Code, apiclient.ProblemCodeTooManyAttempts, body)
		if wait, err := strconv.Atoi(response.Header.Get("Retry-After")); err != nil || wait < 1 || wait > 15 {
			t.Errorf("Retry-After is %s, want some of 15 seconds", response.Header.Get("Retry-After"))
		}
	}
	response, body := s.send(t, from("198.51.100.67", password))
	want(t, "status elsewhere", response.StatusCode, http.StatusOK, body)

	// The device that the account was registered with is let in even among those who guess.
	known := from("198.51.100.66", password)
	device := user.tokens.DeviceToken
	if device == nil {
		t.Fatal("the registration brought no device token")
	}
	known.body = fmt.Sprintf(`{"email":%q,"password":%q,"device_token":%q}`, user.email, password, *device)
	response, body = s.send(t, known)
	want(t, "status of a known device", response.StatusCode, http.StatusOK, body)
	if !strings.Contains(string(body), *device) {
		t.Errorf("the answer does not keep the device token: %s", body)
	}
	known.body = strings.Replace(known.body, *device, "dt-forged", 1)
	response, body = s.send(t, known)
	want(t, "status of an unknown device", response.StatusCode, http.StatusTooManyRequests, body)
}

// TestAnswersToGuessesAreEqual holds that a failed login, throttled or not, says nothing of the account.
func TestAnswersToGuessesAreEqual(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	active, inactive := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{Inactive: true})
	guesses := []request{
		login(credentials(active.Email, "wrong")).from("192.0.2.1"),
		login(credentials("nobody@example.com", password)).from("192.0.2.2"),
		login(credentials(inactive.Email, pgtest.Password)).from("192.0.2.3"),
		login(credentials(inactive.Email, "wrong")).from("192.0.2.4"),
	}
	guesses[3].body = strings.Replace(guesses[3].body, inactive.Email, "no e-mail at all", 1)
	var statuses []int
	for range 8 {
		var answers []string
		for _, guess := range guesses {
			response, body := s.send(t, guess)
			answers = append(answers, answerToCompare(t, response, body))
			statuses = append(statuses, response.StatusCode)
		}
		for _, answer := range answers {
			want(t, "an answer", answer, answers[0], nil)
		}
	}
	want(t, "refusals", len(statuses)-slices.Index(statuses, http.StatusTooManyRequests), 3*len(guesses), nil)
}

// answerToCompare is an answer, byte by byte, but for what tells requests from each other and how much of a second has
// passed.
func answerToCompare(t *testing.T, response *http.Response, body []byte) string {
	t.Helper()
	header := response.Header.Clone()
	header.Del("Date")
	if wait := header.Get("Retry-After"); wait == "14" || wait == "13" {
		header.Set("Retry-After", "15")
	}
	answer := fmt.Sprint(response.StatusCode, mapString(header), string(body))
	id := header.Get("X-Request-Id")
	want(t, "places of the request's id", strings.Count(answer, id), 2, body)
	return strings.ReplaceAll(answer, id, "the same")
}

func TestGuessesAtOnceAreThrottled(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	var looked atomic.Int64
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			response, _ := s.send(t, login(credentials("ada@example.com", "wrong")).from("192.0.2.1"))
			switch response.StatusCode {
			case http.StatusUnauthorized:
				looked.Add(1)
			case http.StatusTooManyRequests:
			default:
				t.Errorf("got %d", response.StatusCode)
			}
		})
	}
	group.Wait()
	want(t, "passwords that were looked at", looked.Load(), 5, nil)
}

func TestReauthenticationIsThrottled(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	for name, guess := range map[string]func(account, string) request{
		"a change": func(a account, secret string) request {
			return change(a, `{"name":"Ada","current_password":"`+secret+`"}`)
		},
		"the deletion": func(a account, secret string) request {
			return post(mePath+"/deletion", `{"current_password":"`+secret+`"}`).as(a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := s.in(t)
			user := s.register()
			for range 5 {
				response, body := s.send(t, guess(user, "wrong"))
				want(t, "status", response.StatusCode, http.StatusForbidden, body)
			}
			for _, secret := range []string{"wrong", password} {
				response, body := s.send(t, guess(user, secret))
				want(t, "status", response.StatusCode, http.StatusTooManyRequests, body)
				want(t, "code", problemOf(t, response, body).Code, apiclient.ProblemCodeTooManyAttempts, body)
			}
		})
	}
}

func TestClearUserThrottle(t *testing.T) {
	t.Parallel()
	s := newThrottledServer(t)
	admin, user := s.registerAdmin(), s.register()
	s.failToLogIn(t, user.email, 5)
	cleared, err := admin.ClearUserThrottleWithResponse(t.Context(), s.user(user).ID)
	must(t, err)
	want(t, "status", cleared.StatusCode(), http.StatusNoContent, cleared.Body)
	response, body := s.send(t, login(credentials(user.email, password)))
	want(t, "status of a login", response.StatusCode, http.StatusOK, body)

	unknown, err := admin.ClearUserThrottleWithResponse(t.Context(), "01JD8Z5V3K4N6P7Q8R9S0T1V2W")
	must(t, err)
	want(t, "status", unknown.StatusCode(), http.StatusNotFound, unknown.Body)
	want(t, "code", unknown.ApplicationProblemJSON404.Code, apiclient.ProblemCodeUserNotFound, unknown.Body)
}
