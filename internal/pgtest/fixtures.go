package pgtest

import (
	"cmp"
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/testdb"
)

// Password is the password of accounts of [User].
const Password = "correct horse battery staple"

// PasswordParams make hashing cheap.
func PasswordParams() auth.PasswordParams {
	return auth.PasswordParams{MemoryKiB: 64, Iterations: 1, Parallelism: 1}
}

// New returns a store on a new database, see [URL].
func New(t testing.TB) *pgstore.Store {
	t.Helper()
	return NewStore(t, URL(t), pgstore.Options{})
}

// NewStore returns a store on an existing database. It is closed when the test ends.
func NewStore(t testing.TB, databaseURL string, options pgstore.Options) *pgstore.Store {
	t.Helper()
	if options.MaxConns == 0 {
		options.MaxConns = 4 // many tests share a server
	}
	store, err := pgstore.Open(t.Context(), databaseURL, options)
	if err != nil {
		t.Fatalf("opening a store: %v", err)
	}
	t.Cleanup(store.Close)
	return store
}

// UserOpts describe an account; the zero value is an active user without a name.
type UserOpts struct {
	ID           string // empty: a new one
	Email        string // empty: a new one
	PasswordHash string // empty: a hash of Password
	Name         *string
	Role         domain.Role
	Inactive     bool
}

// User creates an account.
func User(t testing.TB, store domain.Store, opts UserOpts) domain.User {
	t.Helper()
	id, err := idgen.New(time.Now, rand.Reader).New()
	if err != nil {
		t.Fatalf("creating a user: %v", err)
	}
	user := domain.NewUser{
		ID: cmp.Or(opts.ID, id), Email: opts.Email, PasswordHash: opts.PasswordHash, Name: opts.Name, Role: opts.Role,
	}
	if user.Email == "" {
		user.Email = strings.ToLower(rand.Text()) + "@example.com"
	}
	if user.PasswordHash == "" {
		user.PasswordHash = HashPassword(t, Password)
	}
	if user.Role == "" {
		user.Role = domain.RoleUser
	}
	created, err := store.CreateUser(t.Context(), user)
	if err == nil && opts.Inactive {
		active := false
		created, err = store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{IsActive: &active})
	}
	if err != nil {
		t.Fatalf("creating a user: %v", err)
	}
	return created
}

// HashPassword hashes a password with PasswordParams.
func HashPassword(t testing.TB, password string) string {
	t.Helper()
	hasher, err := auth.NewPasswordHasher(PasswordParams(), auth.PasswordHasherOptions{})
	if err != nil {
		t.Fatalf("hashing a password: %v", err)
	}
	hash, err := hasher.Hash(t.Context(), password)
	if err != nil {
		t.Fatalf("hashing a password: %v", err)
	}
	return hash
}

