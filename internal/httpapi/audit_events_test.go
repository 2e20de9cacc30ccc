package httpapi_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
)

// events returns a page of audit events.
func (a account) events(t *testing.T, params apiclient.ListAuditEventsParams) apiclient.AuditEventList {
	t.Helper()
	page, err := a.ListAuditEventsWithResponse(t.Context(), &params)
	must(t, err)
	want(t, "status", page.StatusCode(), http.StatusOK, page.Body)
	return *page.JSON200
}

// named has a request carry an id of the caller's choice.
func named(id string) apiclient.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.Header.Set("X-Request-ID", id)
		return nil
	}
}

func TestListAuditEvents(t *testing.T) {
	t.Parallel()
	s, begin := newServer(t, options{}), time.Now()
	admin, user := s.registerAdmin(), s.register()
	forbidden, limit := apiclient.AuditEventTypeAuthzFail, int32(2)
	userID := s.user(user).ID
	for _, id := range []string{"first", "second", "third", "fourth", "fifth"} {
		refused, err := user.ListAuditEventsWithResponse(t.Context(), &apiclient.ListAuditEventsParams{}, named(id))
		must(t, err)
		want(t, "status", refused.StatusCode(), http.StatusForbidden, refused.Body)
	}

	t.Run("an event says who did what, from where and in which session", func(t *testing.T) {
		t.Parallel()
		event := admin.events(t, apiclient.ListAuditEventsParams{Type: &forbidden}).Items[0]
		want(t, "actor", *event.ActorID, userID, nil)
		want(t, "target", event.TargetID, nil, nil)
		want(t, "session", *event.SessionID, claimOf(user, "sid"), nil)
		want(t, "address", *event.IP, "127.0.0.1", nil)
		want(t, "request", *event.RequestID, "fifth", nil)
		want(t, "detail", event.Detail, nil, nil)
		// Clocks of two machines may differ by a minute.
		if event.OccurredAt.Before(begin.Add(-time.Minute)) || event.OccurredAt.After(time.Now().Add(time.Minute)) {
			t.Errorf("it is said to be of %s, and was asked for after %s", event.OccurredAt, begin)
		}
	})
	t.Run("pages show everything once, the newest first", func(t *testing.T) {
		t.Parallel()
		params := apiclient.ListAuditEventsParams{Type: &forbidden, Limit: &limit}
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
		adminID := s.user(admin).ID
		want(t, "events by the user", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &forbidden, ActorID: &userID}).Items), 5, nil)
		want(t, "events by the admin", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &forbidden, ActorID: &adminID}).Items), 0, nil)
		want(t, "events on the user", len(admin.events(t, apiclient.ListAuditEventsParams{Type: &forbidden, TargetID: &userID}).Items), 0, nil)
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
