package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/contracttest"
)

var auditEventFixture = fixture{
	rows: map[string]rows{"listAuditEvents": {shared: "admins see all events"}},
	known: func(s *apitest.Server) contracttest.Known {
		admin := s.RegisterAdmin()
		s.Register() // a second event
		page := admin.Events(s.T, apiclient.ListAuditEventsParams{Limit: new(int32(1))})
		if page.NextCursor == nil {
			s.T.Fatal("there is no second page")
		}
		id := s.User(admin).ID
		return contracttest.Known{"actor_id": {id}, "target_id": {id}, "cursor": {*page.NextCursor}}
	},
}

func TestListAuditEvents(t *testing.T) {
	t.Parallel()
	s, begin := apitest.NewServer(t, apitest.Options{}), time.Now()
	admin, user := s.RegisterAdmin(), s.Register()
	renamed, limit := apiclient.AuditEventTypeUserUpdated, int32(2)
	userID := s.User(user).ID
	for _, id := range []string{"first", "second", "third", "fourth", "fifth"} {
		rename := apitest.Change(user, fmt.Sprintf(`{"name":%q}`, id)).With("X-Request-ID", id)
		response, body := s.Send(t, rename)
		apitest.Want(t, "status", response.StatusCode, http.StatusOK, body)
	}

	t.Run("an event says who did what, from where and in which session", func(t *testing.T) {
		t.Parallel()
		event := admin.Events(t, apiclient.ListAuditEventsParams{Type: &renamed}).Items[0]
		apitest.Want(t, "actor", *event.ActorID, userID, nil)
		apitest.Want(t, "target", *event.TargetID, userID, nil)
		apitest.Want(t, "session", *event.SessionID, apitest.ClaimOf(user, "sid"), nil)
		apitest.Want(t, "address", *event.IP, "127.0.0.1", nil)
		apitest.Want(t, "request", *event.RequestID, "fifth", nil)
		apitest.Want(t, "detail", *event.Detail, "name", nil)
		apitest.Want(t, "count", event.Count, int32(1), nil)
		apitest.Want(t, "last time", event.LastOccurredAt, event.OccurredAt, nil)
		// Clocks of two machines may differ by a minute.
		if event.OccurredAt.Before(begin.Add(-time.Minute)) || event.OccurredAt.After(time.Now().Add(time.Minute)) {
			t.Errorf("it is said to be of %s, and was asked for after %s", event.OccurredAt, begin)
		}
	})
	t.Run("pages show everything once, the newest first", func(t *testing.T) {
		t.Parallel()
		params := apiclient.ListAuditEventsParams{Type: &renamed, Limit: &limit}
		var got []string
		for {
			page := admin.Events(t, params)
			for _, event := range page.Items {
				got = append(got, *event.RequestID)
			}
			if params.Cursor = page.NextCursor; params.Cursor == nil {
				break
			}
		}
		apitest.Want(t, "order", len(got), 5, nil)
		for i, id := range []string{"fifth", "fourth", "third", "second", "first"} {
			apitest.Want(t, "event", got[i], id, nil)
		}
	})
	t.Run("filters by actor and target", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		adminID := s.User(admin).ID
		apitest.Want(t, "events by the user", len(admin.Events(t, apiclient.ListAuditEventsParams{Type: &renamed, ActorID: &userID}).Items), 5, nil)
		apitest.Want(t, "events by the admin", len(admin.Events(t, apiclient.ListAuditEventsParams{Type: &renamed, ActorID: &adminID}).Items), 0, nil)
		apitest.Want(t, "events on the user", len(admin.Events(t, apiclient.ListAuditEventsParams{Type: &renamed, TargetID: &userID}).Items), 5, nil)
		apitest.Want(t, "events on the admin", len(admin.Events(t, apiclient.ListAuditEventsParams{Type: &renamed, TargetID: &adminID}).Items), 0, nil)
	})
	users, err := admin.ListUsersWithResponse(t.Context(), &apiclient.ListUsersParams{Limit: new(int32(1))})
	apitest.Must(t, err)
	for name, query := range map[string]string{
		"a cursor of users":    "cursor=" + *users.JSON200.NextCursor,
		"a cursor of nothing":  "cursor=eA",
		"an unknown type":      "type=login",
		"an actor that is not": "actor_id=42",
		"a target in a list":   "target_id=" + userID + "," + userID,
		"too many at once":     "limit=101",
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			response, body := s.Send(t, apitest.Get("/api/v1/audit-events?"+query).As(admin))
			apitest.Want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, body)
		})
	}
	t.Run("is not for strangers", func(t *testing.T) {
		t.Parallel()
		s := s.In(t)
		refused, err := s.Client("").ListAuditEventsWithResponse(t.Context(), &apiclient.ListAuditEventsParams{})
		apitest.Must(t, err)
		apitest.Want(t, "status", refused.StatusCode(), http.StatusUnauthorized, refused.Body)
	})
}

// However often an account is refused, the log gets a row a minute, and the rows count all refusals.
func TestRefusalsOfAnAccountAreOneEvent(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{Settings: map[string]string{"LOGIN_FAILURES_PER_ACCOUNT": "2"}})
	reader, ada := s.RegisterAdmin(), s.Register()
	const refusals = 20
	for i := range refusals {
		response, body := s.Send(t, apitest.Get("/api/v1/users").As(ada).With("User-Agent", fmt.Sprint("program ", i)))
		apitest.Want(t, "status", response.StatusCode, http.StatusForbidden, body)
		s.Send(t, apitest.Login(apitest.Credentials(ada.Email, "a wrong password")))
	}
	id := apitest.ClaimOf(ada, "sub")
	forbidden, throttled := apiclient.AuditEventTypeAuthzFail, apiclient.AuditEventTypeAuthnLoginFailMax
	for _, params := range []apiclient.ListAuditEventsParams{
		{Type: &forbidden, ActorID: &id}, {Type: &throttled, TargetID: &id},
	} {
		kind := *params.Type
		events, count := reader.Events(t, params).Items, int32(0)
		for _, event := range events {
			count += event.Count
			if event.Count > 1 && !event.LastOccurredAt.After(event.OccurredAt) {
				t.Errorf("%s: the last of %d happened at %s, the first at %s", kind, event.Count, event.LastOccurredAt, event.OccurredAt)
			}
		}
		if len(events) > 2 || count < refusals-3 { // a minute may end meanwhile
			t.Errorf("%s: %d refusals are counted in %d events", kind, count, len(events))
		}
	}
}