// brokenInvariants find rows that no sequence of requests can cause.
var brokenInvariants = map[string]string{
	"a used token whose parent still yields it": `
		SELECT count(*) FROM refresh_tokens AS child JOIN refresh_tokens AS parent ON parent.id = child.parent_id
		WHERE child.used_at IS NOT NULL AND parent.sealed_successor IS NOT NULL`,
	"a session with several unused tokens": `
		SELECT count(*) FROM (SELECT FROM refresh_tokens WHERE used_at IS NULL GROUP BY session_id HAVING count(*) > 1)
		AS crowded`,
	"a token with several children": `
		SELECT count(*) FROM (SELECT FROM refresh_tokens WHERE parent_id IS NOT NULL GROUP BY parent_id HAVING count(*) > 1)
		AS forked`,
	"an unused token whose parent is gone": `
		SELECT count(*) FROM refresh_tokens AS token WHERE used_at IS NULL AND generation > 0
		AND EXISTS (SELECT FROM sessions WHERE id = token.session_id)
		AND NOT EXISTS (SELECT FROM refresh_tokens WHERE id = token.parent_id)`,
	"a token of no session that will not be deleted": `
		SELECT count(*) FROM refresh_tokens AS token WHERE NOT EXISTS (SELECT FROM sessions WHERE id = token.session_id)
		AND NOT EXISTS (SELECT FROM deleted_sessions WHERE id = token.session_id)`,
	"a token that does not follow its parent": `
		SELECT count(*) FROM refresh_tokens AS child JOIN refresh_tokens AS parent ON parent.id = child.parent_id
		WHERE child.generation <> parent.generation + 1 OR child.session_id <> parent.session_id OR parent.used_at IS NULL`,
	"a token that outlives its session": `
		SELECT count(*) FROM refresh_tokens AS token JOIN sessions ON sessions.id = token.session_id
		WHERE token.expires_at > sessions.expires_at`,
	"a pending e-mail that the account has": `
		SELECT count(*) FROM users WHERE lower(email) = lower(pending_email)`,
	"a link that confirms another e-mail than the pending one": `
		SELECT count(*) FROM one_time_tokens AS token JOIN users ON users.id = token.user_id
		WHERE token.purpose = 'email_change' AND users.pending_email IS NOT NULL
		AND lower(users.pending_email) <> lower(token.sent_to)`,
	"an e-mail that another account can get back": `
		SELECT count(*) FROM one_time_tokens AS token JOIN users ON lower(users.email) = lower(token.sent_to)
		WHERE token.purpose = 'email_undo' AND token.expires_at > now() AND users.id <> token.user_id`,
	"an invitation that was accepted": `SELECT count(*) FROM invitations JOIN users USING (id)`, // scaffold:only invitations
	// scaffold:begin audit
	"a session that a password reset did not end": `
		SELECT count(*) FROM audit_events AS reset JOIN sessions ON sessions.user_id = reset.target_id
		WHERE reset.type = 'authn_password_reset' AND sessions.created_at < reset.occurred_at AND sessions.revoked_at IS NULL`,
	"a session whose end is not in the audit log": `
		SELECT count(*) FROM sessions WHERE revoked_at IS NOT NULL AND NOT EXISTS (SELECT FROM audit_events
			WHERE session_id = sessions.id AND type IN ('session_ended', 'authn_token_reuse'))`,
	// scaffold:end audit
	"a session without a token": `
		SELECT count(*) FROM sessions WHERE NOT EXISTS (SELECT FROM refresh_tokens WHERE session_id = sessions.id)`,
}

// CheckSessions fails the test if sessions are in a state that no sequence of requests can cause.
func CheckSessions(t testing.TB, databaseURL string) {
	t.Helper()
	for _, violation := range BrokenInvariants(t, databaseURL) {
		t.Error("there is " + violation)
	}
}

// BrokenInvariants returns the violations that [CheckSessions] reports. One is a token of an ended
// session that the store still accepts.
func BrokenInvariants(t testing.TB, databaseURL string) []string {
	t.Helper()
	var queries []string
	for what, query := range brokenInvariants {
		queries = append(queries, "SELECT '"+what+"' WHERE ("+query+") > 0")
	}
	// In one query, because many tests ask.
	broken := testdb.Values[string](t, databaseURL, strings.Join(queries, " UNION ALL "))
	ended := Rows[endedToken](t, databaseURL, `
		SELECT token.token_hash, sessions.id, sessions.user_id
		FROM refresh_tokens AS token JOIN sessions ON sessions.id = token.session_id
		WHERE sessions.revoked_at IS NOT NULL OR sessions.expires_at <= now()`)
	if len(ended) == 0 {
		return broken
	}
	ctx := context.WithoutCancel(t.Context()) // also in cleanups
	store, err := pgstore.Open(ctx, databaseURL, pgstore.Options{MaxConns: 1})
	if err != nil {
		t.Fatalf("opening a store: %v", err)
	}
	defer store.Close()
	for _, token := range ended {
		if token.isLive(ctx, store) {
			return append(broken, "a live token of an ended session")
		}
	}
	return broken
}

type endedToken struct {
	Hash              []byte
	SessionID, UserID string
}

// isLive reports whether the store accepts the token, or an access token of its session.
func (e endedToken) isLive(ctx context.Context, store domain.Store) bool {
	session, lockErr := store.LockSessionOfRefreshToken(ctx, [32]byte(e.Hash), [32]byte{})
	_, actorErr := store.GetActor(ctx, e.SessionID, e.UserID)
	return actorErr == nil || (lockErr == nil && session.IsLive)
}
