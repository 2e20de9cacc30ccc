package protocol_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/gen/api"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// cast are those who do something: a user who is logged in twice, and an administrator.
type cast struct {
	*apitest.Server

	ada, again, root apitest.Account
	names            map[string]string // of identifiers, for people
}

func newCast(t *testing.T, s *apitest.Server) *cast {
	t.Helper()
	c := &cast{Server: s, ada: s.Register(), root: s.RegisterAdmin()}
	c.again = c.Login(t, c.ada)
	c.names = map[string]string{
		apitest.ClaimOf(c.ada, "sub"): "ada", apitest.ClaimOf(c.ada, "sid"): "here", apitest.ClaimOf(c.again, "sid"): "elsewhere",
		apitest.ClaimOf(c.root, "sub"): "root", apitest.ClaimOf(c.root, "sid"): "office",
	}
	return c
}

func refreshToken(a apitest.Account) string {
	return fmt.Sprintf(`{"refresh_token":%q}`, a.Tokens.RefreshToken)
}

// doing is an action, and its record in the audit log: of each event its type,
// actor, target, session and detail.
type doing struct {
	name   string
	send   func(t *testing.T, c *cast) apitest.Request
	status int
	events []string
}

const (
	wrongPassword = `"current_password":"not my password"`
	rightPassword = `"current_password":"` + apitest.Password + `"`
	endedHere     = "session_ended ada ada here "
	endedThere    = "session_ended ada ada elsewhere "
)

// doings are all that is recorded, and what is so like it that it might be.
func doings() []doing {
	return slices.Concat(loginsAndRefreshes(), changesOfOneself(), endsOfSessions(), administration(), accountMails(), invitations())
}

func loginsAndRefreshes() []doing {
	inactive := func(t *testing.T, c *cast) apitest.Request {
		t.Helper()
		isActive := false
		_, err := c.Store.UpdateUser(t.Context(), c.User(c.ada).ID, domain.UserUpdate{IsActive: &isActive})
		apitest.Must(t, err)
		return apitest.Login(apitest.Credentials(c.ada.Email, apitest.Password))
	}
	return []doing{
		{"register", func(*testing.T, *cast) apitest.Request {
			return apitest.Register(apitest.Credentials(apitest.NewEmail(), apitest.Password))
		}, 201, []string{
			"user_created newcomer newcomer new user",
		}},
		{"register what is taken", func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Register(apitest.Credentials(c.ada.Email, apitest.Password))
		}, 409, nil},
		{"log in", func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Login(apitest.Credentials(c.ada.Email, apitest.Password))
		}, 200, []string{
			"authn_login_success ada ada new -",
		}},
		{"log in once too often", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.names[apitest.ClaimOf(c.Login(t, c.ada), "sid")] = "third"
			return apitest.Login(apitest.Credentials(c.ada.Email, apitest.Password))
		}, 200, []string{"authn_login_success ada ada new -", endedHere + "too_many_sessions"}},
		{"log in with a wrong password", func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Login(apitest.Credentials(c.ada.Email, "wrong"))
		}, 401, []string{
			"authn_login_fail - ada - wrong_password",
		}},
		{"log in without an account", func(*testing.T, *cast) apitest.Request {
			return apitest.Login(apitest.Credentials(apitest.NewEmail(), apitest.Password))
		}, 401, []string{
			"authn_login_fail - - - unknown_email",
		}},
		{"log in to an inactive account", inactive, 401, []string{"authn_login_fail - ada - inactive"}},
		{"log in after too many failures", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.FailToLogIn(t, c.ada.Email, stageFailures)
			return apitest.Login(apitest.Credentials(c.ada.Email, apitest.Password))
		}, 429, []string{"authn_login_fail_max - ada - -"}},
		{"log in without an account after too many failures", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			email := apitest.NewEmail()
			c.FailToLogIn(t, email, stageFailures)
			return apitest.Login(apitest.Credentials(email, apitest.Password))
		}, 429, []string{"authn_login_fail_max - - - -"}},
		{"log in without a password", func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Login(apitest.Credentials(c.ada.Email, ""))
		}, 422, nil},
		{"refresh", func(_ *testing.T, c *cast) apitest.Request { return apitest.Refresh(refreshToken(c.ada)) }, 200, nil},
		{"refresh with a token whose successor was used", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.Refresh(t, c.Refresh(t, c.ada))
			return apitest.Refresh(refreshToken(c.ada))
		}, 401, []string{"authn_token_reuse - ada here -"}},
		{"refresh again from another network", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.Refresh(t, c.ada)
			pgtest.Exec(t, c.Database, "UPDATE sessions SET last_ip = '192.0.2.1' WHERE id = $1", apitest.ClaimOf(c.ada, "sid"))
			return apitest.Refresh(refreshToken(c.ada))
		}, 200, []string{"authn_token_repeat - ada here -"}},
		{"refresh with nothing", func(*testing.T, *cast) apitest.Request { return apitest.Refresh(`{"refresh_token":"rt_"}`) }, 401, nil},
	}
}

