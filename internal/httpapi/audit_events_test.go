package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/contracttest"
)

var auditEventFixture = fixture{
	rows: map[string]rows{"listAuditEvents": {shared: "admins see all events"}},
	known: func(s *server) contracttest.Known {
		admin := s.registerAdmin()
		page := admin.events(s.t, apiclient.ListAuditEventsParams{Limit: new(int32(1))})
		if page.NextCursor == nil {
			s.t.Fatal("there is no second page")
		}
		id := s.user(admin).ID
		return contracttest.Known{"actor_id": {id}, "target_id": {id}, "cursor": {*page.NextCursor}}
	},
}

// events returns a page of audit events.
func (a account) events(t testing.TB, params apiclient.ListAuditEventsParams) apiclient.AuditEventList {
	t.Helper()
	page, err := a.ListAuditEventsWithResponse(t.Context(), &params)
	must(t, err)
	want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
	return *page.JSON200
}

func TestListAuditEvents(t *testing.T) {
	t.Parallel()
	s, begin := newServer(t, options{}), time.Now()
	admin, user := s.registerAdmin(), s.register()
	renamed, limit := apiclient.AuditEventTypeUserUpdated, int32(2)
	userID := s.user(user).ID
	for _, id := range []string{"first", "second", "third", "fourth", "fifth"} {
		rename := change(user, fmt.Sprintf(`{"name":%q}`, id)).with("X-Request-ID", id)
		response, body := s.send(t, rename)
		want(t, "status", response.StatusCode, http.StatusOK, body)
	}

	t.Run("an event says who did what, from where and in which session", func(t *testing.T) {
		t.Parallel()
		event := admin.events(t, apiclient.ListAuditEventsParams{Type: &renamed}).Items[0]
		want(t, "actor", *event.ActorID, userID, nil)
		want(t, "target", *event.TargetID, userID, nil)
		want(t, "session", *event.SessionID, claimOf(user, "sid"), nil)
		want(t, "address", *event.IP, "127.0.0.1", nil)
		want(t, "request", *event.RequestID, "fifth", nil)
		want(t, "detail", *event.Detail, "name", nil)
		want(t, "count", event.Count, int32(1), nil)
		want(t, "last time", event.LastOccurredAt, event.OccurredAt, nil)
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
			page := admin.events(t, params)
			for _, event := range page.Items {
				got = append(got, *event.RequestID)
			}
			if params.Cursor = page.NextCursor; params.Cursor == nil {
				break
			}
		}
		want(t, "order", len(got), 5, nil)
		for i, id := range []string{"fifth", "fourth", "third", "second", "first"} {
			want(t, "event", got[i], id, nil)
		}
	})
	t.Run("filters by actor and target", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		adminID := s.user(admin).ID
		want(t, "events by the user", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &renamed, ActorID: &userID}).Items), 5, nil)
		want(t, "events by the admin", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &renamed, ActorID: &adminID}).Items), 0, nil)
		want(t, "events on the user", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &renamed, TargetID: &userID}).Items), 5, nil)
		want(t, "events on the admin", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &renamed, TargetID: &adminID}).Items), 0, nil)
	})
	for name, query := range map[string]string{
		"a cursor of users":    "cursor=" + s.userCursor(admin),
		"a cursor of nothing":  "cursor=eA",
		"an unknown type":      "type=login",
		"an actor that is not": "actor_id=42",
		"a target in a list":   "target_id=" + userID + "," + userID,
		"too many at once":     "limit=101",
	} {
		t.Run("refuses "+name, func(t *testing.T) {
			t.Parallel()
			response, body := s.send(t, get("/api/v1/audit-events?"+query).as(admin))
			want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, body)
		})
	}
	t.Run("is not for strangers", func(t *testing.T) {
		t.Parallel()
		s := s.in(t)
		refused, err := s.client("").ListAuditEventsWithResponse(t.Context(), &apiclient.ListAuditEventsParams{})
		must(t, err)
		want(t, "status", refused.StatusCode(), http.StatusUnauthorized, refused.Body)
	})
}

// userCursor is the cursor of a list of users.
func (s *server) userCursor(admin account) string {
	s.t.Helper()
	limit := int32(1)
	page, err := admin.ListUsersWithResponse(s.t.Context(), &apiclient.ListUsersParams{Limit: &limit})
	must(s.t, err)
	return *page.JSON200.NextCursor
}

// However often an account is refused, the log gets a row a minute, and the rows count all refusals.
func TestRefusalsOfAnAccountAreOneEvent(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{settings: map[string]string{"LOGIN_FAILURES_PER_ACCOUNT": "2"}})
	reader, ada := s.registerAdmin(), s.register()
	const refusals = 20
	for i := range refusals {
		response, body := s.send(t, get("/api/v1/users").as(ada).with("User-Agent", fmt.Sprint("program ", i)))
		want(t, "status", response.StatusCode, http.StatusForbidden, body)
		s.send(t, login(credentials(ada.email, "a wrong password")))
	}
	id := claimOf(ada, "sub")
	forbidden, throttled := apiclient.AuditEventTypeAuthzFail, apiclient.AuditEventTypeAuthnLoginFailMax
	for _, params := range []apiclient.ListAuditEventsParams{
		{Type: &forbidden, ActorID: &id}, {Type: &throttled, TargetID: &id},
	} {
		kind := *params.Type
		events, count := reader.events(t, params).Items, int32(0)
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
