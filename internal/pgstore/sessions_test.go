package pgstore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// sessionID returns an id of a session; ids of higher numbers sort later.
func sessionID(number string) string { return strings.Repeat("0", 26-len(number)) + number }

func createSession(t *testing.T, store domain.Store, user domain.User, number string) domain.Session {
	t.Helper()
	session, err := store.CreateSession(t.Context(), domain.NewSession{
		ID: sessionID(number), UserID: user.ID, FamilyHash: familyOf(number), Lifetime: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// familyOf returns the hash of the family of a session.
func familyOf(number string) [32]byte { return sha256.Sum256([]byte(number)) }

// createToken adds the first token of a session, whose hash is its number.
func createToken(t *testing.T, store domain.Store, session domain.Session, number byte) [32]byte {
	t.Helper()
	hash := [32]byte{number}
	err := store.CreateRefreshToken(t.Context(), domain.NewRefreshToken{
		SessionID: session.ID, Hash: hash, Lifetime: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestCreateSession(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	user := pgtest.User(t, store, pgtest.UserOpts{})
	for number, client := range map[string]domain.Client{
		"1": {UserAgent: "curl/8", IP: netip.MustParseAddr("192.0.2.1")},
		"2": {IP: netip.MustParseAddr("2001:db8::1")},
		"3": {},
	} {
		session, err := store.CreateSession(t.Context(), domain.NewSession{
			ID: sessionID(number), UserID: user.ID, FamilyHash: familyOf(number), Client: client,
			Lifetime: 90 * time.Minute,
		})
		if err != nil {
			t.Fatal(err)
		}
		if session.ID != sessionID(number) || session.UserID != user.ID || session.UserAgent != client.UserAgent ||
			session.RevokedAt != nil || session.RevokedReason != nil || !session.LastUsedAt.Equal(session.CreatedAt) ||
			session.ExpiresAt.Sub(session.CreatedAt) != 90*time.Minute {
			t.Errorf("created %+v", session)
		}
		if known := session.IP != nil; known != client.IP.IsValid() || known && *session.IP != client.IP {
			t.Errorf("the address is %v, want %v", session.IP, client.IP)
		}
	}
}

func TestGetActorReadsUserAndSession(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	user, other := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{})
	session := createSession(t, store, user, "1")
	actor, err := store.GetActor(t.Context(), session.ID, user.ID)
	if err != nil || actor != (domain.Actor{User: user, SessionID: session.ID}) {
		t.Errorf("got %+v, %v", actor, err)
	}
	_, err = store.GetActor(t.Context(), session.ID, other.ID)
	wantCode(t, err, domain.ErrInvalidToken)
}

func TestRevokeSessionKeepsTheFirstReason(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	session, other := createSession(t, store, user, "1"), createSession(t, store, user, "2")
	for _, reason := range []domain.RevocationReason{domain.RevokedByTokenReuse, domain.RevokedByPasswordChange} {
		if _, err := store.RevokeSession(t.Context(), session.ID, reason); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.RevokeOtherSessions(t.Context(), user.ID, other.ID, domain.RevokedByPasswordChange); err != nil {
		t.Fatal(err)
	}
	wantReasons(t, databaseURL, "1 refresh_token_reused", "2 live")
}

func TestRevokeOtherSessions(t *testing.T) {
	t.Parallel()
	for keep, want := range map[string][]string{
		"2": {"1 password_changed", "2 live", "3 password_changed", "4 live"},
		"":  {"1 password_changed", "2 password_changed", "3 password_changed", "4 live"},
	} {
		t.Run("keeps "+keep, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
			user, other := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{})
			for _, number := range []string{"1", "2", "3"} {
				createSession(t, store, user, number)
			}
			createSession(t, store, other, "4")
			if keep != "" {
				keep = sessionID(keep)
			}
			_, err := store.RevokeOtherSessions(t.Context(), user.ID, keep, domain.RevokedByPasswordChange)
			if err != nil {
				t.Fatal(err)
			}
			wantReasons(t, databaseURL, want...)
		})
	}
}

func TestRevokeExcessSessionsEndsTheOldest(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	user, other := pgtest.User(t, store, pgtest.UserOpts{}), pgtest.User(t, store, pgtest.UserOpts{})
	for number, owner := range []domain.User{user, user, user, user, user, other, user} {
		createToken(t, store, createSession(t, store, owner, strconv.Itoa(number+1)), byte(number+1))
	}
	pgtest.Exec(t, databaseURL, "UPDATE sessions SET created_at = now() - interval '1 day' WHERE id = $1",
		sessionID("4"))
	// The newest session has expired unused, so it replaces no other.
	pgtest.Exec(t, databaseURL, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", sessionID("7"))
	if _, err := store.RevokeSession(t.Context(), sessionID("5"), domain.RevokedByTokenReuse); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int{1 << 40, 3, 2} {
		if _, err := store.RevokeExcessSessions(t.Context(), user.ID, most, domain.RevokedByNewerSessions); err != nil {
			t.Fatal(err)
		}
		if most > 2 {
			wantReasons(t, databaseURL, "1 live", "2 live", "3 live",
				"4 "+map[bool]string{true: "live", false: "too_many_sessions"}[most > 3],
				"5 refresh_token_reused", "6 live", "7 live")
		}
	}
	wantReasons(t, databaseURL, "1 too_many_sessions", "2 live", "3 live", "4 too_many_sessions",
		"5 refresh_token_reused", "6 live", "7 live")
}

// wantReasons checks the number of each session and the reason of its end.
func wantReasons(t *testing.T, databaseURL string, want ...string) {
	t.Helper()
	got := strings.Split(pgtest.Value[string](t, databaseURL,
		"SELECT string_agg(ltrim(id, '0') || ' ' || coalesce(revoked_reason, 'live'), ',' ORDER BY id) FROM sessions"), ",")
	if !slices.Equal(got, want) {
		t.Errorf("the sessions are %v, want %v", got, want)
	}
}

func TestGetRefreshTokenReportsItsState(t *testing.T) {
	t.Parallel()
	const grace = 10 * time.Second
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	session := createSession(t, store, pgtest.User(t, store, pgtest.UserOpts{}), "1")
	hash := createToken(t, store, session, 1)
	look := func(hash [32]byte) domain.RefreshToken {
		t.Helper()
		token, err := store.GetRefreshToken(t.Context(), hash, grace)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}

	fresh := look(hash)
	if fresh.SessionID != session.ID || fresh.ParentID != nil || fresh.Generation != 0 ||
		fresh.SealedSuccessor != nil ||
		fresh.IsUsed || fresh.IsExpired || fresh.IsInGrace || fresh.IsSuccessorUsed {
		t.Errorf("a new token is %+v", fresh)
	}
	for _, sealed := range []string{"first", "second"} { // the second call finds it used
		if err := store.UseRefreshToken(t.Context(), fresh.ID, []byte(sealed)); err != nil {
			t.Fatal(err)
		}
	}
	if used := look(hash); !used.IsUsed || !used.IsInGrace || used.IsSuccessorUsed ||
		string(used.SealedSuccessor) != "first" {
		t.Errorf("a used token is %+v", used)
	}

	child := domain.NewRefreshToken{
		SessionID: session.ID, ParentID: &fresh.ID, Generation: 1, Hash: [32]byte{2},
		Lifetime: 2 * time.Hour,
	}
	if err := store.CreateRefreshToken(t.Context(), child); err != nil {
		t.Fatal(err)
	}
	next := look(child.Hash)
	if next.ParentID == nil || *next.ParentID != fresh.ID || next.Generation != 1 || next.IsUsed {
		t.Errorf("the successor is %+v", next)
	}
	if err := store.UseRefreshToken(t.Context(), next.ID, nil); err != nil {
		t.Fatal(err)
	}
	if parent := look(hash); !parent.IsSuccessorUsed {
		t.Errorf("the parent of a used token is %+v", parent)
	}

	pgtest.Exec(t, databaseURL, "UPDATE refresh_tokens SET used_at = now() - interval '11 seconds', expires_at = now()")
	if old := look(hash); old.IsInGrace || !old.IsExpired || !old.IsUsed {
		t.Errorf("an old token is %+v", old)
	}
}

func TestDeletedSessionAcceptsNoTokens(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	if err := store.CreateRefreshToken(t.Context(), domain.NewRefreshToken{SessionID: noSuchID}); err != nil {
		t.Error(err)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM refresh_tokens"); n != 0 {
		t.Errorf("%d tokens were stored", n)
	}
}

func TestLockSessionOfRefreshTokenSerializes(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "second"})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	hash := createToken(t, store, createSession(t, store, user, "1"), 1)
	unrelated := createToken(t, store, createSession(t, store, user, "2"), 2)
	waited := make(chan domain.LockedSession, 1)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		session, err := tx.LockSessionOfRefreshToken(t.Context(), hash, [32]byte{})
		if err != nil || session.ID != sessionID("1") || session.UserID != user.ID || !session.IsLive {
			t.Errorf("locked %+v, %v", session, err)
		}
		go func() {
			session, err := store.LockSessionOfRefreshToken(t.Context(), hash, [32]byte{})
			if err != nil {
				t.Error(err)
			}
			waited <- session
		}()
		awaitLockWait(t, databaseURL, "second")
		if _, err := store.LockSessionOfRefreshToken(t.Context(), unrelated, [32]byte{}); err != nil {
			t.Errorf("another session cannot be locked: %v", err)
		}
		_, err = tx.RevokeSession(t.Context(), session.ID, domain.RevokedByTokenReuse)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if session := <-waited; session.IsLive {
		t.Error("after the wait for the lock the session is stale")
	}
}

// A session that was used while its end waited has not been used after its end.
func TestRevocationThatWaitedForALockIsLater(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "second"})
	session := createSession(t, store, pgtest.User(t, store, pgtest.UserOpts{}), "1")
	hash := createToken(t, store, session, 1)
	ended := make(chan error, 1)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.LockSessionOfRefreshToken(t.Context(), hash, [32]byte{}); err != nil {
			return err
		}
		go func() {
			_, err := store.RevokeSession(t.Context(), session.ID, domain.RevokedByAdmin)
			ended <- err
		}()
		awaitLockWait(t, databaseURL, "second")
		return tx.TouchSession(t.Context(), session.ID, familyOf("1"), domain.Client{}, time.Second)
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if pgtest.Value[bool](t, databaseURL, "SELECT revoked_at < last_used_at FROM sessions") {
		t.Error("it was used after its end")
	}
}

// Every authenticated request runs one of these statements, so they find their rows by key.
func TestActorsAreReadByKeys(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `INSERT INTO users (id, email, password_hash)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0' || to_char(n, 'FM00000'), n || '@example.com', 'x' FROM generate_series(1, 5000) AS n`)
	pgtest.Exec(t, databaseURL, `INSERT INTO sessions (id, user_id, expires_at)
		SELECT id, left(id, 24) || '00', now() + interval '1 day' FROM users WHERE right(id, 5) >= '00100'`)
	pgtest.Exec(t, databaseURL, "ANALYZE")
	var sql string
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{OnQuery: func(
		_ context.Context, text string, _ time.Duration, _ error,
	) {
		sql = text
	}})
	conn := pgtest.Connect(t, databaseURL)
	if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
		t.Fatal(err)
	}
	for explain, ask := range map[string]func() error{
		"EXPLAIN EXECUTE one (NULL, NULL)": func() error { _, err := store.GetActor(t.Context(), sessionID("1"), noSuchID); return err },
		"EXPLAIN EXECUTE many (NULL)":      func() error { return store.GetActors(t.Context(), sessionID("1")) },
	} {
		if err := ask(); err != nil && !errors.Is(err, domain.ErrInvalidToken) {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "PREPARE "+strings.Fields(explain)[2]+" AS "+sql); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), explain)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		plan := strings.Join(lines, "\n")
		for _, key := range []string{"sessions_pkey", "users_pkey"} {
			if !strings.Contains(plan, "Index Scan using "+key+" ") {
				t.Errorf("%s is not used:\n%s", key, plan)
			}
		}
	}
}
