package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// Other tests end with these checks. Each finds its violation, and none fails on a valid chain. A
// live token of an ended session is missing here, because only a bug in the store can cause it.
func TestBrokenInvariantsAreFound(t *testing.T) {
	t.Parallel()
	const link = "INSERT INTO one_time_tokens (user_id, purpose, sent_to, expires_at) SELECT id, "
	for want, sql := range map[string]string{
		"": "SELECT",
		"a used token whose parent still yields it": "UPDATE refresh_tokens SET sealed_successor = 'x' WHERE " +
			"generation = 0",
		"a session with several unused tokens": "UPDATE refresh_tokens SET used_at = NULL, " +
			"sealed_successor = NULL WHERE generation = 2",
		"a token with several children": "UPDATE refresh_tokens SET parent_id = (SELECT min(id) " +
			"FROM refresh_tokens) WHERE generation = 2",
		"an unused token whose parent is gone":           "DELETE FROM refresh_tokens WHERE generation = 2",
		"a token of no session that will not be deleted": "UPDATE refresh_tokens SET session_id = '" + noSuchID + "' WHERE generation = 0",
		"a token that does not follow its parent": "UPDATE refresh_tokens SET used_at = NULL WHERE " +
			"generation = 0",
		"a token that outlives its session": "UPDATE refresh_tokens SET expires_at = expires_at + " +
			"interval '1 year' WHERE generation = 3",
		"a session without a token":             "DELETE FROM refresh_tokens",
		"a pending e-mail that the account has": "UPDATE users SET pending_email = upper(email)",
		"a link that confirms another e-mail than the pending one": "WITH pending AS (UPDATE users SET pending_email = " +
			"'ada@example.com') " + link + "'email_change', 'bob@example.com', now() FROM users",
		"an e-mail that another account can get back": link + "'email_undo', upper('other@example.com'), now() + " +
			"interval '1 day' FROM users WHERE email <> 'other@example.com'",
		"an invitation that was accepted": "INSERT INTO invitations (id, email, role, expires_at) " +
			"SELECT id, email, 'user', now() FROM users",
		"a session that a password reset did not end": "INSERT INTO audit_events (id, type, target_id) " +
			"SELECT '" + noSuchID + "', 'authn_password_reset', id FROM users",
		"a session whose end is not in the audit log": "UPDATE sessions SET revoked_at = now(), revoked_reason " +
			"= 'logged_out'",
	} {
		t.Run("finds "+want, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
			session := createSession(t, store, pgtest.User(t, store, pgtest.UserOpts{}), "1")
			pgtest.User(t, store, pgtest.UserOpts{Email: "other@example.com"})
			createToken(t, store, session, 0)
			for generation := range byte(3) {
				token, err := store.GetRefreshToken(t.Context(), [32]byte{generation}, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				use(t, store, token, [32]byte{generation + 1})
			}
			pgtest.Exec(t, databaseURL, "DROP INDEX refresh_tokens_one_live_per_session_key")
			pgtest.Exec(t, databaseURL, "ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_parent_id_key")
			pgtest.Exec(t, databaseURL, sql)
			broken := pgtest.BrokenInvariants(t, databaseURL)
			if want == "" && len(broken) == 0 {
				return
			}
			if !slices.Contains(broken, want) {
				t.Errorf("found %q, want %q", broken, want)
			}
		})
	}
}

// Constraints reject invalid chains of tokens.
func TestDatabaseRejectsBrokenChains(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	session := createSession(t, store, pgtest.User(t, store, pgtest.UserOpts{}), "1")
	createToken(t, store, session, 0)
	first, err := store.GetRefreshToken(t.Context(), [32]byte{0}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	use(t, store, first, [32]byte{1})
	conn := pgtest.Connect(t, databaseURL)
	for constraint, sql := range map[string]string{
		"refresh_tokens_one_live_per_session_key": "UPDATE refresh_tokens SET used_at = NULL WHERE generation = 0",
		"refresh_tokens_parent_id_key": "INSERT INTO refresh_tokens (session_id, parent_id, " +
			"generation, token_hash, expires_at, used_at) SELECT session_id, parent_id, 2, sha256('x'), now(), " +
			"now() FROM refresh_tokens WHERE generation = 1",
		"refresh_tokens_token_hash_key": "UPDATE refresh_tokens SET token_hash = sha256('x')",
		"refresh_tokens_session_id_generation_key": "INSERT INTO refresh_tokens (session_id, parent_id, " +
			"generation, token_hash, expires_at, used_at) SELECT session_id, id, 1, sha256('x'), now(), now() FROM " +
			"refresh_tokens WHERE generation = 1",
		"refresh_tokens_token_hash_is_sha256": "UPDATE refresh_tokens SET token_hash = 'rt_the token itself' " +
			"WHERE generation = 1",
		"refresh_tokens_first_has_no_parent": "UPDATE refresh_tokens SET parent_id = NULL WHERE generation = 1",
		"refresh_tokens_sealed_only_when_used": "UPDATE refresh_tokens SET sealed_successor = 'x' WHERE " +
			"generation = 1",
		"sessions_revoked_with_reason": "UPDATE sessions SET revoked_at = now()",
		"sessions_user_id_fkey":        "UPDATE sessions SET user_id = '" + noSuchID + "'",
	} {
		_, err := conn.Exec(t.Context(), sql)
		if refusal, ok := errors.AsType[*pgconn.PgError](err); !ok || refusal.ConstraintName != constraint {
			t.Errorf("%s: got %v, want it refused by %s", sql, err, constraint)
		}
	}
}

// use replaces a token by a successor, as a rotation does.
func use(t *testing.T, store domain.Store, token domain.RefreshToken, successor [32]byte) {
	t.Helper()
	err := store.UseRefreshToken(t.Context(), token.ID, nil)
	if err == nil {
		err = store.CreateRefreshToken(t.Context(), domain.NewRefreshToken{
			SessionID: token.SessionID, ParentID: &token.ID, Generation: token.Generation + 1, Hash: successor,
			Lifetime: time.Minute,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}
