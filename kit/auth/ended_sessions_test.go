package auth_test

import (
	"strconv"
	"testing"
	"time"

	"example.com/plinth/kit/auth"
)

func TestEndedSessionsAreForgotten(t *testing.T) {
	t.Parallel()
	now := time.Unix(1, 0)
	ended := auth.NewEndedSessions(func() time.Time { return now })
	claims := auth.AccessClaims{SessionID: "s", UserID: "u"}
	if ended.Has(claims) {
		t.Error("an unknown session has ended")
	}
	ended.Add(claims)
	if !ended.Has(claims) || ended.Has(auth.AccessClaims{SessionID: "s", UserID: "other"}) {
		t.Error("want the session of this user only")
	}
	for i := range 10_000 {
		ended.Add(auth.AccessClaims{SessionID: strconv.Itoa(i)})
	}
	if ended.Has(claims) {
		t.Error("want the sessions forgotten beyond the limit")
	}
	ended.Add(claims)
	now = now.Add(5 * time.Second)
	if ended.Has(claims) {
		t.Error("want the session forgotten after 5 seconds")
	}
}
