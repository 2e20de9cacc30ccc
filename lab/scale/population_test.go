//go:build scale

package scale_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/oklog/ulid/v2"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

// population is a database of accounts, each with a session that was refreshed once. One in 50 is
// inactive, one in 20 is logged out, ten are admins. Some first names are frequent, there are
// hundreds of thousands of last names, and most e-mails share one host.
type population struct {
	ctx       context.Context //nolint:containedctx // the benchmark's
	size      int
	url       string
	store     *pgstore.Store
	sessions  *domain.SessionService
	conn      *pgx.Conn
	emails    []string            // of the samples
	tokens    []auth.RefreshToken // of the samples' sessions
	positions map[string]*paging.Position

	mu         sync.Mutex
	statements map[string]bool // that the store has sent
}

// needleEmail is the e-mail of one account, and needleName the name of five.
const (
	needleEmail = "zacharias.quixwood@haystack.example"
	needleName  = "Zacharias Quixwood"
)

// fill contains the statements that fill the database. Names in :colons: are replaced, because not
// all of the statements accept parameters.
var fill = []string{
	`DROP INDEX users_search_idx`, // recreated afterwards, which is faster
	`INSERT INTO users (id, email, password_hash, name, role, is_active, created_at)
	SELECT
		lpad(n::text, 26, '0'),
		lower(first || '.' || last) || n || '@' || CASE WHEN h % 10 < 6 THEN 'mail' WHEN h % 10 < 9 THEN 'post' ELSE 'company' || h % 1000 END || '.example',
		':hash:',
		CASE WHEN n % 5 > 0 THEN first || ' ' || last END,
		CASE WHEN n % (:size: / 10) = 7 THEN 'admin' ELSE 'user' END,
		n % 50 > 0,
		now() - make_interval(mins => :size: - n)
	FROM (
		SELECT
			n, h, initcap(syllables[1 + (h >> 10 & 15) * (h >> 14 & 15) * 84 / 225] || syllables[1 + (h >> 18 & 31)]) AS first,
			initcap(syllables[1 + h % 85] || syllables[1 + h / 85 % 85] || syllables[1 + h / 7225 % 85]) AS last
		FROM
			(SELECT n, ('x' || substr(md5(n::text), 1, 7))::bit(28)::int AS h FROM generate_series(1, :size:) AS n) AS numbers,
			(
				SELECT array_agg(c || v ORDER BY v, c) AS syllables
				FROM unnest(string_to_array('b c d f g h j k l m n p r s t v w', ' ')) AS c, unnest(string_to_array('a e i o u', ' ')) AS v
			) AS words
	) AS people`,
	`UPDATE users SET name = '` + needleName + `' WHERE id IN (SELECT lpad(((:size: / 6 * n) | 1)::text, 26, '0') FROM generate_series(1, 5) AS n)`,
	`UPDATE users SET email = '` + needleEmail + `' WHERE id = lpad(((:size: / 3) | 1)::text, 26, '0')`,
	`UPDATE users SET name = 'Imported ' || id WHERE id <= lpad((:size: / 100)::text, 26, '0')`,
	`INSERT INTO sessions (id, user_id, expires_at, revoked_at, revoked_reason)
	SELECT id, id, now() + interval '30 days', CASE WHEN right(id, 2)::int % 20 = 0 THEN now() END, CASE WHEN right(id, 2)::int % 20 = 0 THEN 'test' END
	FROM users`,
	`INSERT INTO refresh_tokens (id, session_id, parent_id, generation, token_hash, expires_at, used_at) OVERRIDING SYSTEM VALUE
	SELECT 2 * id::int + generation, id, CASE generation WHEN 1 THEN 2 * id::int END, generation, sha256((id || generation)::bytea),
		now() + interval '7 days', CASE generation WHEN 0 THEN now() END
	FROM sessions, generate_series(0, 1) AS generation`,
	`SELECT setval(pg_get_serial_sequence('refresh_tokens', 'id'), 2 * :size: + 2)`,
	`:search index:`,
	`VACUUM (ANALYZE) users`, `VACUUM (ANALYZE) sessions`, `VACUUM (ANALYZE) refresh_tokens`,
}

func newPopulation(b *testing.B, size int) *population {
	b.Helper()
	p := &population{
		ctx: b.Context(), size: size, url: pgtest.URL(b), statements: map[string]bool{}, positions: map[string]*paging.Position{},
		emails: make([]string, samples), tokens: make([]auth.RefreshToken, samples),
	}
	searchIndex := pgtest.Value[string](b, p.url, "SELECT pg_get_indexdef('users_search_idx'::regclass)")
	replace := strings.NewReplacer(":size:", strconv.Itoa(size), ":hash:", pgtest.HashPassword(b, pgtest.Password), ":search index:", searchIndex)
	p.conn = pgtest.Connect(b, p.url)
	for _, sql := range append([]string{"SET maintenance_work_mem = '256MB'"}, fill...) {
		if _, err := p.conn.Exec(p.ctx, replace.Replace(sql)); err != nil {
			b.Fatalf("%s: %v", sql, err)
		}
	}
	p.store = pgtest.NewStore(b, p.url, pgstore.Options{OnQuery: func(_ context.Context, sql string, _ time.Duration, _ error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.statements[sql] = true
	}})
	p.sessions = newSessions(b, p.store)
	p.giveTokens(b, p.conn)
	return p
}

