package pgstore_test

import (
	"crypto/sha256"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

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