func changesOfOneself() []doing {
	patch := func(body string) func(*testing.T, *cast) apitest.Request {
		return func(_ *testing.T, c *cast) apitest.Request { return apitest.Change(c.ada, "{"+body+"}") }
	}
	leave := func(body string) func(*testing.T, *cast) apitest.Request {
		return func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Post(apitest.MePath+"/deletion", "{"+body+"}").As(c.ada)
		}
	}
	return []doing{
		{"change the name", patch(`"name":"Ada"`), 200, []string{"user_updated ada ada here name"}},
		{"clear the name that is not there", patch(`"name":null`), 200, nil},
		{"change the e-mail", patch(`"email":"` + apitest.NewEmail() + `",` + rightPassword), 200, []string{"user_email_change_request ada ada here -"}},
		{"change the password", patch(`"password":"another good password",` + rightPassword), 200, []string{
			"authn_password_change ada ada here -", endedThere + "password_changed",
		}},
		{"change everything", patch(`"name":"A","email":"` + apitest.NewEmail() + `","password":"another good password",` + rightPassword), 200, []string{
			"user_email_change_request ada ada here -", "authn_password_change ada ada here -", "user_updated ada ada here name",
			endedThere + "password_changed",
		}},
		{"change the password and not know it", patch(`"password":"another good password",` + wrongPassword), 403, []string{
			"authn_password_change_fail ada ada here -",
		}},
		{"change the e-mail and not know the password", patch(`"email":"a@example.com",` + wrongPassword), 403, []string{
			"authn_reauthentication_fail ada ada here email_change",
		}},
		{"change the name and get the password wrong", patch(`"name":"A",` + wrongPassword), 403, []string{
			"authn_reauthentication_fail ada ada here name_change",
		}},
		{"change the password to a bad one", patch(`"password":"password1234567",` + rightPassword), 422, nil},
		{"delete oneself after too many failures", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			for range stageFailures {
				response, body := c.Send(t, leave(wrongPassword)(t, c))
				apitest.Want(t, "status", response.StatusCode, http.StatusForbidden, body)
			}
			return leave(rightPassword)(t, c)
		}, 429, []string{"authn_login_fail_max ada ada here -"}},
		{"delete oneself", leave(rightPassword), 204, []string{"user_deleted ada ada here -"}},
		{"delete an account without its password", leave(wrongPassword), 403, []string{
			"authn_reauthentication_fail ada ada here deletion",
		}},
	}
}

func endsOfSessions() []doing {
	end := func(of func(*cast) apitest.Account) func(*testing.T, *cast) apitest.Request {
		return func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Request{Method: http.MethodDelete, Path: apitest.MePath + "/sessions/" + apitest.ClaimOf(of(c), "sid")}.As(c.ada)
		}
	}
	logout := func(body func(c *cast) string) func(*testing.T, *cast) apitest.Request {
		return func(_ *testing.T, c *cast) apitest.Request { return apitest.Post("/api/v1/auth/logout", body(c)) }
	}
	return []doing{
		{"log out", logout(func(c *cast) string { return refreshToken(c.ada) }), 204, []string{endedHere + "logged_out"}},
		{"log out with an unknown token", logout(func(*cast) string { return `{"refresh_token":"rt_"}` }), 204, nil},
		{"log out of a session that has ended", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			_, err := c.ada.RevokeCurrentUserSessionWithResponse(t.Context(), apitest.ClaimOf(c.ada, "sid"))
			apitest.Must(t, err)
			return apitest.Post("/api/v1/auth/logout", refreshToken(c.ada))
		}, 204, nil},
		{"log out everywhere", func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Post("/api/v1/auth/logout-all", "").As(c.ada).Typed("")
		}, 204, []string{
			endedHere + "logged_out", endedThere + "logged_out",
		}},
		{"end another session", end(func(c *cast) apitest.Account { return c.again }), 204, []string{
			endedThere + "ended_by_owner",
		}},
		{"end the session of another account", end(func(c *cast) apitest.Account { return c.root }), 404, nil},
		{"end all sessions of an account", func(_ *testing.T, c *cast) apitest.Request {
			return apitest.Request{Method: http.MethodDelete, Path: apitest.UsersPath + apitest.ClaimOf(c.ada, "sub") + "/sessions"}.As(c.root)
		}, 204, []string{"session_ended root ada here ended_by_admin", "session_ended root ada elsewhere ended_by_admin"}},
	}
}

