package plinth_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
)

// TestClientTakesAnswersOfNewerAPI calls an API whose answers have values and members that the contract does not have yet.
func TestClientTakesAnswersOfNewerAPI(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/api/v1/users/me":     `{"id": "1", "role": "auditor", "badge": {"color": "red"}}`,
		"/api/v1/audit-events": `{"items": [{"id": "1", "type": "authn_passkey_added", "device": "key"}], "next_cursor": null, "total": 1}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer, ok := answers[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer)
			return
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"code": "moon_is_full", "status": 409, "title": "Moon is full", "detail": "Wait.", "moon": 1}`)
	}))
	t.Cleanup(server.Close)
	client, err := plinth.New(server.URL, plinth.Options{Tokens: &plinth.MemoryTokens{}})
	must(t, err)

	user, err := client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	if user.JSON200.Role != "auditor" {
		t.Errorf("the role is %q", user.JSON200.Role)
	}
	events, err := client.ListAuditEventsWithResponse(t.Context(), &apiclient.ListAuditEventsParams{})
	must(t, err)
	if events.JSON200.Items[0].Type != "authn_passkey_added" {
		t.Errorf("the event is %v", events.JSON200.Items[0])
	}
	if _, err := client.GetHealthWithResponse(t.Context()); !plinth.IsProblem(err, "moon_is_full") {
		t.Errorf("the problem is %v", err)
	}
}