// newSessions returns the session service with cheap password hashes.
func newSessions(b *testing.B, store domain.Store) *domain.SessionService {
	b.Helper()
	keys, err := auth.NewSymmetricKeySet([]byte("0123456789abcdef0123456789abcdef"))
	must(b, err)
	accessTokens, err := auth.NewAccessTokens(auth.AccessTokenConfig{
		Keys: keys, Issuer: "test", Audience: "test", Lifetime: 15 * time.Minute, Now: time.Now,
	})
	must(b, err)
	hasher, err := auth.NewPasswordHasher(pgtest.PasswordParams(), auth.PasswordHasherOptions{})
	must(b, err)
	const day = 24 * time.Hour
	ids := idgen.New(time.Now, rand.Reader)
	audit := domain.NewAuditService(store, ids, time.Now, 0)
	throttles := domain.NewThrottleService(store, audit, rand.Reader, domain.ThrottleOptions{Off: true})
	return domain.NewSessionService(store, domain.NewPasswords(hasher, domain.PasswordOptions{AppName: "Plinth", MinLength: 15}), throttles, accessTokens, audit, ids,
		rand.Reader, domain.SessionOptions{
			Lifetime: 30 * day, RefreshTokenLifetime: 7 * day, RefreshGrace: 10 * time.Second, MaxPerUser: 20, Retention: 7 * day,
		})
}

// samples is the number of accounts that the operations choose from.
const samples = 5000

// giveTokens creates refresh tokens for the sessions of the samples, and reads their e-mails.
func (p *population) giveTokens(b *testing.B, conn *pgx.Conn) {
	b.Helper()
	batch := &pgx.Batch{}
	for i := range samples {
		token, err := auth.NewRefreshToken(rand.Reader)
		must(b, err)
		hash := token.Hash()
		batch.Queue("UPDATE refresh_tokens SET token_hash = $1 WHERE session_id = $2 AND generation = 1", hash[:], p.id(i))
		batch.Queue("SELECT email FROM users WHERE id = $1", p.id(i)).QueryRow(func(row pgx.Row) error { return row.Scan(&p.emails[i]) })
		p.tokens[i] = token
	}
	must(b, conn.SendBatch(p.ctx, batch).Close())
}

// id returns the id of a sample and of its session. Consecutive samples are not adjacent; all are
// active and logged in.
func (p *population) id(i int) string { return p.nth(1 + p.spread(i)) }

// victim returns the id of an account that is not a sample.
func (p *population) victim(i int) string { return p.nth(2 + p.spread(i)) }

func (p *population) spread(i int) int { return i * 7919 % samples * (p.size / samples) }

func (*population) nth(n int) string { return fmt.Sprintf("%026d", n) }

// newUser returns a new account with a frequent name.
func (*population) newUser(i int) domain.NewUser {
	name := "Bela Belodi"
	email := fmt.Sprintf("bela.belodi.%d.%s@mail.example", i, rand.Text()[:6])
	return domain.NewUser{ID: ulid.Make().String(), Email: email, PasswordHash: "$", Name: &name, Role: domain.RoleUser}
}

// position returns the position after the given share of all accounts.
func (p *population) position(sort domain.UserSort, share float64) *paging.Position {
	key := fmt.Sprint(sort, share)
	if p.positions[key] == nil {
		order := "created_at DESC, id DESC"
		if sort == domain.UsersByEmail {
			order = `lower(email COLLATE "C")`
		}
		at := &paging.Position{}
		err := p.conn.QueryRow(p.ctx, "SELECT created_at, id, email FROM users ORDER BY "+order+" OFFSET $1 LIMIT 1", int(float64(p.size)*share)).
			Scan(&at.Time, &at.ID, &at.Text)
		if err != nil {
			panic(err)
		}
		p.positions[key] = at
	}
	return p.positions[key]
}

// checkScans fails if PostgreSQL scans the table of users for a list, planned as the store plans
// it. A server process reports its scans when it exits.
func (p *population) checkScans(b *testing.B, name string, query domain.UserQuery) {
	b.Helper()
	const scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'users'"
	before := pgtest.Value[int](b, p.url, scans)
	application := "scale-" + rand.Text()
	store := pgtest.NewStore(b, p.url, pgstore.Options{MaxConns: 1, ApplicationName: application})
	query.Limit = 21
	_, err := store.ListUsers(p.ctx, query)
	must(b, err)
	store.Close()
	pgtest.Await(b, p.url, "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = $1", application)
	if after := pgtest.Value[int](b, p.url, scans); after > before {
		b.Errorf("%s scans the whole table", name)
	}
}

// isList matches queries that are planned for their arguments.
var isList = regexp.MustCompile("^-- name: (List|Find)Users")

// checkPlans fails if a generic plan of any other query of the store has a sequential scan.
func (p *population) checkPlans(b *testing.B) {
	b.Helper()
	_, err := p.conn.Exec(p.ctx, "SET plan_cache_mode = force_generic_plan")
	must(b, err)
	explained := 0
	for sql := range p.statements {
		if !strings.HasPrefix(sql, "-- name: ") || isList.MatchString(sql) {
			continue
		}
		explained++
		statement := fmt.Sprintf("statement_%d", explained)
		prepared, err := p.conn.Prepare(p.ctx, statement, sql)
		must(b, err)
		explain := "EXPLAIN EXECUTE " + statement
		if n := len(prepared.ParamOIDs); n > 0 {
			explain += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
		}
		rows, err := p.conn.Query(p.ctx, explain, pgx.QueryExecModeSimpleProtocol)
		must(b, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(b, err)
		if text := strings.Join(plan, "\n"); strings.Contains(text, "Seq Scan") {
			b.Errorf("%s\nis planned as\n%s", sql, text)
		}
	}
	if explained < 15 {
		b.Errorf("%d statements were checked, want at least 15", explained)
	}
}