func administration() []doing {
	patch := func(body string) func(*testing.T, *cast) apitest.Request {
		return func(_ *testing.T, c *cast) apitest.Request {
			r := apitest.Post(apitest.UsersPath+apitest.ClaimOf(c.ada, "sub"), "{"+body+"}").As(c.root)
			r.Method = http.MethodPatch
			return r
		}
	}
	ended := func(reason string) []string {
		return []string{"session_ended root ada here " + reason, "session_ended root ada elsewhere " + reason}
	}
	return []doing{
		{"promote", patch(`"role":"admin"`), 200, append(ended("role_changed"), "authz_change root ada office admin")},
		{"leave the role as it is", patch(`"role":"user"`), 200, nil},
		{"deactivate", patch(`"is_active":false`), 200, append(ended("account_deactivated"), "user_deactivated root ada office -")},
		{"activate", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			isActive := false
			_, err := c.Store.UpdateUser(t.Context(), c.User(c.ada).ID, domain.UserUpdate{IsActive: &isActive})
			apitest.Must(t, err)
			return patch(`"is_active":true`)(t, c)
		}, 200, []string{"user_activated root ada office -"}},
		{"rename", patch(`"name":"Ada"`), 200, []string{"user_updated root ada office name"}},
		{"change an account that has changed since", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			return patch(`"name":"Ada"`)(t, c).With("If-Match", `"42"`)
		}, 412, nil},
		{"end the throttle of an account", func(t *testing.T, c *cast) apitest.Request {
			t.Helper()
			c.FailToLogIn(t, c.ada.Email, stageFailures)
			return apitest.Request{Method: http.MethodDelete, Path: apitest.UsersPath + apitest.ClaimOf(c.ada, "sub") + "/throttle"}.As(c.root)
		}, 204, []string{"throttle_cleared root ada office -"}},
		{"look at accounts", func(_ *testing.T, c *cast) apitest.Request { return apitest.Get("/api/v1/users").As(c.root) }, 200, nil},
		{"look at accounts as a user", func(_ *testing.T, c *cast) apitest.Request { return apitest.Get("/api/v1/users").As(c.ada) }, 403, []string{
			"authz_fail ada - here -",
		}},
		{"list accounts without authentication", func(*testing.T, *cast) apitest.Request { return apitest.Get("/api/v1/users") }, 401, nil},
	}
}

// recordedElsewhere are the types that no request makes, and where they are tested.
var recordedElsewhere = []apiclient.AuditEventType{
	apiclient.AuditEventTypeAuditPruned,               // TestPruneAuditEvents
	apiclient.AuditEventTypeAuthnPasswordResetRequest, // TestPasswordResetRequestsAreRecorded
}

func TestChangesAreRecorded(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: stageSettings})
	reader := s.RegisterAdmin()
	seen := recordedElsewhere
	for n, doing := range doings() {
		for _, event := range doing.events {
			kind, _, _ := strings.Cut(event, " ")
			seen = append(seen, apiclient.AuditEventType(kind))
		}
		t.Run(doing.name, func(t *testing.T) {
			t.Parallel()
			c := newCast(t, s)
			requestID := fmt.Sprintf("doing-%d", n)
			response, body := s.Send(t, doing.send(t, c).With("X-Request-ID", requestID))
			apitest.Want(t, "status", response.StatusCode, doing.status, body)
			c.nameNewcomers(body)
			got := c.recorded(t, reader, requestID)
			slices.Sort(got)
			slices.Sort(doing.events)
			if !slices.Equal(got, doing.events) {
				t.Errorf("recorded are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(doing.events, "\n"))
			}
		})
	}
	contract, err := api.GetSpec()
	apitest.Must(t, err)
	for _, kind := range contract.Components.Schemas["AuditEventType"].Value.Enum {
		if !slices.Contains(seen, apiclient.AuditEventType(fmt.Sprint(kind))) {
			t.Errorf("nothing is done of which %v tells", kind)
		}
	}
}

// nameNewcomers gives names to the account and the session that an answer has tokens of.
func (c *cast) nameNewcomers(body []byte) {
	var a apitest.Account
	if json.Unmarshal(body, &a.Tokens) != nil || a.Tokens.AccessToken == "" {
		return
	}
	for id, name := range map[string]string{apitest.ClaimOf(a, "sub"): "newcomer", apitest.ClaimOf(a, "sid"): "new"} {
		if c.names[id] == "" {
			c.names[id] = name
		}
	}
}

