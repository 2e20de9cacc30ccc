package store_test

import (
	"os"
	"regexp"
	"testing"

	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// The statements of docs/operations.md for a restored database run on the current schema.
func TestRestoredSessionsAreEnded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sql\n(BEGIN;\n.*?COMMIT;\n)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("docs/operations.md does not say what to run")
	}
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	session := createSession(t, store, pgtest.User(t, store, pgtest.UserOpts{}), "1")
	createToken(t, store, session, 0)
	pgtest.Exec(t, databaseURL, "UPDATE refresh_tokens SET used_at = now(), sealed_successor = 'x'")
	conn := pgtest.Connect(t, databaseURL)
	if _, err := conn.PgConn().Exec(t.Context(), string(block[1])).ReadAll(); err != nil {
		t.Fatal(err)
	}
	for what, sql := range map[string]string{
		"live sessions": "SELECT count(*) FROM sessions WHERE revoked_at IS NULL",
		"sealed tokens": "SELECT count(*) FROM refresh_tokens WHERE sealed_successor IS NOT NULL",
	} {
		if n := pgtest.Value[int](t, databaseURL, sql); n != 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
}