// recorded is what the audit log says of a request, as the reader sees it.
func (c *cast) recorded(t *testing.T, reader apitest.Account, requestID string) []string {
	t.Helper()
	most := int32(100)
	params := apiclient.ListAuditEventsParams{Limit: &most}
	var found []string
	for {
		page := reader.Events(t, params)
		for _, event := range page.Items {
			if event.RequestID == nil || *event.RequestID != requestID {
				continue
			}
			if event.IP == nil || *event.IP != "127.0.0.1" {
				t.Errorf("%s comes from %v", event.Type, event.IP)
			}
			found = append(found, strings.Join([]string{
				string(event.Type), c.name(event.ActorID), c.name(event.TargetID), c.name(event.SessionID), orDash(event.Detail),
			}, " "))
		}
		if params.Cursor = page.NextCursor; params.Cursor == nil {
			return found
		}
	}
}

func (c *cast) name(id *string) string {
	if id == nil {
		return "-"
	}
	if name := c.names[*id]; name != "" {
		return name
	}
	return "someone"
}

func orDash(text *string) string {
	if text == nil {
		return "-"
	}
	return *text
}

// An action that cannot be recorded is not done and not confirmed.
func TestUnrecordedChangesAreRolledBack(t *testing.T) {
	t.Parallel()
	for _, doing := range doings() {
		if len(doing.events) == 0 {
			continue
		}
		t.Run(doing.name, func(t *testing.T) {
			t.Parallel()
			w, r := newStage(t, doing)
			pgtest.Exec(t, w.Database, refuse+`CREATE TRIGGER refuse BEFORE INSERT ON audit_events EXECUTE FUNCTION refuse()`)
			before := w.Snapshot()
			response, body := w.Send(t, r)
			apitest.Want(t, "status", response.StatusCode, http.StatusInternalServerError, body)
			apitest.Want(t, "database", w.Snapshot(), before, nil)
		})
	}
}

// What does not happen after all, because its transaction fails at the very end, is not recorded
// either.
func TestFailedChangesAreNotRecorded(t *testing.T) {
	t.Parallel()
	for _, doing := range doings() {
		reused := slices.ContainsFunc(doing.events, func(event string) bool { return strings.HasPrefix(event, "authn_token_reuse") })
		if len(doing.events) == 0 || doing.status >= 400 && !reused { // a refusal changes nothing else
			continue
		}
		t.Run(doing.name, func(t *testing.T) {
			t.Parallel()
			w, r := newStage(t, doing)
			pgtest.Exec(t, w.Database, refuse)
			for _, table := range []string{"users", "sessions", "throttles", "invitations"} {
				pgtest.Exec(t, w.Database, `CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE OR DELETE ON `+table+`
					DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
			}
			before := pgtest.Value[int](t, w.Database, countEvents)
			response, body := w.Send(t, r)
			apitest.Want(t, "status", response.StatusCode, http.StatusInternalServerError, body)
			apitest.Want(t, "number of events", pgtest.Value[int](t, w.Database, countEvents), before, nil)
		})
	}
}

// Where another role owns the tables, the server's gets the rights that it needs for all that there
// is to do.
func TestServerWorksWithItsGrants(t *testing.T) {
	t.Parallel()
	database, _ := pgtest.MigratedByOwner(t)
	s := apitest.NewServer(t, apitest.Options{Database: database, Settings: stageSettings})
	for _, doing := range doings() {
		t.Run(doing.name, func(t *testing.T) {
			t.Parallel()
			response, body := s.Send(t, doing.send(t, newCast(t, s)))
			apitest.Want(t, "status", response.StatusCode, doing.status, body)
		})
	}
}

// stageFailures are free of delay on a stage.
const stageFailures = 2

// stageSettings let things happen that are recorded.
var stageSettings = map[string]string{"MAX_SESSIONS_PER_USER": "3", "LOGIN_FAILURES_PER_ACCOUNT": "2"}

const refuse = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;`

// newStage returns a separate server for an action, and the request of the action.
func newStage(t *testing.T, doing doing) (*apitest.World, apitest.Request) {
	t.Helper()
	w := &apitest.World{Server: apitest.NewServer(t, apitest.Options{Settings: stageSettings})}
	return w, doing.send(t, newCast(t, w.Server))
}

// Refresh replaces the tokens of a session.
func (c *cast) Refresh(t *testing.T, a apitest.Account) apitest.Account {
	t.Helper()
	_, body := c.Send(t, apitest.Refresh(fmt.Sprintf(`{"refresh_token":%q}`, a.Tokens.RefreshToken)))
	apitest.Must(t, json.Unmarshal(body, &a.Tokens))
	return a
}
